#include "fhir/model/tree.h"

#include <algorithm>

namespace heyi::fhir {
namespace {

// The JSON name of a member, compared without building it.
bool IsNamed(const Tree::Slot& slot, std::string_view json_name) {
  if (slot.is_resource_type) return json_name == "resourceType";
  if (slot.property == nullptr) return false;
  if (!slot.underscore) return slot.property->name == json_name;
  return json_name.starts_with('_') && slot.property->name == json_name.substr(1);
}

const Property* ResourceProperty(const Type& type) {
  for (const Property& property : type.properties) {
    if (property.type->kind == Type::Kind::kAbstractResource) return &property;
  }
  return nullptr;
}

Tree::Slot MakeSlot(const Property* property, bool underscore, NodeKind kind) {
  Tree::Slot slot;
  slot.property = property;
  slot.type = property->type;
  slot.underscore = underscore;
  slot.kind = kind;
  return slot;
}

}  // namespace

Node Node::Member(std::string_view json_name) const {
  for (Node child = first_child(); child; child = child.next()) {
    if (IsNamed(tree_->slot(child.index_), json_name)) return child;
  }
  return {};
}

size_t Node::ChildCount() const {
  size_t count = 0;
  for (Node child = first_child(); child; child = child.next()) ++count;
  return count;
}

Node Node::Child(size_t position) const {
  Node child = first_child();
  for (; child && position > 0; --position) child = child.next();
  return child;
}

NodeIndex Tree::Append(NodeIndex parent, Slot slot) {
  const auto index = static_cast<NodeIndex>(slots_.size());
  slot.parent = parent;
  slots_.push_back(slot);
  if (parent == kNoNode) return index;
  Slot& above = slots_[parent];
  (above.last_child == kNoNode ? above.first_child : slots_[above.last_child].next) = index;
  above.last_child = index;
  return index;
}

const char* Tree::Keep(std::string_view text) {
  extra_.emplace_front(text);
  return extra_.front().data();
}

void Tree::SetText(NodeIndex node, std::string_view text) {
  const char* kept = Keep(text);
  slots_[node].text = kept;
  slots_[node].text_size = static_cast<uint32_t>(text.size());
}

void Tree::SetRoot(const Type* resource_type) {
  slots_.clear();
  extra_.clear();
  source_.reset();
  Slot root;
  root.kind = NodeKind::kObject;
  root.type = resource_type;
  Append(kNoNode, root);
  Slot name;
  name.kind = NodeKind::kString;
  name.is_resource_type = true;
  SetText(Append(0, name), resource_type->name);
}

NodeIndex Tree::AddMember(NodeIndex object, std::string_view name, NodeKind kind, std::string_view text) {
  const Type* type = slots_[object].type;
  const bool underscore = name.starts_with('_');
  const Property* property = type == nullptr ? nullptr : type->Find(name.substr(underscore ? 1 : 0));
  if (property == nullptr || (underscore && !property->type->is_primitive())) return kNoNode;
  const NodeIndex added = Append(object, MakeSlot(property, underscore, kind));
  if (!text.empty()) SetText(added, text);
  return added;
}

NodeIndex Tree::AddItem(NodeIndex array, NodeKind kind, std::string_view text) {
  Slot slot = MakeSlot(slots_[array].property, slots_[array].underscore, kind);
  if (kind == NodeKind::kNull) slot.type = nullptr;
  const NodeIndex added = Append(array, slot);
  if (!text.empty()) SetText(added, text);
  return added;
}

NodeIndex Tree::InsertEarlyMember(NodeIndex object, std::string_view name, NodeKind kind, std::string_view text) {
  NodeIndex after = kNoNode;
  for (NodeIndex child = slots_[object].first_child; child != kNoNode; child = slots_[child].next) {
    if (IsNamed(slots_[child], "id")) {
      after = child;
      break;
    }
    if (slots_[child].is_resource_type) after = child;
  }
  const NodeIndex last_before = slots_[object].last_child;
  const NodeIndex added = AddMember(object, name, kind, text);
  if (added == kNoNode || last_before == after) return added;
  // Unhook it from the end, hook it in behind `after`.
  slots_[last_before].next = kNoNode;
  slots_[object].last_child = last_before;
  Hang(object, added, after);
  return added;
}

void Tree::Hang(NodeIndex parent, NodeIndex loose, NodeIndex after) {
  Slot& above = slots_[parent];
  NodeIndex& link = after == kNoNode ? above.first_child : slots_[after].next;
  slots_[loose].parent = parent;
  slots_[loose].next = link;
  if (link == kNoNode) above.last_child = loose;
  link = loose;
}

NodeIndex Tree::MakeLoose(const Property& property, bool underscore, NodeKind kind) {
  Slot slot = MakeSlot(&property, underscore, kind);
  if (kind == NodeKind::kNull) slot.type = nullptr;
  return Append(kNoNode, slot);
}

NodeIndex Tree::CopyLoose(const Property& property, bool underscore, Node from) {
  Slot slot = MakeSlot(&property, underscore, from.kind());
  if (from.kind() == NodeKind::kObject && from.type() != nullptr) slot.type = from.type();  // its members are bound to it
  const bool has_text = from.tree()->slot(from.index()).text != nullptr;
  const std::string text(from.text());
  const NodeIndex added = Append(kNoNode, slot);
  if (has_text) SetText(added, text);
  CopyChildren(added, from);
  return added;
}

void Tree::RemoveMember(NodeIndex object, NodeIndex child) {
  NodeIndex before = kNoNode;
  for (NodeIndex at = slots_[object].first_child; at != child; at = slots_[at].next) {
    if (at == kNoNode) return;
    before = at;
  }
  (before == kNoNode ? slots_[object].first_child : slots_[before].next) = slots_[child].next;
  if (slots_[object].last_child == child) slots_[object].last_child = before;
  slots_[child].next = kNoNode;
  slots_[child].parent = kNoNode;
}

NodeIndex Tree::AppendCopy(NodeIndex parent, Node from) {
  Slot slot = from.tree()->slot(from.index());
  const Slot& above = slots_[parent];
  if (above.kind == NodeKind::kArray) {
    slot.property = above.property;
    slot.underscore = above.underscore;
  } else if (!slot.is_resource_type) {
    if (above.type == nullptr) return kNoNode;
    const Property* same = slot.property == nullptr ? nullptr : above.type->Find(slot.property->name);
    if (same == nullptr && slot.type != nullptr && slot.type->is_resource()) same = ResourceProperty(*above.type);
    if (same == nullptr) return kNoNode;
    slot.property = same;
  }
  slot.first_child = slot.last_child = slot.next = kNoNode;
  const std::string text(from.text());
  const NodeIndex added = Append(parent, slot);
  if (slot.text != nullptr) SetText(added, text);
  CopyChildren(added, from);
  return added;
}

Tree Tree::CopyOf(Node node) {
  Tree copy;
  Slot root = node.tree()->slot(node.index());
  root.property = nullptr;
  root.first_child = root.last_child = root.next = kNoNode;
  copy.Append(kNoNode, root);
  copy.CopyChildren(0, node);
  return copy;
}

Tree Tree::Clone() const { return slots_.empty() ? Tree() : CopyOf(root()); }

// Walks the source in document order twice: for the room its texts need, which then lie in one string; and to copy.
// `from` may lie in this tree, as long as `to` does not lie in it.
void Tree::CopyChildren(NodeIndex to, Node from) {
  const Tree& source = *from.tree();
  const auto walk = [&source, top = from.index()](auto&& enter, auto&& leave) {
    NodeIndex at = source.slots_[top].first_child;
    while (at != kNoNode) {
      enter(at);
      if (source.slots_[at].first_child != kNoNode) {
        at = source.slots_[at].first_child;
        continue;
      }
      while (source.slots_[at].next == kNoNode) {
        at = source.slots_[at].parent;
        if (at == top) return;
        leave();
      }
      at = source.slots_[at].next;
    }
  };
  size_t count = 0;
  size_t bytes = 0;
  walk([&](NodeIndex at) { ++count; bytes += source.slots_[at].text_size; }, [] {});
  slots_.reserve(slots_.size() + count);
  extra_.emplace_front();
  std::string& texts = extra_.front();
  texts.reserve(bytes);
  NodeIndex parent = to;
  walk(
      [&](NodeIndex at) {
        Slot slot = source.slots_[at];
        const bool opens = slot.first_child != kNoNode;
        if (slot.text != nullptr) {
          const char* kept = texts.data() + texts.size();
          texts.append(slot.text, slot.text_size);
          slot.text = kept;
        }
        slot.first_child = slot.last_child = slot.next = kNoNode;
        const NodeIndex added = Append(parent, slot);
        if (opens) parent = added;
      },
      [&] { parent = slots_[parent].parent; });
}

NodeIndex Tree::Ensure(NodeIndex object, std::string_view name) {
  if (const Node there = Node(this, object).Member(name)) return there.index();
  const Type* type = slots_[object].type;
  const bool underscore = name.starts_with('_');
  const Property* property = type == nullptr ? nullptr : type->Find(name.substr(underscore ? 1 : 0));
  if (property == nullptr) return kNoNode;
  NodeKind kind = NodeKind::kObject;
  if (property->element->list) {
    kind = NodeKind::kArray;
  } else if (property->type->is_primitive() && !underscore) {
    kind = property->type->json == JsonKind::kString   ? NodeKind::kString
           : property->type->json == JsonKind::kNumber ? NodeKind::kNumber
                                                       : NodeKind::kBool;
  }
  return AddMember(object, name, kind);
}

std::string ExpressionOf(Node node) {
  std::vector<Node> steps;
  for (; node; node = node.parent()) steps.push_back(node);
  if (steps.empty()) return {};
  std::string expression(steps.back().type() == nullptr ? std::string_view() : steps.back().type()->name);
  for (size_t i = steps.size() - 1; i-- > 0;) {
    const Node step = steps[i];
    const Node above = steps[i + 1];
    if (above.is_array()) {
      size_t position = 0;
      for (Node item = above.first_child(); item && !(item == step); item = item.next()) ++position;
      expression += '[';
      expression += std::to_string(position);
      expression += ']';
    } else if (step.property() != nullptr) {
      if (!expression.empty()) expression += '.';
      expression += step.property()->element->name;
    }
  }
  return expression;
}

}  // namespace heyi::fhir
