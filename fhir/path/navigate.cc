#include "fhir/path/navigate.h"

#include <algorithm>
#include <memory>
#include <string>

#include "fhir/path/quantity.h"

namespace heyi::fhir {
namespace {

struct Place {
  Node node;
  Node underscore;
};

// The object whose members are the children: the value itself, or of a primitive its `_name` sibling.
Node ObjectOf(const Place& place) {
  if (place.node && place.node.is_object()) return place.node;
  return place.underscore && place.underscore.is_object() ? place.underscore : Node();
}

Node NotNull(Node node) { return node && node.kind() != NodeKind::kNull ? node : Node(); }

// The values of one member, given with its `_name` sibling: itself, or the items of both lists side by side.
template <typename Emit>
void ForEachValue(Node value, Node underscore, Budget& budget, Emit emit) {
  const bool list = (value && value.is_array()) || (underscore && underscore.is_array());
  if (!list) {
    const Place place{NotNull(value), NotNull(underscore)};
    if (place.node || place.underscore) emit(place);
    return;
  }
  Node item = value ? value.first_child() : Node();
  Node beside = underscore ? underscore.first_child() : Node();
  while ((item || beside) && budget.Spend(1)) {
    const Place place{NotNull(item), NotNull(beside)};
    if (place.node || place.underscore) emit(place);
    item = item ? item.next() : Node();
    beside = beside ? beside.next() : Node();
  }
}

// The member that `matches` picks by its property, with its `_name` sibling.
template <typename Matches>
Place FindMember(Node object, Budget& budget, Matches matches) {
  Place found;
  uint64_t visited = 0;
  for (Node child = object.first_child(); child; child = child.next()) {
    ++visited;
    const Property* property = child.property();
    if (property == nullptr || !matches(*property)) continue;
    (child.underscore() ? found.underscore : found.node) = child;
    if (!property->type->is_primitive() || (found.node && found.underscore)) break;
  }
  budget.Spend(visited);
  return found;
}

Place FindStep(Node object, const Step& step, Budget& budget) {
  if (!step.typed) {
    return FindMember(object, budget, [&](const Property& property) { return property.element->name == step.name; });
  }
  if (step.elements.size() == 1) {
    const Element* wanted = step.elements.front();
    return FindMember(object, budget, [wanted](const Property& property) { return property.element == wanted; });
  }
  return FindMember(object, budget, [&](const Property& property) {
    return std::find(step.elements.begin(), step.elements.end(), property.element) != step.elements.end();
  });
}

// Adds places to a collection; those of a made tree keep it alive.
class Emitter {
 public:
  Emitter(const PathValue& from, Collection& out) : made_in_(from.made_in()), out_(out) {}

  void operator()(const Place& place) {
    if (made_in_ == nullptr) {
      out_.push_back(PathValue::OfNode(place.node, place.underscore));
    } else {
      out_.push_back(PathValue::OfMade(made_in_, place.node, place.underscore));
    }
  }

 private:
  const std::shared_ptr<const Tree>& made_in_;
  Collection& out_;
};

// The members of System's own types: what a quantity and a type say of themselves.
void AppendOfComputed(const PathValue& from, std::span<const Step> steps, Collection& out) {
  if (steps.size() != 1) return;
  const std::string& name = steps[0].name;
  const auto text = [&](std::string value) { out.push_back(PathValue::OfText(PathValue::Kind::kString, std::move(value))); };
  if (from.kind() == PathValue::Kind::kQuantity) {
    if (name == "value") out.push_back(PathValue::OfText(PathValue::Kind::kDecimal, std::string(from.text())));
    if (name == "unit" || (name == "code" && !IsCalendarUnit(from.unit()))) text(from.unit());
  } else if (from.kind() == PathValue::Kind::kType) {
    if (name == "name") text(std::string(from.text()));
    if (name == "namespace") text(from.unit());
  }
}

// Depth first, so that nothing is kept between the steps; recursion is as deep as `steps` is long.
void Walk(const Place& place, std::span<const Step> steps, Budget& budget, Emitter& out) {
  if (steps.empty()) return out(place);
  const Node object = ObjectOf(place);
  if (!object || budget.exhausted()) return;
  const Place member = FindStep(object, steps.front(), budget);
  if (!member.node && !member.underscore) return;
  ForEachValue(member.node, member.underscore, budget,
               [&](const Place& value) { Walk(value, steps.subspan(1), budget, out); });
}

}  // namespace

void AppendMembers(const PathValue& from, std::span<const Step> steps, Budget& budget, Collection& out) {
  if (from.kind() != PathValue::Kind::kNode) return AppendOfComputed(from, steps, out);
  Emitter emit(from, out);
  Walk({from.node(), from.underscore()}, steps, budget, emit);
}

void AppendNamed(const PathValue& from, std::string_view element, Budget& budget, Collection& out) {
  if (from.kind() != PathValue::Kind::kNode) return;
  const Node object = ObjectOf({from.node(), from.underscore()});
  if (!object) return;
  const Place member =
      FindMember(object, budget, [&](const Property& property) { return property.element->name == element; });
  ForEachValue(member.node, member.underscore, budget, Emitter(from, out));
}

void AppendChildren(const PathValue& from, Budget& budget, Collection& out) {
  if (from.kind() != PathValue::Kind::kNode) return;
  const Node object = ObjectOf({from.node(), from.underscore()});
  if (!object) return;
  bool any_beside = false;
  for (Node child = object.first_child(); child; child = child.next()) any_beside = any_beside || child.underscore();
  for (Node child = object.first_child(); child && budget.Spend(1); child = child.next()) {
    const Property* property = child.property();
    if (property == nullptr) continue;
    Node other;
    if (any_beside && property->type->is_primitive()) {
      other = object.first_child();
      while (other && (other == child || other.property() != property)) other = other.next();
    }
    if (child.underscore() && other) continue;  // comes with its value
    ForEachValue(child.underscore() ? Node() : child, child.underscore() ? child : other, budget, Emitter(from, out));
  }
}

}  // namespace heyi::fhir
