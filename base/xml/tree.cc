#include "base/xml/tree.h"

#include "base/text.h"

namespace heyi::base {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

class Builder : public XmlEvents {
 public:
  explicit Builder(XmlDocument& document) : document_(document) {}

  void StartElement(std::string_view ns, std::string_view name, std::span<const XmlAttribute> attributes, size_t begin) override {
    // Only the last child of an element is ever open, so what `open_` points at stays where it is.
    XmlNode& node = open_.empty() ? document_.root : open_.back()->children.emplace_back();
    node.ns = ns;
    node.name = name;
    node.begin = begin;
    node.attributes.reserve(attributes.size());
    for (const XmlAttribute& attribute : attributes) {
      node.attributes.push_back({std::string(attribute.ns), std::string(attribute.name), std::string(attribute.value)});
    }
    open_.push_back(&node);
  }
  void EndElement(size_t end) override {
    open_.back()->end = end;
    open_.pop_back();
  }
  void Text(std::string_view text, size_t begin) override {
    std::vector<XmlNode>& siblings = open_.back()->children;
    if (siblings.empty() || !siblings.back().is_text()) siblings.emplace_back().begin = begin;
    siblings.back().text += text;
  }
  void Instruction(std::string_view target, std::string_view, size_t) override { document_.instructions.emplace_back(target); }

 private:
  XmlDocument& document_;
  std::vector<XmlNode*> open_;
};

}  // namespace

std::string_view XmlNode::AttributeText(std::string_view attribute_name) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.ns.empty() && attribute.name == attribute_name) return attribute.value;
  }
  return {};
}

const XmlNode* XmlNode::Find(std::string_view child_ns, std::string_view child_name) const {
  for (const XmlNode& child : children) {
    if (child.name == child_name && child.ns == child_ns) return &child;
  }
  return nullptr;
}

std::string XmlNode::OwnText() const {
  std::string own;
  for (const XmlNode& child : children) {
    if (child.is_text()) own += child.text;
  }
  return std::string(Trim(own));
}

Result<XmlDocument> ParseXml(std::string_view text, const XmlLimits& limits) {
  XmlDocument document;
  Builder builder(document);
  HEYI_CHECK(ReadXml(text, builder, limits));
  return document;
}

size_t AttributeValueAt(std::string_view text, size_t begin, std::string_view name) {
  size_t at = text.find_first_of(" \t\r\n/>", begin);
  while (at != std::string_view::npos) {
    at = text.find_first_not_of(kBlanks, at);
    if (at == std::string_view::npos || text[at] == '>' || text[at] == '/') break;
    const size_t name_end = text.find_first_of("= \t\r\n", at);
    const size_t quote = text.find_first_of("'\"", at);
    if (name_end == std::string_view::npos || quote == std::string_view::npos) break;
    if (text.substr(at, name_end - at) == name) return quote + 1;
    at = text.find(text[quote], quote + 1);
    if (at != std::string_view::npos) ++at;
  }
  return begin;
}

}  // namespace heyi::base
