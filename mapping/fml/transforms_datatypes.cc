// cc, c, qty, id, cp: data types from their parts.
#include <algorithm>

#include "fhir/path/decimal.h"
#include "fhir/path/value.h"
#include "mapping/fml/transforms.h"

namespace heyi::mapping {
namespace {

using base::Result;
using Values = std::vector<FmlValue>;

Values Of(const TransformCall& call, const DatatypeMaker& maker) { return {call.runner.ValueOf(maker.object())}; }

void FillCoding(const TransformCall& call, DatatypeMaker& coding) {
  coding.Set("system", call.Text(0));
  coding.Set("code", call.Text(1));
  coding.Set("display", call.Text(2));
}

// cc(text), cc(system, code[, display])
Values Concept(const TransformCall& call) {
  DatatypeMaker whole(call.runner, "CodeableConcept");
  if (call.arguments.size() == 1) {
    if (!call.Has(0)) return {};
    whole.Set("text", call.Text(0));
    return Of(call, whole);
  }
  if (!call.Has(1)) return {};
  DatatypeMaker coding(call.runner, "Coding");
  FillCoding(call, coding);
  whole.SetObject("coding", coding.object());
  return Of(call, whole);
}

// c(system, code[, display])
Values Coding(const TransformCall& call) {
  if (!call.Has(1)) return {};
  DatatypeMaker coding(call.runner, "Coding");
  FillCoding(call, coding);
  return Of(call, coding);
}

// qty('<=5.4 mg'), qty(value, unit[, system, code])
Result<Values> Quantity(const TransformCall& call) {
  if (!call.Has(0)) return Values();
  DatatypeMaker quantity(call.runner, "Quantity");
  const fhir::PathValue& item = call.arguments[0].items[0];
  if (item.kind() == fhir::PathValue::Kind::kQuantity) {
    quantity.Set("value", item.text());
    quantity.Set("unit", item.unit());
    return Of(call, quantity);
  }
  std::string_view value = call.Text(0);
  std::string_view unit = call.Text(1);
  if (call.arguments.size() == 1) {
    for (const std::string_view comparator : {"<=", ">=", "<", ">"}) {
      if (!value.starts_with(comparator)) continue;
      quantity.Set("comparator", comparator);
      value.remove_prefix(comparator.size());
      break;
    }
    while (value.starts_with(' ')) value.remove_prefix(1);
    const size_t end = std::min(value.find_first_not_of("+-0123456789.eE"), value.size());
    unit = value.substr(end);
    value = value.substr(0, end);
    while (unit.starts_with(' ')) unit.remove_prefix(1);
  }
  if (!fhir::Decimal::Parse(value)) {
    return TransformError("fml.value", std::string("qty: ") + std::string(call.Text(0)));
  }
  quantity.Set("value", value);
  quantity.Set("unit", unit);
  quantity.Set("system", call.Text(2));
  quantity.Set("code", call.Text(3));
  return Of(call, quantity);
}

// id(system, value[, type]); the type is a code of v2's table 0203.
Values Identifier(const TransformCall& call) {
  if (!call.Has(1)) return {};
  DatatypeMaker identifier(call.runner, "Identifier");
  identifier.Set("system", call.Text(0));
  identifier.Set("value", call.Text(1));
  if (call.Has(2)) {
    DatatypeMaker coding(call.runner, "Coding");
    coding.Set("system", "http://terminology.hl7.org/CodeSystem/v2-0203");
    coding.Set("code", call.Text(2));
    DatatypeMaker type(call.runner, "CodeableConcept");
    type.SetObject("coding", coding.object());
    identifier.SetObject("type", type.object());
  }
  return Of(call, identifier);
}

std::string_view SystemOf(std::string_view value) {
  const auto begins = [value](std::string_view scheme) { return value.starts_with(scheme); };
  if (begins("http://") || begins("https://")) return "url";
  if (begins("mailto:") || value.find('@') != std::string_view::npos) return "email";
  if (begins("fax:")) return "fax";
  if (begins("sms:")) return "sms";
  if (begins("tel:")) return "phone";
  const bool number = value.find_first_not_of("+-()/. 0123456789") == std::string_view::npos &&
      value.find_first_of("0123456789") != std::string_view::npos;
  return number ? "phone" : "other";
}

// cp(value), cp(system, value)
Values ContactPoint(const TransformCall& call) {
  const size_t at = call.arguments.size() - 1;
  if (!call.Has(at)) return {};
  std::string_view value = call.Text(at);
  const std::string_view system = at == 1 ? call.Text(0) : SystemOf(value);
  if (at == 0) {
    for (const std::string_view scheme : {"mailto:", "tel:", "fax:", "sms:"}) {
      if (value.starts_with(scheme)) value.remove_prefix(scheme.size());
    }
  }
  DatatypeMaker point(call.runner, "ContactPoint");
  point.Set("system", system);
  point.Set("value", value);
  return Of(call, point);
}

}  // namespace

Result<Values> TransformDatatype(const TransformCall& call) {
  switch (call.target.transform) {
    case FmlTransform::kCc: return Concept(call);
    case FmlTransform::kC: return Coding(call);
    case FmlTransform::kQty: return Quantity(call);
    case FmlTransform::kId: return Identifier(call);
    default: return ContactPoint(call);
  }
}

}  // namespace heyi::mapping
