// Putting values where a target says. https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html#type-cast
#include <algorithm>

#include "fhir/path/value.h"
#include "mapping/fml/convert.h"
#include "mapping/fml/run.h"
#include "mapping/fml/transforms.h"

namespace heyi::mapping {

using base::Done;
using base::Result;
using fhir::kNoNode;
using fhir::Node;
using fhir::NodeIndex;
using fhir::NodeKind;
using fhir::PathValue;
using Mode = StructureMap::TargetListMode;

// Whether it is a primitive, perhaps one whose value is still to come.
bool FmlRunner::IsPrimitivePlace(NodeIndex node) const {
  const Node place = workspace_.At(node);
  return !place.is_object() && !place.is_array();
}

// The steps before the last one: what is single is there or made, of a list each rule makes an item of its own.
Result<NodeIndex> FmlRunner::PlaceOf(const FmlTargetStep& target, NodeIndex context, const FmlRule& rule) {
  NodeIndex object = context;
  FmlTargetStep between;
  between.place = target.place;
  for (size_t i = 0; i + 1 < target.steps.size(); ++i) {
    HEYI_TRY(made, MakeElement(between, object, target.steps[i], rule));
    object = made.target;
  }
  return object;
}

std::optional<NodeIndex> FmlRunner::Shared(const FmlTargetStep& target, NodeIndex object, std::string_view name) {
  if (target.list_mode == Mode::kShare) {
    const auto known = shared_.find({object, target.share});
    return known == shared_.end() ? std::nullopt : std::optional(known->second);
  }
  if (target.list_mode != Mode::kSingle || name.empty() || IsPrimitivePlace(object)) return std::nullopt;
  const fhir::Property* property = workspace_.PropertyOf(object, name);
  const NodeIndex there = property == nullptr ? kNoNode : workspace_.MemberOf(object, *property->element);
  if (there == kNoNode) return std::nullopt;
  const Node node = workspace_.At(there);
  return node.is_array() ? node.first_child().index() : there;
}

void FmlRunner::Share(const FmlTargetStep& target, NodeIndex object, NodeIndex made) {
  if (target.list_mode == Mode::kShare) shared_.emplace(std::pair(object, target.share), made);
}

Result<FmlValue> FmlRunner::MakeElement(const FmlTargetStep& target, NodeIndex object, std::string_view name,
    const FmlRule& rule) {
  if (const auto shared = Shared(target, object, name)) return ValueOf(*shared);
  if (IsPrimitivePlace(object)) {
    if (name == "extension" || name == "id") return MakeElement(target, workspace_.BesideOf(object), name, rule);
    if (name == "value") return ValueOf(object);
    return Fail("fml.unknown-element", target.place, name);
  }
  const fhir::Property* property = workspace_.PropertyOf(object, name);
  if (property == nullptr) return Fail("fml.unknown-element", target.place, name);
  if (property->element->choice && property->element->types.size() > 1 && property->name != name) {
    return Fail("fml.ambiguous-type", target.place, name);
  }
  if (property->type->kind == fhir::Type::Kind::kAbstractResource) {
    return Fail("fml.ambiguous-type", target.place, name);
  }
  // One that can stand there only once is the one that stands there.
  const bool open = program_.models.IsOpen(workspace_.At(object).type());
  if (!open && !workspace_.IsList(object, *property)) {
    const NodeIndex there = workspace_.MemberOf(object, *property->element);
    if (there != kNoNode && workspace_.At(there).property() == property) return ValueOf(there);
  }
  return MakeTyped(property->type, target, object, name, rule);
}

Result<FmlValue> FmlRunner::MakeTyped(const fhir::Type* type, const FmlTargetStep& target, NodeIndex object,
    std::string_view name,
                                      const FmlRule& rule) {
  const bool primitive = !program_.models.IsOpen(type) && type->is_primitive();
  const NodeIndex made = primitive ? workspace_.MakeScalar(type, NodeKind::kNull, {})
      : workspace_.MakeObject(type, false);
  return Assign(target, object, name, ValueOf(made), rule);
}

// Of a choice the property whose type the item has, or can be made.
const fhir::Property* FmlRunner::Choose(NodeIndex object, const fhir::Property& property, const PathValue& item) const {
  if (!property.element->choice) return &property;
  const fhir::Type* owner = workspace_.At(object).type();
  const fhir::Type* type = TypeOf(item);
  const auto of = [&](std::string_view type_name) -> const fhir::Property* {
    for (const fhir::Property& one : owner->properties) {
      if (one.element == property.element && one.type->name == type_name) return &one;
    }
    return nullptr;
  };
  for (const fhir::Type* base = type; base != nullptr; base = base->base) {
    if (const fhir::Property* found = of(base->name)) return found;
  }
  const fhir::Scalar scalar = fhir::ScalarOf(item);
  if (!scalar || scalar.kind == PathValue::Kind::kQuantity) return nullptr;
  // Of related kinds, the first that can say the same.
  const auto related = [&]() -> std::vector<std::string_view> {
    switch (scalar.kind) {
      case PathValue::Kind::kInteger: case PathValue::Kind::kLong: return {"integer", "positiveInt", "unsignedInt",
          "decimal", "string"};
      case PathValue::Kind::kDecimal: return {"decimal", "string"};
      case PathValue::Kind::kBoolean: return {"boolean", "string"};
      case PathValue::Kind::kDate: return {"date", "dateTime", "string"};
      case PathValue::Kind::kDateTime: return {"dateTime", "instant", "date", "string"};
      case PathValue::Kind::kTime: return {"time", "string"};
      default: return {"string", "code", "markdown", "uri", "CodeableConcept", "Reference"};
    }
  }();
  for (const std::string_view name : related) {
    if (const fhir::Property* found = of(name)) return found;
  }
  return nullptr;
}

Result<FmlValue> FmlRunner::Assign(const FmlTargetStep& target, NodeIndex object, std::string_view name,
    const FmlValue& value, const FmlRule& rule) {
  if (name.empty()) return AssignWhole(target, object, value);
  if (value.empty()) return FmlValue();
  if (IsPrimitivePlace(object)) {
    if (name == "value") return AssignWhole(target, object, value);
    if (name == "extension" || name == "id") return Assign(target, workspace_.BesideOf(object), name, value, rule);
    return Fail("fml.unknown-element", target.place, name);
  }
  const fhir::Property* property = workspace_.PropertyOf(object, name);
  if (property == nullptr) return Fail("fml.unknown-element", target.place, name);
  const PathValue& item = value.items[0];
  if (property->element->choice && property->name != name) {
    property = Choose(object, *property, item);
    if (property == nullptr) return Fail("fml.ambiguous-type", target.place, name);
  }
  if (const auto shared = Shared(target, object, name)) {
    // Two rules say the same place: the later value stands there.
    FmlTargetStep here;
    here.place = target.place;
    return AssignWhole(here, *shared, value);
  }
  HEYI_TRY(loose, Loose(*property, value, target));
  auto put = workspace_.Put(object, *property, loose, target.list_mode, &rule);
  if (!put.ok()) return At(std::move(put).error(), target.place);
  Share(target, object, loose);
  HEYI_CHECK(Spend(1));
  return ValueOf(loose);
}

// Onto what is there: a primitive takes the value, an object the members.
Result<FmlValue> FmlRunner::AssignWhole(const FmlTargetStep& target, NodeIndex object, const FmlValue& value) {
  if (value.empty()) return ValueOf(object);
  const PathValue& item = value.items[0];
  HEYI_CHECK(SpendOn(item));
  const Node place = workspace_.At(object);
  const fhir::Type* type = place.type();
  if (IsPrimitivePlace(object)) {
    const fhir::Scalar scalar = fhir::ScalarOf(item);
    const auto text = !scalar || scalar.kind == PathValue::Kind::kQuantity ? std::nullopt
                      : type == nullptr ? std::optional(std::string(scalar.text))
                          : ConvertPrimitive(scalar.text, scalar.kind, *type);
    if (!text) return Fail("fml.value", target.place, item.text());
    workspace_.SetScalar(object, type == nullptr ? NodeKind::kString : FmlWorkspace::KindOf(*type), *text);
    return ValueOf(object);
  }
  const Node from = item.kind() == PathValue::Kind::kNode ? item.node() : Node();
  if (!from || !from.is_object() || from == place) return Fail("fml.value", target.place, item.text());
  std::string missing;
  if (!workspace_.CopyMembers(object, from, &missing)) return Fail("fml.unknown-element", target.place, missing);
  return ValueOf(object);
}

// The value as a loose thing of the property's type.
Result<NodeIndex> FmlRunner::Loose(const fhir::Property& property, const FmlValue& value, const FmlTargetStep& target) {
  const PathValue& item = value.items[0];
  if (!value.is_target()) HEYI_CHECK(SpendOn(item));
  const fhir::Type* type = property.type;
  const bool open = program_.models.IsOpen(type);
  if (value.is_target()) {
    const Node node = workspace_.At(value.target);
    const fhir::Type* own = node.type();
    const bool fits = open || program_.models.IsOpen(own) || own == type || own->IsA(type->name) ||
                      (type->kind == fhir::Type::Kind::kAbstractResource && own->is_resource()) ||
                      (own->is_primitive() && type->is_primitive() && node.kind() == NodeKind::kNull);
    const bool same_kind = open || node.is_object() != type->is_primitive();
    if (fits && same_kind) return value.target;
  }
  if (open && item.kind() != PathValue::Kind::kNode) {
    if (item.kind() == PathValue::Kind::kQuantity) return Wrapped(property, item, target);
    const NodeKind kind = item.kind() == PathValue::Kind::kBoolean ? NodeKind::kBool
                          : item.kind() == PathValue::Kind::kInteger || item.kind() == PathValue::Kind::kDecimal ||
                              item.kind() == PathValue::Kind::kLong
                              ? NodeKind::kNumber : NodeKind::kString;
    return workspace_.MakeScalar(nullptr, kind, item.text());
  }
  const Node node = item.kind() == PathValue::Kind::kNode ? item.node() : Node();
  if (!open && type->is_primitive()) {
    const fhir::Scalar scalar = fhir::ScalarOf(item);
    const bool plain = scalar && scalar.kind != PathValue::Kind::kQuantity;
    if (!plain && !item.underscore()) return Fail("fml.value", target.place, property.name);
    NodeIndex made = workspace_.MakeScalar(type, NodeKind::kNull, {});
    if (plain) {
      const auto text = ConvertPrimitive(scalar.text, scalar.kind, *type);
      if (!text) return Fail("fml.value", target.place, std::string(scalar.text) + " → " + type->name);
      workspace_.SetScalar(made, FmlWorkspace::KindOf(*type), *text);
    }
    if (item.underscore() && item.underscore().is_object()) {
      std::string missing;
      if (!workspace_.CopyMembers(workspace_.BesideOf(made), item.underscore(), &missing)) {
        return Fail("fml.unknown-element", target.place, missing);
      }
    }
    return made;
  }
  if (!node || (!open && !node.is_object())) return Wrapped(property, item, target);
  const bool wraps = !open && node.type() != nullptr && node.type()->name == "Coding" &&
      type->name == "CodeableConcept";
  if (wraps) return Wrapped(property, item, target);
  std::string missing;
  const auto copy = workspace_.CopyOf(node, property, &missing);
  if (!copy) return Fail("fml.unknown-element", target.place, (missing.empty() ? property.name : missing));
  return *copy;
}

// A simple value where a data type is wanted that has one place for it.
Result<NodeIndex> FmlRunner::Wrapped(const fhir::Property& property, const PathValue& item,
    const FmlTargetStep& target) {
  const std::string& wanted = property.type->name;
  const fhir::Type* own = TypeOf(item);
  const fhir::Scalar scalar = fhir::ScalarOf(item);
  if (wanted == "CodeableConcept" && own != nullptr && own->name == "Coding") {
    DatatypeMaker concept_maker(*this, wanted);
    const fhir::Property* coding = workspace_.PropertyOf(concept_maker.object(), "coding");
    std::string missing;
    const auto copy = workspace_.CopyOf(item.node(), *coding, &missing);
    if (!copy) return Fail("fml.value", target.place, property.name);
    concept_maker.SetObject("coding", *copy);
    return concept_maker.object();
  }
  if (!scalar) return Fail("fml.value", target.place, property.name);
  const bool open = program_.models.IsOpen(property.type);
  if (scalar.kind == PathValue::Kind::kQuantity && (open || wanted == "Quantity" || property.type->IsA("Quantity"))) {
    DatatypeMaker quantity(*this, open ? "Quantity" : wanted);
    quantity.Set("value", scalar.text);
    quantity.Set("unit", scalar.unit);
    if (!scalar.unit.empty()) {
      quantity.Set("system", "http://unitsofmeasure.org");
      quantity.Set("code", scalar.unit);
    }
    return quantity.object();
  }
  constexpr std::pair<std::string_view, std::string_view> kPlaces[] = {
      {"CodeableConcept", "text"}, {"Reference", "reference"}, {"Quantity", "value"}, {"Annotation", "text"}};
  if (wanted == "CodeableConcept" && own != nullptr && own->name == "code") {
    DatatypeMaker concept_maker(*this, wanted);
    DatatypeMaker coding(*this, "Coding");
    coding.Set("code", scalar.text);
    concept_maker.SetObject("coding", coding.object());
    return concept_maker.object();
  }
  for (const auto& [type, member] : kPlaces) {
    if (wanted != type || (type == "Quantity" && !scalar.is_number())) continue;
    DatatypeMaker maker(*this, wanted);
    maker.Set(member, scalar.text);
    return maker.object();
  }
  return Fail("fml.value", target.place, std::string(scalar.text) + " → " + wanted);
}

}  // namespace heyi::mapping
