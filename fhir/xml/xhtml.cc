#include "fhir/xml/xhtml.h"

#include <algorithm>
#include <utility>

#include "base/xml/escape.h"
#include "fhir/xml/layout.h"

namespace heyi::fhir {
namespace {

// HTML's elements that never have content.
bool IsVoid(std::string_view name) {
  constexpr std::string_view kVoid[] = {"area", "br", "col", "hr", "img", "input", "link", "meta", "param"};
  return std::find(std::begin(kVoid), std::end(kVoid), name) != std::end(kVoid);
}

class DivEvents : public base::XmlEvents {
 public:
  void StartElement(std::string_view ns, std::string_view name, std::span<const base::XmlAttribute> attributes, size_t) override {
    good_ = good_ && (ns == kXhtmlNamespace || ns.empty()) && (text_.open() || name == "div") && text_.Start(name, attributes);
  }
  void EndElement(size_t) override {
    if (good_) text_.End();
  }
  void Text(std::string_view text, size_t) override {
    if (good_) text_.Text(text);
  }
  bool good() const { return good_; }
  std::string Take() { return text_.Take(); }

 private:
  bool good_ = true;
  XhtmlText text_;
};

}  // namespace

void XhtmlText::CloseStartTag() {
  if (in_start_tag_) out_ += '>';
  in_start_tag_ = false;
}

bool XhtmlText::Start(std::string_view name, std::span<const base::XmlAttribute> attributes) {
  for (const base::XmlAttribute& attribute : attributes) {
    if (!attribute.ns.empty() && attribute.ns != base::kXmlNamespace) return false;
  }
  CloseStartTag();
  out_.append("<").append(name);
  if (names_.empty()) out_.append(" xmlns=\"").append(kXhtmlNamespace).append("\"");
  for (const base::XmlAttribute& attribute : attributes) {
    out_.append(attribute.ns.empty() ? " " : " xml:").append(attribute.name).append("=\"");
    base::AppendXmlAttribute(out_, attribute.value);
    out_ += '"';
  }
  in_start_tag_ = true;
  names_.emplace_back(name);
  return true;
}

void XhtmlText::End() {
  if (in_start_tag_ && IsVoid(names_.back())) {
    out_ += "/>";
    in_start_tag_ = false;
  } else {
    CloseStartTag();
    out_.append("</").append(names_.back()).append(">");
  }
  names_.pop_back();
}

void XhtmlText::Text(std::string_view text) {
  CloseStartTag();
  base::AppendXmlText(out_, text);
}

std::string XhtmlText::Take() { return std::exchange(out_, {}); }

std::optional<std::string> CanonicalXhtml(std::string_view div) {
  DivEvents events;
  if (!base::ReadXml(div, events).ok() || !events.good()) return std::nullopt;
  return events.Take();
}

}  // namespace heyi::fhir
