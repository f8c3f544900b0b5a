#include "base/xml/escape.h"

#include "base/text.h"

namespace heyi::base {
namespace {

// Whether valid UTF-8 begins with a character that XML 1.0 cannot carry, not even as a reference.
bool IsForbidden(std::string_view rest) {
  const auto c = static_cast<unsigned char>(rest[0]);
  if (c < 0x20) return c != '\t' && c != '\n' && c != '\r';
  return c == 0xef && (rest.starts_with("\xef\xbf\xbe") || rest.starts_with("\xef\xbf\xbf"));
}

void AppendEscaped(std::string& out, std::string_view text, bool attribute) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  const bool valid = IsValidUtf8(text);
  size_t kept = 0;  // what comes before `kept` is written
  const auto replace = [&](size_t at, size_t size, std::string_view by) {
    out.append(text, kept, at - kept);
    out.append(by);
    kept = at + size;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '&': replace(i, 1, "&amp;"); continue;
      case '<': replace(i, 1, "&lt;"); continue;
      case '>': replace(i, 1, "&gt;"); continue;
      case '\r': replace(i, 1, "&#13;"); continue;  // a reader would make a line feed of it
      case '"': if (attribute) replace(i, 1, "&quot;"); continue;
      case '\n': if (attribute) replace(i, 1, "&#10;"); continue;
      case '\t': if (attribute) replace(i, 1, "&#9;"); continue;
      default: break;
    }
    if (!valid && static_cast<signed char>(c) < 0) {
      replace(i, 1, kReplacement);
    } else if (IsForbidden(text.substr(i))) {
      replace(i, c == '\xef' ? 3 : 1, kReplacement);
      i = kept - 1;
    }
  }
  out.append(text, kept);
}

}  // namespace

void AppendXmlText(std::string& out, std::string_view text) { AppendEscaped(out, text, false); }
void AppendXmlAttribute(std::string& out, std::string_view text) { AppendEscaped(out, text, true); }

}  // namespace heyi::base
