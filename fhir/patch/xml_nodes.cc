#include "fhir/patch/xml_nodes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/xml/escape.h"
#include "base/xml/reader.h"

namespace heyi::fhir {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using NodeForm = PatchNode::Kind;

class Builder : public base::XmlEvents {
 public:
  Builder(PatchNode& document, uint64_t nodes_max) : nodes_max_(nodes_max), open_{&document} {}

  bool too_many() const { return nodes_ > nodes_max_; }

  void Declaration(std::string_view prefix, std::string_view ns) override {
    if (Count(1)) declarations_.push_back({std::string(prefix), std::string(ns)});
  }
  void StartElement(std::string_view ns, std::string_view name, std::span<const base::XmlAttribute> attributes, size_t) override {
    if (!Count(1 + attributes.size())) return;
    // Only the last child of an element is ever open, so what `open_` points at stays where it is.
    PatchNode& node = Add(NodeForm::kElement);
    node.ns = ns;
    node.name = name;
    node.declarations = std::exchange(declarations_, {});
    for (const base::XmlAttribute& attribute : attributes) {
      node.attributes.push_back({std::string(attribute.ns), std::string(attribute.name), std::string(attribute.value)});
    }
    open_.push_back(&node);
  }
  void EndElement(size_t) override {
    if (!too_many()) open_.pop_back();
  }
  void Text(std::string_view text, size_t) override {
    std::vector<PatchNode>& siblings = open_.back()->children;
    const bool goes_on = !siblings.empty() && siblings.back().is_text();
    if (text.empty() || !Count(goes_on ? 0 : 1)) return;
    (goes_on ? siblings.back() : Add(NodeForm::kText)).text += text;
  }
  void Instruction(std::string_view target, std::string_view data, size_t) override {
    if (!Count(1)) return;
    PatchNode& node = Add(NodeForm::kInstruction);
    node.name = target;
    node.text = data;
  }
  void Comment(std::string_view text, size_t) override {
    if (Count(1)) Add(NodeForm::kComment).text = text;
  }

 private:
  // False once there are too many: nothing is kept from then on.
  bool Count(uint64_t nodes) {
    nodes_ += nodes;
    return !too_many();
  }
  PatchNode& Add(NodeForm kind) {
    PatchNode& node = open_.back()->children.emplace_back();
    node.kind = kind;
    return node;
  }

  const uint64_t nodes_max_;
  uint64_t nodes_ = 0;
  std::vector<PatchNode*> open_;
  std::vector<PatchNode::Declaration> declarations_;  // of the element that comes next
};

// Recursion here and in SizeOf is on a tree that is no deeper than PatchLimits::depth_max.
class Writer {
 public:
  explicit Writer(PatchWork& work) : work_(work) {}

  std::optional<std::string> Write(const PatchNode& document) {
    for (const PatchNode& child : document.children) Node(child);
    if (given_up_) return std::nullopt;
    return std::move(out_);
  }

 private:
  void Node(const PatchNode& node) {
    if (given_up_) return;
    switch (node.kind) {
      case NodeForm::kText: return base::AppendXmlText(out_, node.text);
      case NodeForm::kComment: out_.append("<!--").append(node.text).append("-->"); return;
      case NodeForm::kInstruction: out_.append("<?").append(node.name).append(node.text.empty() ? "" : " ").append(node.text).append("?>"); return;
      default: return Element(node);
    }
  }

  void Element(const PatchNode& node) {
    const size_t outside = scope_.size();
    std::string start;
    for (const PatchNode::Declaration& declaration : node.declarations) Declare(declaration.prefix, declaration.ns, start);
    const std::string name = ElementName(node, outside, start);
    for (const PatchNode::Attribute& attribute : node.attributes) {
      const std::string prefix = AttributePrefix(attribute.ns, start);
      AddAttribute(prefix.empty() ? attribute.name : prefix + ':' + attribute.name, attribute.value, start);
    }
    out_.append("<").append(name).append(start);
    if (node.children.empty()) {
      out_ += "/>";
    } else {
      out_ += '>';
      for (const PatchNode& child : node.children) Node(child);
      out_.append("</").append(name).append(">");
    }
    scope_.resize(outside);
  }

  std::string ElementName(const PatchNode& node, size_t outside, std::string& start) {
    if (NamespaceOf("") == node.ns) return node.name;
    if (const std::string* prefix = PrefixOf(node.ns)) return *prefix + ':' + node.name;
    const bool declares_default = std::any_of(scope_.begin() + static_cast<std::ptrdiff_t>(outside), scope_.end(),
                                              [](const auto& declaration) { return declaration.prefix.empty(); });
    if (declares_default && !node.ns.empty()) return NewPrefix(node.ns, start) + ':' + node.name;
    Declare("", node.ns, start);
    return node.name;
  }

  std::string AttributePrefix(const std::string& ns, std::string& start) {
    if (ns.empty()) return {};
    if (ns == base::kXmlNamespace) return "xml";
    const std::string* prefix = PrefixOf(ns);
    return prefix != nullptr ? *prefix : NewPrefix(ns, start);
  }

  std::string NewPrefix(const std::string& ns, std::string& start) {
    std::string prefix;
    for (size_t i = scope_.size(); prefix.empty() || !NamespaceOf(prefix).empty(); ++i) prefix = fmt::format("ns{}", i);
    Declare(prefix, ns, start);
    return prefix;
  }

  void Declare(const std::string& prefix, const std::string& ns, std::string& start) {
    AddAttribute(prefix.empty() ? "xmlns" : "xmlns:" + prefix, ns, start);
    scope_.push_back({prefix, ns});
  }

  static void AddAttribute(std::string_view name, std::string_view value, std::string& start) {
    start.append(" ").append(name).append("=\"");
    base::AppendXmlAttribute(start, value);
    start += '"';
  }

  // Many elements below many declarations would take long.
  std::string_view NamespaceOf(std::string_view prefix) {
    given_up_ = given_up_ || !work_.Spend(1 + scope_.size());
    if (given_up_) return {};
    const auto found = std::find_if(scope_.rbegin(), scope_.rend(), [&](const auto& one) { return one.prefix == prefix; });
    return found == scope_.rend() ? std::string_view() : found->ns;
  }

  // A prefix that stands for `ns` here; null where there is none.
  const std::string* PrefixOf(std::string_view ns) {
    for (auto one = scope_.rbegin(); one != scope_.rend(); ++one) {
      if (one->ns == ns && !one->prefix.empty() && NamespaceOf(one->prefix) == ns) return &one->prefix;
    }
    return nullptr;
  }

  PatchWork& work_;
  std::string out_;
  std::vector<PatchNode::Declaration> scope_;
  bool given_up_ = false;
};

}  // namespace

bool PatchNode::is_blank_text() const { return is_text() && text.find_first_not_of(" \t\r\n") == std::string::npos; }

Result<PatchNode> ReadPatchNodes(std::string_view text, const PatchLimits& limits) {
  if (text.size() > limits.result_bytes_max) {
    return Error(ErrorKind::kTooLarge, "patch.too-costly", {}, fmt::format("more than {} bytes", limits.result_bytes_max));
  }
  base::XmlLimits bounds;
  bounds.depth_max = std::min(bounds.depth_max, limits.depth_max);
  PatchNode document;
  Builder builder(document, limits.xml_nodes_max);
  HEYI_CHECK(base::ReadXml(text, builder, bounds));
  if (builder.too_many()) {
    return Error(ErrorKind::kTooLarge, "patch.too-costly", {}, fmt::format("more than {} nodes", limits.xml_nodes_max));
  }
  return document;
}

std::optional<std::string> WritePatchNodes(const PatchNode& document, PatchWork& work) { return Writer(work).Write(document); }

PatchNodeSize SizeOf(const PatchNode& node) {
  PatchNodeSize size{1 + node.attributes.size() + node.declarations.size(), 2 * node.name.size() + node.text.size() + 8, 0};
  for (const PatchNode::Attribute& attribute : node.attributes) size.bytes += attribute.name.size() + attribute.value.size() + 4;
  for (const PatchNode::Declaration& declaration : node.declarations) size.bytes += declaration.ns.size() + 12;
  for (const PatchNode& child : node.children) {
    const PatchNodeSize inside = SizeOf(child);
    size.nodes += inside.nodes;
    size.bytes += inside.bytes;
    size.depth = std::max(size.depth, inside.depth);
  }
  if (node.is_element()) ++size.depth;
  return size;
}

void JoinTexts(std::vector<PatchNode>& children) {
  size_t kept = 0;
  for (size_t i = 0; i < children.size(); ++i) {
    if (children[i].is_text() && children[i].text.empty()) continue;
    if (kept > 0 && children[i].is_text() && children[kept - 1].is_text()) {
      children[kept - 1].text += children[i].text;
      continue;
    }
    if (kept != i) children[kept] = std::move(children[i]);
    ++kept;
  }
  children.resize(kept);
}

}  // namespace heyi::fhir
