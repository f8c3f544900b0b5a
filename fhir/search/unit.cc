// Units of quantities: compared as they are written, and in UCUM's base units where both are UCUM's. A quantity of a
// UCUM unit has two rows, one as written and one in base units; what is asked in a UCUM unit has two alternatives. So
// the index finds 72.4 kg by "72400|http://unitsofmeasure.org|g" with nothing but numbers.
// https://hl7.org/fhir/R4/search.html#quantity
#include "fhir/search/kinds.h"
#include "fhir/search/search_number.h"
#include "fhir/ucum/ucum.h"

namespace heyi::fhir {
namespace {

std::optional<UcumUnit> UnitOf(const QuantityValue& quantity) {
  if (quantity.system != kUcumSystem || quantity.code.empty()) return std::nullopt;
  base::Result<UcumUnit> unit = UcumUnit::Parse(quantity.code);
  // A logarithmic scale may run the other way ([pH]); such units are compared only as written.
  return unit.ok() && unit->linear() ? std::optional(std::move(*unit)) : std::nullopt;
}

std::optional<std::string> InBase(std::string_view number, const UcumUnit& unit) {
  std::optional<UcumCanonical> canonical = CanonicalQuantity(number, unit);
  if (!canonical || !SearchNumber::Parse(canonical->value, kStoredExponentMax)) return std::nullopt;
  return std::move(canonical->value);
}

QuantityValue Canonical(const UcumUnit& unit) {
  QuantityValue row;
  row.system = kUcumSystem;
  row.code = unit.CanonicalCode();
  row.canonical = true;
  return row;
}

// The ends that a prefix compares with: of eq and ne the implicit range, of ap a tenth to either side.
std::optional<QuantityValue> CanonicalAsked(Prefix prefix, const QuantityValue& asked) {
  const std::optional<UcumUnit> unit = UnitOf(asked);
  const std::optional<SearchNumber> number = SearchNumber::Parse(asked.value, kStoredExponentMax);
  if (!unit || !number) return std::nullopt;
  std::pair<SearchNumber, SearchNumber> ends(*number, *number);
  if (prefix == Prefix::kEq || prefix == Prefix::kNe) ends = number->ImplicitRange();
  if (prefix == Prefix::kAp) ends = number->TenthAround();
  std::optional<std::string> low = InBase(ends.first.Text(), *unit);
  std::optional<std::string> high = InBase(ends.second.Text(), *unit);
  if (!low || !high) return std::nullopt;
  QuantityValue row = Canonical(*unit);
  row.value = *std::move(low);
  row.high = *std::move(high);
  return row;
}

}  // namespace

// "5.4|http://unitsofmeasure.org|mg" names the unit by its code; people also write what they read: the human form.
bool UnitMatches(const QuantityValue& wanted, const QuantityValue& value) {
  if (!wanted.system.empty() && wanted.system != value.system) return false;
  return wanted.code.empty() || wanted.code == value.code || wanted.code == value.unit;
}

std::optional<QuantityValue> CanonicalRow(const QuantityValue& row) {
  const std::optional<UcumUnit> unit = UnitOf(row);
  if (!unit) return std::nullopt;
  QuantityValue canonical = Canonical(*unit);
  canonical.range = row.range;
  for (const auto& [from, to] : {std::pair(&row.value, &canonical.value), std::pair(&row.high, &canonical.high)}) {
    if (from->empty()) continue;
    std::optional<std::string> number = InBase(*from, *unit);
    if (!number) return std::nullopt;
    *to = *std::move(number);
  }
  return canonical;
}

std::optional<CriterionValue> CanonicalAlternative(const CriterionValue& wanted) {
  CriterionValue other = wanted;
  bool changed = false;
  for (CriterionValue& part : other.parts) {
    if (std::optional<CriterionValue> canonical = CanonicalAlternative(part)) {
      part = *std::move(canonical);
      changed = true;
    }
  }
  if (const auto* quantity = std::get_if<QuantityValue>(&wanted.value); quantity != nullptr && wanted.parts.empty()) {
    if (std::optional<QuantityValue> canonical = CanonicalAsked(wanted.prefix, *quantity)) {
      other.value = *std::move(canonical);
      changed = true;
    }
  }
  return changed ? std::optional(std::move(other)) : std::nullopt;
}

}  // namespace heyi::fhir
