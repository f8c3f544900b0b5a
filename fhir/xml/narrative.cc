#include "fhir/xml/narrative.h"

#include <algorithm>

#include "base/text.h"
#include "base/xml/reader.h"
#include "fhir/xml/layout.h"

namespace heyi::fhir {
namespace {

// HTML 4.0, chapters 7 to 11 (but section 4 of chapter 9) and 15, links and images.
constexpr std::string_view kElements[] = {
    "a",    "abbr", "acronym", "b",   "big",  "blockquote", "br",      "caption", "cite",  "code", "col",  "colgroup",
    "dd",   "dfn",  "div",     "dl",  "dt",   "em",         "h1",      "h2",      "h3",    "h4",   "h5",   "h6",
    "hr",   "i",    "img",     "li",  "ol",   "p",          "pre",     "q",       "samp",  "small", "span", "strong",
    "sub",  "sup",  "table",   "tbody", "td", "tfoot",      "th",      "thead",   "tr",    "tt",   "ul",   "var",
    "kbd",  "bdo",  "address", "area", "map", "ins",        "del",     "u",       "s",     "strike", "font", "center"};
constexpr std::string_view kAttributes[] = {
    "abbr",   "accesskey", "align",  "alt",    "axis",   "bgcolor", "border", "cellhalign", "cellpadding", "cellspacing",
    "cellvalign", "char",  "charoff", "charset", "cite",  "class",   "colspan", "compact",  "coords",     "dir",
    "frame",  "headers",   "height", "href",   "hreflang", "hspace", "id",     "lang",      "longdesc",   "name",
    "nowrap", "rel",       "rev",    "rowspan", "rules",  "scope",   "shape",  "span",      "src",        "start",
    "style",  "summary",   "tabindex", "title", "type",   "valign",  "value",  "vspace",    "width",      "color",
    "face",   "size",      "clear",  "noshade", "usemap", "ismap",   "xmlns"};

template <size_t kSize>
bool IsOneOf(const std::string_view (&names)[kSize], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// A link or image source that would run something.
bool Runs(const base::XmlAttribute& attribute) {
  if (attribute.name != "href" && attribute.name != "src") return false;
  const std::string target = base::AsciiLower(base::Trim(attribute.value));
  return target.starts_with("javascript:") || target.starts_with("vbscript:");
}

class Checker : public base::XmlEvents {
 public:
  void StartElement(std::string_view ns, std::string_view name, std::span<const base::XmlAttribute> attributes,
                    size_t) override {
    good_ = good_ && (ns == kXhtmlNamespace || ns.empty()) && IsOneOf(kElements, name) && (depth_ > 0 || name == "div");
    for (const base::XmlAttribute& attribute : attributes) {
      const bool xml = attribute.ns == base::kXmlNamespace;
      good_ = good_ && (xml || (attribute.ns.empty() && IsOneOf(kAttributes, attribute.name) && !Runs(attribute)));
    }
    if (name == "img") says_something_ = true;
    ++depth_;
  }
  void EndElement(size_t) override { --depth_; }
  void Text(std::string_view text, size_t) override {
    if (text.find_first_not_of(" \t\r\n") != std::string_view::npos) says_something_ = true;
  }
  void Instruction(std::string_view, std::string_view, size_t) override { good_ = false; }
  bool good() const { return good_ && says_something_; }

 private:
  bool good_ = true;
  bool says_something_ = false;
  int depth_ = 0;
};

}  // namespace

bool IsNarrativeXhtml(std::string_view div) {
  Checker checker;
  return base::ReadXml(div, checker).ok() && checker.good();
}

}  // namespace heyi::fhir
