// Text written as XML. https://www.w3.org/TR/xml/#syntax
#pragma once

#include <string>
#include <string_view>

namespace heyi::base {

// Appends `text` as content or as the value of an attribute in double quotes. What XML 1.0 cannot carry (U+0001 and
// other controls, U+FFFE, U+FFFF, broken UTF-8) becomes U+FFFD, so that what is written is always well-formed.
void AppendXmlText(std::string& out, std::string_view text);
void AppendXmlAttribute(std::string& out, std::string_view text);

}  // namespace heyi::base
