// create, copy, cast.
#include <algorithm>

#include "fhir/path/value.h"
#include "mapping/fml/convert.h"
#include "mapping/fml/transforms.h"

namespace heyi::mapping {
namespace {

using base::Result;
using Values = std::vector<FmlValue>;

// The only type that the element takes; null where there are several or none is known.
const fhir::Type* OnlyType(const TransformCall& call) {
  if (call.property == nullptr || call.runner.program().models.IsOpen(call.property->type)) return nullptr;
  const bool named = call.property->name == call.target.steps.back();  // also one of a choice, by its JSON name
  return named || call.property->element->types.size() == 1 ? call.property->type : nullptr;
}

Result<Values> Create(const TransformCall& call) {
  FmlWorkspace& workspace = call.runner.workspace();
  const fhir::Type* type = call.target.type;
  if (type == nullptr && !call.target.parameters.empty()) {  // named by a variable
    type = call.runner.program().models.ByName(call.Text(0));
    if (type == nullptr) return TransformError("fml.unknown-type", call.Text(0));
  }
  if (type == nullptr) type = OnlyType(call);
  const bool untyped = call.property != nullptr && call.runner.program().models.IsOpen(call.property->type);
  if ((type == nullptr && !untyped) || (type != nullptr && type->kind == fhir::Type::Kind::kAbstractResource)) {
    return TransformError("fml.ambiguous-type", "create()");
  }
  const bool primitive = type != nullptr && type->is_primitive() && !call.runner.program().models.IsOpen(type);
  const fhir::NodeIndex made = primitive ? workspace.MakeScalar(type, fhir::NodeKind::kNull, {})
      : workspace.MakeObject(type, false);
  return Values{call.runner.ValueOf(made)};
}

// What FHIRPath's conversions can make of it; implicit, of the one type that the element takes.
Result<Values> Cast(const TransformCall& call) {
  if (!call.Has(0)) return Values();
  const fhir::Type* type = call.target.type;
  if (type == nullptr && call.target.parameters.size() == 2) {
    type = call.runner.program().definitions.FindType(call.Text(1));
    if (type == nullptr) return TransformError("fml.unknown-type", call.Text(1));
  }
  if (type == nullptr) type = OnlyType(call);
  if (type == nullptr) return TransformError("fml.ambiguous-type", "cast()");
  const fhir::PathValue& item = call.arguments[0].items[0];
  if (!type->is_primitive()) {
    const fhir::Type* own = call.runner.TypeOf(item);
    if (own != nullptr && own->IsA(type->name)) return Values{call.arguments[0]};
    return TransformError("fml.value", "cast → " + type->name);
  }
  const fhir::Scalar scalar = fhir::ScalarOf(item);
  const auto text = scalar && scalar.kind != fhir::PathValue::Kind::kQuantity
      ? ConvertPrimitive(scalar.text, scalar.kind, *type) : std::nullopt;
  if (!text) return TransformError("fml.value", std::string(scalar.text) + " → " + type->name);
  // A loose primitive of that type, so that a choice takes it as what it is.
  return Values{call.runner.ValueOf(call.runner.workspace().MakeScalar(type, FmlWorkspace::KindOf(*type), *text))};
}

}  // namespace

Result<Values> TransformType(const TransformCall& call) {
  if (call.target.transform == FmlTransform::kCreate) return Create(call);
  if (call.target.transform == FmlTransform::kCast) return Cast(call);
  if (!call.Has(0)) return Values();
  return Values{call.arguments[0]};
}

}  // namespace heyi::mapping
