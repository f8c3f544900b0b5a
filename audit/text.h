// Text that clients had a hand in, on its way into an event or a report.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"

namespace heyi::audit {

// One line of valid UTF-8, trimmed: control characters and, where the text is not UTF-8, all but ASCII become '?'.
inline std::string SingleLine(std::string_view text) {
  const bool valid = base::IsValidUtf8(text);
  std::string line;
  line.reserve(text.size());
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < 0x20 || byte == 0x7f || (!valid && byte >= 0x80) ? '?' : c;
  }
  return std::string(base::Trim(line));
}

}  // namespace heyi::audit
