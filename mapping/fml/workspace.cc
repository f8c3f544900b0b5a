#include "mapping/fml/workspace.h"

#include "fhir/path/value.h"
#include "mapping/fml/convert.h"

namespace heyi::mapping {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;
using fhir::kNoNode;
using fhir::Node;
using fhir::NodeIndex;
using fhir::NodeKind;
using Mode = StructureMap::TargetListMode;

NodeIndex FmlWorkspace::NewSlot(const fhir::Property* property, const fhir::Type* type, NodeKind kind) {
  const NodeIndex node = Hang(kNoNode, kind, {});
  slots_[node].property = property;
  slots_[node].type = Known(type);
  return node;
}

NodeIndex FmlWorkspace::MakeObject(const fhir::Type* type, bool root) {
  const NodeIndex object = NewSlot(nullptr, type, NodeKind::kObject);
  // An open type has no members that it knows; its nodes are named all the same.
  if (root || (type != nullptr && type->is_resource())) {
    if (type != nullptr) {
      const NodeIndex name = Hang(object, NodeKind::kString, Keep(type->name));
      slots_[name].is_resource_type = true;
    }
  }
  if (root) roots_.insert(object);
  return object;
}

NodeIndex FmlWorkspace::MakeScalar(const fhir::Type* type, NodeKind kind, std::string_view text) {
  const NodeIndex node = NewSlot(nullptr, type, NodeKind::kNull);
  if (!text.empty()) SetScalar(node, kind, text);
  return node;
}

void FmlWorkspace::SetScalar(NodeIndex node, NodeKind kind, std::string_view text) {
  slots_[node].kind = kind;
  tree_.SetText(node, text);
}

std::optional<NodeIndex> FmlWorkspace::CopyOf(Node from, const fhir::Property& property, std::string* missing) {
  const fhir::Type* type = from.type();
  const bool open = models_.IsOpen(property.type);
  if (!from.is_object()) return CopyScalar(from, property, missing);
  const bool fits = !models_.IsOpen(type) && (open || property.type->kind == fhir::Type::Kind::kAbstractResource ||
      type->IsA(property.type->name));
  // All parts of R4's own are bound to definitions that outlive all.
  if (fits && !models_.IsOwn(type)) return tree_.CopyLoose(property, false, from);
  if (!open && property.type->is_primitive()) {
    *missing = property.name;
    return std::nullopt;
  }
  const NodeIndex object = NewSlot(&property, fits || open ? type : property.type, NodeKind::kObject);
  if (!CopyMembers(object, from, missing)) return std::nullopt;
  return object;
}

std::optional<NodeIndex> FmlWorkspace::CopyScalar(Node from, const fhir::Property& property, std::string* missing) {
  NodeKind kind = from.kind();
  std::string text(from.text());
  if (!models_.IsOpen(property.type) && kind != NodeKind::kNull) {
    const fhir::PathValue value = fhir::PathValue::OfNode(from);
    const auto converted = property.type->is_primitive()
        ? ConvertPrimitive(text, fhir::ScalarOf(value).kind, *property.type) : std::nullopt;
    if (!converted) {
      *missing = property.name;
      return std::nullopt;
    }
    text = *converted;
    kind = KindOf(*property.type);
  }
  const NodeIndex scalar = NewSlot(&property, property.type, kind);
  if (kind != NodeKind::kNull) tree_.SetText(scalar, text);
  return scalar;
}

bool FmlWorkspace::CopyMembers(NodeIndex object, Node from, std::string* missing) {
  const bool merges = slots_[object].first_child != kNoNode;  // then lists grow, and what stands once is replaced
  for (Node member = from.first_child(); member; member = member.next()) {
    if (member.property() == nullptr) {
      if (!member.tree()->slot(member.index()).is_resource_type) continue;
      if (const Node known = merges ? At(object).Member("resourceType") : Node()) {
        if (known.text() == member.text()) continue;
        *missing = member.text();
        return false;
      }
      const NodeIndex name = Hang(object, NodeKind::kString, Keep(member.text()));
      slots_[name].is_resource_type = true;
      continue;
    }
    const std::string_view name = member.property()->name;
    const fhir::Type* type = slots_[object].type;
    const fhir::Property* property = models_.IsOpen(type) ? names_->Find(name) : type->Find(name);
    if (property == nullptr) {
      *missing = name;
      return false;
    }
    if (member.underscore()) {
      if (!property->type->is_primitive()) continue;
      if (merges) RemoveUnderscore(object, *property);
      const NodeIndex copy = tree_.CopyLoose(*property, true, member);
      slots_[copy].underscore = true;
      HangBehind(object, copy, slots_[object].last_child);
      continue;
    }
    const bool list = member.is_array() || IsList(object, *property);
    NodeIndex parent = object;
    const NodeIndex there = merges ? MemberOf(object, *property->element) : kNoNode;
    if (there != kNoNode && list && slots_[there].kind == NodeKind::kArray) {
      parent = there;
    } else {
      if (there != kNoNode) tree_.RemoveMember(object, there);
      if (list) {
        parent = NewSlot(property, property->type, NodeKind::kArray);
        HangBehind(object, parent, slots_[object].last_child);
      }
    }
    Node item = member.is_array() ? member.first_child() : member;
    while (item) {
      const auto copy = CopyOf(item, *property, missing);
      if (!copy) return false;
      HangBehind(parent, *copy, slots_[parent].last_child);
      if (!member.is_array()) break;
      item = item.next();
    }
  }
  return true;
}

void FmlWorkspace::RemoveUnderscore(NodeIndex object, const fhir::Property& property) {
  for (NodeIndex i = slots_[object].first_child; i != kNoNode; i = slots_[i].next) {
    if (slots_[i].property == &property && slots_[i].underscore) return tree_.RemoveMember(object, i);
  }
}

const fhir::Property* FmlWorkspace::PropertyOf(NodeIndex object, std::string_view name) {
  const fhir::Type* type = slots_[object].type;
  if (models_.IsOpen(type)) return names_->Find(name);
  if (const fhir::Property* property = type->Find(name)) return property;
  for (const fhir::Property& property : type->properties) {
    if (property.element->name == name) return &property;
  }
  return nullptr;
}

NodeIndex FmlWorkspace::MemberOf(NodeIndex object, const fhir::Element& element) const {
  for (NodeIndex i = slots_[object].first_child; i != kNoNode; i = slots_[i].next) {
    if (slots_[i].property != nullptr && slots_[i].property->element == &element && !slots_[i].underscore) return i;
  }
  return kNoNode;
}

bool FmlWorkspace::IsList(NodeIndex object, const fhir::Property& property) const {
  return models_.IsOpen(slots_[object].type) ? false : property.element->list;
}

NodeIndex FmlWorkspace::BesideOf(NodeIndex scalar) {
  const auto [known, added] = beside_.emplace(scalar, kNoNode);
  if (added) {
    const NodeIndex made = NewSlot(slots_[scalar].property, slots_[scalar].type, NodeKind::kObject);
    slots_[made].underscore = true;
    beside_[scalar] = made;
    return made;
  }
  return known->second;
}

void FmlWorkspace::HangBehind(NodeIndex parent, NodeIndex value, NodeIndex after) { tree_.Hang(parent, value, after); }

bool FmlWorkspace::IsLoose(NodeIndex node) const { return slots_[node].parent == kNoNode && !roots_.contains(node); }

// Whether `above` is `value` or stands below it.
bool FmlWorkspace::Stands(NodeIndex value, NodeIndex above) const {
  for (; above != kNoNode; above = slots_[above].parent) {
    if (above == value) return true;
  }
  return false;
}

Result<Done> FmlWorkspace::Put(NodeIndex object, const fhir::Property& property, NodeIndex value,
    std::optional<Mode> mode, const FmlRule* rule) {
  if (!IsLoose(value)) {
    const NodeIndex place = NewSlot(&property, property.type, NodeKind::kNull);
    copies_.emplace_back(place, value);
    value = place;
  } else if (Stands(value, object)) {
    return Error(ErrorKind::kInvalid, "fml.cycle", {}, property.name);
  }
  slots_[value].property = &property;
  const NodeIndex there = MemberOf(object, *property.element);
  const bool open = models_.IsOpen(slots_[object].type);
  if (IsList(object, property) || (open && there != kNoNode && slots_[there].kind == NodeKind::kArray)) {
    NodeIndex array = there;
    if (array == kNoNode) {
      array = NewSlot(&property, property.type, NodeKind::kArray);
      HangBehind(object, array, slots_[object].last_child);
    }
    return Insert(array, value, mode, rule);
  }
  if (open && there != kNoNode) {
    // Nothing says that it is a list, but now there are two.
    tree_.RemoveMember(object, there);
    const NodeIndex array = NewSlot(&property, property.type, NodeKind::kArray);
    HangBehind(object, array, slots_[object].last_child);
    HangBehind(array, there, kNoNode);
    return Insert(array, value, mode, rule);
  }
  if (there != kNoNode) tree_.RemoveMember(object, there);
  HangBehind(object, value, slots_[object].last_child);
  return Done{};
}

Result<Done> FmlWorkspace::Insert(NodeIndex array, NodeIndex value, std::optional<Mode> mode, const FmlRule* rule) {
  const bool first = mode == Mode::kFirst;
  const bool last = mode == Mode::kLast;
  const auto known = orders_.find(array);
  if (!first && !last && known == orders_.end()) {
    HangBehind(array, value, slots_[array].last_child);
    return Done{};
  }
  ListOrder& order = known == orders_.end() ? orders_[array] : known->second;
  const auto taken = [rule](const FmlRule*& owner) {
    if (owner == nullptr) owner = rule;
    return owner != rule;
  };
  if ((first && taken(order.first_rule)) || (last && order.last_rule != nullptr && order.last_rule != rule)) {
    return Error(ErrorKind::kInvalid, "fml.list-mode", {}, first ? "first" : "last");
  }
  if (first) {
    HangBehind(array, value, order.first_tail);
    if (order.last_rule != nullptr && order.before_last == order.first_tail) order.before_last = value;
    order.first_tail = value;
  } else if (last) {
    if (order.last_rule == nullptr) order.before_last = slots_[array].last_child;
    order.last_rule = rule;
    HangBehind(array, value, slots_[array].last_child);
  } else if (order.last_rule != nullptr) {
    HangBehind(array, value, order.before_last);
    order.before_last = value;
  } else {
    HangBehind(array, value, slots_[array].last_child);
  }
  return Done{};
}

void FmlWorkspace::Finish(const std::vector<NodeIndex>& roots) {
  for (const auto& [place, original] : copies_) {
    const fhir::Property& property = *slots_[place].property;
    const NodeIndex copy = tree_.CopyLoose(property, false, At(original));
    slots_[place].kind = slots_[copy].kind;
    slots_[place].type = slots_[copy].type;
    slots_[place].text = slots_[copy].text;
    slots_[place].text_size = slots_[copy].text_size;
    slots_[place].first_child = slots_[copy].first_child;
    slots_[place].last_child = slots_[copy].last_child;
    for (NodeIndex i = slots_[place].first_child; i != kNoNode; i = slots_[i].next) slots_[i].parent = place;
  }
  for (const NodeIndex root : roots) Tidy(root);
}

// Takes empty things away; false where nothing is left. As deep as what was made, which the run bounds.
bool FmlWorkspace::Tidy(NodeIndex node) {
  if (slots_[node].kind != NodeKind::kObject && slots_[node].kind != NodeKind::kArray) {
    return slots_[node].kind != NodeKind::kNull;
  }
  if (slots_[node].kind == NodeKind::kObject && !slots_[node].underscore) LayBeside(node);
  // Lists of primitives with something beside stay as long as that is: their nulls are places.
  const bool keeps_nulls = slots_[node].kind == NodeKind::kArray && slots_[node].underscore;
  const bool has_beside = slots_[node].kind == NodeKind::kArray && beside_.contains(node);
  NodeIndex before = kNoNode;
  bool any = false;
  for (NodeIndex i = slots_[node].first_child; i != kNoNode;) {
    const NodeIndex next = slots_[i].next;
    const bool keep = Tidy(i) || keeps_nulls || has_beside;
    if (keep) {
      before = i;
      any = true;
    } else {
      (before == kNoNode ? slots_[node].first_child : slots_[before].next) = next;
    }
    i = next;
  }
  slots_[node].last_child = before;
  return any;
}

// `_name` members for what BesideOf made. Arrays that get one are noted in beside_.
void FmlWorkspace::LayBeside(NodeIndex object) {
  if (beside_.empty()) return;
  const auto filled = [this](NodeIndex scalar) {
    const auto known = beside_.find(scalar);
    return known == beside_.end() || slots_[known->second].first_child == kNoNode ? kNoNode : known->second;
  };
  for (NodeIndex i = slots_[object].first_child; i != kNoNode; i = slots_[i].next) {
    if (slots_[i].property == nullptr || slots_[i].underscore || slots_[i].kind == NodeKind::kObject) continue;
    if (slots_[i].kind != NodeKind::kArray) {
      const NodeIndex beside = filled(i);
      if (beside == kNoNode) continue;
      slots_[beside].property = slots_[i].property;
      HangBehind(object, beside, i);
      i = beside;
      continue;
    }
    bool any = false;
    for (NodeIndex item = slots_[i].first_child; item != kNoNode; item = slots_[item].next) {
      any = any || filled(item) != kNoNode;
    }
    if (!any) continue;
    const NodeIndex array = NewSlot(slots_[i].property, slots_[i].type, NodeKind::kArray);
    slots_[array].underscore = true;
    for (NodeIndex item = slots_[i].first_child; item != kNoNode; item = slots_[item].next) {
      NodeIndex beside = filled(item);
      if (beside == kNoNode) {
        beside = NewSlot(slots_[i].property, nullptr, NodeKind::kNull);
        slots_[beside].underscore = true;
      }
      slots_[beside].property = slots_[i].property;
      HangBehind(array, beside, slots_[array].last_child);
    }
    HangBehind(object, array, i);
    beside_[i] = array;
    i = array;
  }
}

FmlInstance FmlWorkspace::Take(NodeIndex root) const { return {fhir::Tree::CopyOf(At(root)), names_}; }

}  // namespace heyi::mapping
