#include "fhir/patch/element_list.h"

#include <algorithm>

namespace heyi::fhir {
namespace {

Node MemberOf(const Tree& tree, NodeIndex object, const Property& property, bool underscore) {
  for (Node child = Node(&tree, object).first_child(); child; child = child.next()) {
    if (child.property() == &property && child.underscore() == underscore) return child;
  }
  return {};
}

NodeIndex Before(const Tree& tree, NodeIndex object, NodeIndex child) {
  NodeIndex before = kNoNode;
  for (NodeIndex at = tree.slot(object).first_child; at != child && at != kNoNode; at = tree.slot(at).next) before = at;
  return before;
}

bool IsThere(Node node) { return node && node.kind() != NodeKind::kNull; }

// One of the two lists of a repeating element: all values, or all `_` siblings, with nulls where there is none.
void SetList(Tree& tree, NodeIndex object, const Property& property, bool underscore,
             const std::vector<ElementItem>& items) {
  const auto half = [underscore](const ElementItem& item) { return underscore ? item.underscore : item.value; };
  const Node there = MemberOf(tree, object, property, underscore);
  if (std::all_of(items.begin(), items.end(), [&](const ElementItem& item) { return half(item) == kNoNode; })) {
    if (there) tree.RemoveMember(object, there.index());
    return;
  }
  NodeIndex list = there ? there.index() : kNoNode;
  if (list == kNoNode) {
    list = tree.MakeLoose(property, underscore, NodeKind::kArray);
    tree.Hang(object, list, tree.slot(object).last_child);
  }
  while (tree.slot(list).first_child != kNoNode) tree.RemoveMember(list, tree.slot(list).first_child);
  for (const ElementItem& item : items) {
    const NodeIndex child = half(item) == kNoNode ? tree.MakeLoose(property, underscore, NodeKind::kNull) : half(item);
    tree.Hang(list, child, tree.slot(list).last_child);
  }
}

void SetSingle(Tree& tree, NodeIndex object, const Property& property, bool underscore, NodeIndex wanted) {
  NodeIndex after = tree.slot(object).last_child;
  if (const Node there = MemberOf(tree, object, property, underscore)) {
    if (there.index() == wanted) return;
    after = Before(tree, object, there.index());
    tree.RemoveMember(object, there.index());
  }
  if (wanted != kNoNode) tree.Hang(object, wanted, after);
}

}  // namespace

std::optional<ElementPlace> PlaceOf(Node node) {
  const Node above = node.parent();
  if (!above || node.property() == nullptr) return std::nullopt;
  ElementPlace place{above.index(), node.property(), 0};
  if (above.is_array()) {
    for (Node item = above.first_child(); item && !(item == node); item = item.next()) ++place.index;
    place.object = above.parent().index();
  }
  return place;
}

std::vector<ElementItem> ItemsOf(const Tree& tree, NodeIndex object, const Property& property) {
  std::vector<ElementItem> items;
  Node value = MemberOf(tree, object, property, false);
  Node underscore = property.type->is_primitive() ? MemberOf(tree, object, property, true) : Node();
  const bool list = property.element->list;
  if (list && value) value = value.first_child();
  if (list && underscore) underscore = underscore.first_child();
  while (value || underscore) {
    items.push_back({IsThere(value) ? value.index() : kNoNode, IsThere(underscore) ? underscore.index() : kNoNode});
    if (!list) break;
    if (value) value = value.next();
    if (underscore) underscore = underscore.next();
  }
  return items;
}

void SetItems(Tree& tree, NodeIndex object, const Property& property, const std::vector<ElementItem>& items) {
  const bool primitive = property.type->is_primitive();
  if (property.element->list) {
    SetList(tree, object, property, false, items);
    if (primitive) SetList(tree, object, property, true, items);
    return;
  }
  const ElementItem item = items.empty() ? ElementItem{} : items.front();
  SetSingle(tree, object, property, false, item.value);
  if (primitive) SetSingle(tree, object, property, true, item.underscore);
}

}  // namespace heyi::fhir
