#include "cli/corpora/xml_reader.h"

#include <charconv>

#include "base/text.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::Result;

constexpr int kDepthMax = 64;
constexpr std::string_view kSpace = " \t\r\n";

bool EndsName(char c) { return kSpace.find(c) != std::string_view::npos || c == '=' || c == '>' || c == '/'; }

void AppendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// The character of "amp", "#65", "#x41"; false where there is none.
bool AppendReference(std::string& out, std::string_view name) {
  constexpr std::pair<std::string_view, char> kNamed[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [word, c] : kNamed) {
    if (word != name) continue;
    out += c;
    return true;
  }
  if (name.size() < 2 || name[0] != '#') return false;
  const bool hex = name[1] == 'x';
  name.remove_prefix(hex ? 2 : 1);
  uint32_t code = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
  if (failed != std::errc() || end != name.data() + name.size() || code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  AppendUtf8(out, code);
  return true;
}

class XmlReader {
 public:
  explicit XmlReader(std::string_view xml) : xml_(xml) {}

  Result<XmlElement> Document() {
    if (xml_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    HEYI_CHECK(SkipToTag());
    HEYI_TRY(root, Element(0));
    HEYI_CHECK(SkipToTag());
    if (at_ < xml_.size()) return XmlError("more than one root");
    return std::move(root);
  }

 private:
  bool At(std::string_view text) const { return xml_.substr(at_).starts_with(text); }

  // Past `end`, wherever it comes next.
  Result<Done> SkipPast(std::string_view end) {
    const size_t found = xml_.find(end, at_);
    if (found == std::string_view::npos) return XmlError("ends early");
    at_ = found + end.size();
    return Done{};
  }

  // To the next `<` of a start or end tag, past text, comments and instructions; to the end of the text where none comes.
  Result<Done> SkipToTag() {
    for (;;) {
      at_ = std::min(xml_.find('<', at_), xml_.size());
      if (at_ == xml_.size()) return Done{};
      if (At("<!--")) {
        HEYI_CHECK(SkipPast("-->"));
      } else if (At("<?")) {
        HEYI_CHECK(SkipPast("?>"));
      } else if (At("<![CDATA[")) {
        HEYI_CHECK(SkipPast("]]>"));
      } else if (At("<!")) {
        return XmlError("a DOCTYPE");
      } else {
        return Done{};
      }
    }
  }

  std::string_view Name() {
    const size_t begin = at_;
    while (at_ < xml_.size() && !EndsName(xml_[at_])) ++at_;
    return xml_.substr(begin, at_ - begin);
  }

  void SkipSpace() { at_ = std::min(xml_.find_first_not_of(kSpace, at_), xml_.size()); }

  Result<Done> Attributes(XmlElement& element) {
    for (;;) {
      SkipSpace();
      if (at_ == xml_.size()) return XmlError("ends in a tag");
      if (xml_[at_] == '>' || xml_[at_] == '/') return Done{};
      const std::string_view name = Name();
      SkipSpace();
      if (name.empty() || !At("=")) return XmlError("an attribute without value");
      ++at_;
      SkipSpace();
      if (!At("\"") && !At("'")) return XmlError("an attribute without quotes");
      const char quote = xml_[at_++];
      const size_t end = xml_.find(quote, at_);
      if (end == std::string_view::npos) return XmlError("an attribute without end");
      HEYI_TRY(value, Unescaped(xml_.substr(at_, end - at_)));
      at_ = end + 1;
      if (name.find(':') == std::string_view::npos && name != "xmlns") element.attributes.emplace_back(name, std::move(value));
    }
  }

  static Result<std::string> Unescaped(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '&') {
        out += kSpace.find(text[i]) == std::string_view::npos ? text[i] : ' ';
        continue;
      }
      const size_t end = text.find(';', i);
      if (end == std::string_view::npos || !AppendReference(out, text.substr(i + 1, end - i - 1))) return XmlError("an unknown reference");
      i = end;
    }
    return out;
  }

  Result<XmlElement> Element(int depth) {
    if (depth == kDepthMax) return XmlError("nested too deep");
    if (at_ == xml_.size()) return XmlError("no element");
    const size_t begin = at_++;
    XmlElement element;
    const std::string_view full_name = Name();
    element.name = full_name.substr(full_name.find(':') + 1);  // npos + 1 is 0
    if (element.name.empty()) return XmlError("an element without name");
    HEYI_CHECK(Attributes(element));
    if (At("/")) {
      if (!At("/>")) return XmlError("a broken tag");
      at_ += 2;
      element.source = xml_.substr(begin, at_ - begin);
      return element;
    }
    ++at_;
    for (;;) {
      HEYI_CHECK(SkipToTag());
      if (at_ == xml_.size()) return XmlError("an element without end");
      if (At("</")) break;
      HEYI_TRY(child, Element(depth + 1));
      element.children.push_back(std::move(child));
    }
    at_ += 2;
    if (Name() != full_name) return XmlError("an end tag that ends another element");
    HEYI_CHECK(SkipPast(">"));
    element.source = xml_.substr(begin, at_ - begin);
    return element;
  }

  const std::string_view xml_;
  size_t at_ = 0;
};

}  // namespace

base::Error XmlError(std::string_view why) { return base::Error(base::ErrorKind::kMalformed, "corpora.xml", {}, why); }

const std::string* XmlElement::Attribute(std::string_view wanted) const {
  for (const auto& [attribute, value] : attributes) {
    if (attribute == wanted) return &value;
  }
  return nullptr;
}

Result<XmlElement> ReadXml(std::string_view xml) {
  if (!base::IsValidUtf8(xml)) return XmlError("not UTF-8");
  return XmlReader(xml).Document();
}

}  // namespace heyi::cli
