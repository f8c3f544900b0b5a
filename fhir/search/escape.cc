// Escapes in query values: `,` separates alternatives, `|` and `$` parts of one; a backslash takes that from them.
// https://hl7.org/fhir/R4/search.html#escaping
#include "fhir/search/kinds.h"

namespace heyi::fhir {

std::vector<std::string_view> SplitEscaped(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == separator) {
      parts.push_back(text.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string Unescape(std::string_view text) {
  constexpr std::string_view kEscaped = ",|$\\";
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && kEscaped.find(text[at + 1]) != std::string_view::npos) ++at;
    out += text[at];
  }
  return out;
}

}  // namespace heyi::fhir
