#include "fhir/path/functions.h"

#include <algorithm>
#include <array>

#include "fhir/path/value.h"

namespace heyi::fhir {

using base::Result;

const Function* FindFunction(std::string_view name) {
  const std::array families{ExistenceFunctions(),  FilteringFunctions(), SubsettingFunctions(),  CombiningFunctions(),
                            ConversionFunctions(), StringFunctions(),    MathFunctions(),        TypeFunctions(),
                            TreeFunctions(),       UtilityFunctions(),   FhirFunctions(),        AggregateFunctions(),
                            BoundaryFunctions(),   DateFunctions(),      EncodingFunctions(),    OrderFunctions(),
                            TerminologyFunctions()};
  for (const std::span<const Function> family : families) {
    for (const Function& function : family) {
      if (function.name == name) return &function;
    }
  }
  return nullptr;
}

Result<std::optional<std::string>> Call::TextArgument(size_t i) {
  HEYI_TRY(items, Argument(i));
  if (items.empty() || (items.size() == 1 && IsWithoutValue(items[0]))) return std::optional<std::string>();
  const Scalar scalar = items.size() == 1 ? ScalarOf(items[0]) : Scalar{};
  if (scalar.kind != PathValue::Kind::kString) return PathFailure(std::string(step_.name) + "() needs one text");
  return std::optional(std::string(scalar.text));
}

Result<std::optional<int64_t>> Call::IntegerArgument(size_t i) {
  HEYI_TRY(items, Argument(i));
  if (items.empty() || (items.size() == 1 && IsWithoutValue(items[0]))) return std::optional<int64_t>();
  const Scalar scalar = items.size() == 1 ? ScalarOf(items[0]) : Scalar{};
  const std::optional<Decimal> number = scalar.is_whole() ? Decimal::Parse(scalar.text) : std::nullopt;
  const std::optional<int64_t> value = number ? number->ToInteger() : std::nullopt;
  if (!value) return PathFailure(std::string(step_.name) + "() needs one integer");
  return value;
}

Result<const PathValue*> Call::Single() const {
  if (input.size() > 1) return PathFailure(std::string(step_.name) + "() of several items");
  return input.empty() ? nullptr : &input.front();
}

Result<std::optional<std::string_view>> Call::SingleText() const {
  HEYI_TRY(item, Single());
  const Scalar scalar = item == nullptr ? Scalar{} : ScalarOf(*item);
  if (scalar.kind == PathValue::Kind::kString) return std::optional(scalar.text);
  if (item != nullptr && !IsWithoutValue(*item)) return PathFailure(std::string(step_.name) + "() of what is no text");
  return std::optional<std::string_view>();
}

base::Result<Collection> NeverCalled(Call&) { return PathFailure("a step that was not compiled"); }

}  // namespace heyi::fhir
