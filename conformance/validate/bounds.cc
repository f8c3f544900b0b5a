#include "conformance/validate/bounds.h"

#include "conformance/validate/codes.h"
#include "fhir/path/equality.h"
#include "fhir/path/value.h"

namespace heyi::conformance {

using base::JsonValue;
using fhir::PathValue;

namespace {

// The bound as a value of the item's kind.
PathValue BoundFor(const PathValue& item, const JsonValue& bound) {
  if (bound.is_object()) {
    const std::string_view unit = bound.StringAt(bound.StringAt("code").empty() ? "unit" : "code");
    return PathValue::OfText(PathValue::Kind::kQuantity, std::string(bound.StringAt("value")), std::string(unit));
  }
  return PathValue::OfText(fhir::ScalarOf(item).kind, bound.text());
}

std::optional<int> Compared(const PathValue& item, const JsonValue& bound) {
  if (bound.is_null() || !fhir::ScalarOf(item)) return std::nullopt;
  const auto order = fhir::CompareItems(item, BoundFor(item, bound));
  return order.ok() ? *order : std::nullopt;
}

}  // namespace

void CheckBounds(const PathValue& item, const ElementRule& rule, Session& session) {
  if (rule.max_length > 0) CheckLength(item, rule.max_length, session);
  if (item.node() && rule.min_length > CharactersOf(item.text())) session.Report("conformance.min-length", item, std::to_string(rule.min_length));
  if (Compared(item, rule.min_value).value_or(0) < 0) session.Report("conformance.min-value", item, base::WriteJson(rule.min_value));
  if (Compared(item, rule.max_value).value_or(0) > 0) session.Report("conformance.max-value", item, base::WriteJson(rule.max_value));
}

}  // namespace heyi::conformance
