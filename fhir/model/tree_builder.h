// What the readers of JSON and XML share while they make a tree: slots hung below one another, issues at their places,
// and the rules that hold in either format.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/outcome.h"
#include "fhir/model/tree.h"

namespace heyi::fhir {

class TreeBuilder {
 protected:
  using Slot = Tree::Slot;

  TreeBuilder(Tree& tree, const Definitions& definitions, uint32_t issues_max)
      : tree_(tree), slots_(tree.slots_), source_(tree.source_), definitions_(definitions), issues_max_(issues_max) {}

  // A new slot as the last child of `parent`; kNoNode for the root. `text` is not copied.
  NodeIndex Hang(NodeIndex parent, NodeKind kind, std::string_view text) {
    const auto index = static_cast<NodeIndex>(slots_.size());
    Slot& slot = slots_.emplace_back();
    slot.kind = kind;
    if (kind != NodeKind::kObject && kind != NodeKind::kArray && kind != NodeKind::kNull) {
      slot.text = text.data();
      slot.text_size = static_cast<uint32_t>(text.size());
    }
    slot.parent = parent;
    if (parent != kNoNode) {
      Slot& above = slots_[parent];
      (above.last_child == kNoNode ? above.first_child : slots_[above.last_child].next) = index;
      above.last_child = index;
    }
    return index;
  }

  // A text that the tree keeps, where `source_` has no room for it.
  std::string_view Keep(std::string_view text) { return {tree_.Keep(text), text.size()}; }

  // After the most issues the rest of the document is not looked at.
  bool GivenUp() const { return outcome_.issues().size() >= issues_max_; }

  void Report(std::string_view rule, NodeIndex at, std::string_view detail = {}) {
    if (!GivenUp()) outcome_.Add(rule, ExpressionOf(Node(&tree_, at)), detail);
  }

  // Makes the object a resource of that type. False, after an issue, where there is no such type.
  bool BindResource(NodeIndex object, std::string_view type_name) {
    slots_[object].type = definitions_.FindResource(type_name);
    if (slots_[object].type == nullptr) Report("fhir.unknown-resource-type", object, type_name);
    return slots_[object].type != nullptr;
  }

  static bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

  static NodeKind KindOf(const Type& primitive) {
    switch (primitive.json) {
      case JsonKind::kString: return NodeKind::kString;
      case JsonKind::kNumber: return NodeKind::kNumber;
      case JsonKind::kBool: return NodeKind::kBool;
    }
    return NodeKind::kString;
  }
  static std::string_view NameOf(JsonKind kind) {
    switch (kind) {
      case JsonKind::kString: return "string";
      case JsonKind::kNumber: return "number";
      case JsonKind::kBool: return "boolean";
    }
    return "string";
  }

  Tree& tree_;
  std::vector<Slot>& slots_;
  std::unique_ptr<std::string>& source_;
  const Definitions& definitions_;
  const uint32_t issues_max_;
  base::Outcome outcome_;
};

}  // namespace heyi::fhir
