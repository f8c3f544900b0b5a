// A section's narrative block as plain text, and plain text as XHTML that is safe to show: nothing of the sender's own
// markup is passed on, so no script, link or style can come with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/xml/tree.h"

namespace heyi::adapters {

// One line a paragraph, item or table row, cells parted by " | "; without blank lines. At most kCdaNarrativeBytesMax.
std::vector<std::string> NarrativeLines(const base::XmlNode& text);

// <div xmlns="http://www.w3.org/1999/xhtml"><p>…</p></div>; empty where there are no lines.
std::string NarrativeDiv(const std::vector<std::string>& lines);

}  // namespace heyi::adapters
