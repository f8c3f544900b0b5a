// https://hl7.org/fhirpath/N1/#math
#include <cmath>

#include "fhir/path/functions.h"
#include "fhir/path/quantity.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;
using Kind = PathValue::Kind;

struct Number {
  Decimal value;
  Scalar scalar;
};

Result<std::optional<Number>> SingleNumber(const Call& call) {
  HEYI_TRY(item, call.Single());
  if (item == nullptr) return std::optional<Number>();
  const Scalar scalar = ScalarOf(*item);
  if (IsWithoutValue(*item)) return std::optional<Number>();
  if (!scalar.is_number() && scalar.kind != Kind::kQuantity) return PathFailure("a calculation with what is no number");
  const std::optional<Decimal> value = Decimal::Parse(scalar.text);
  return value ? std::optional(Number{*value, scalar}) : std::nullopt;
}

Result<std::optional<double>> NumberArgument(Call& call, size_t i) {
  HEYI_TRY(items, call.Argument(i));
  if (items.empty()) return std::optional<double>();
  if (items.size() == 1 && IsWithoutValue(items[0])) return std::optional<double>();
  const Scalar scalar = items.size() == 1 ? ScalarOf(items[0]) : Scalar{};
  const std::optional<Decimal> value = scalar.is_number() ? Decimal::Parse(scalar.text) : std::nullopt;
  if (!value) return PathFailure("a calculation with what is no number");
  return std::optional(value->ToDouble());
}

Collection OfDecimal(std::optional<Decimal> value) { return value ? One(MakeDecimal(*value)) : Collection(); }
// A whole number of the kind it was made from: of a decimal an Integer, of a quantity one in the same unit.
Collection OfWhole(const Decimal& value, const Scalar& from) {
  const std::optional<int64_t> whole = value.ToInteger();
  if (!whole) return {};
  if (from.kind == Kind::kQuantity) return One(MakeQuantity(std::to_string(*whole), from));
  return One(PathValue::OfText(from.kind == Kind::kLong ? Kind::kLong : Kind::kInteger, std::to_string(*whole)));
}

Result<Collection> Abs(Call& call) {
  HEYI_TRY(number, SingleNumber(call));
  if (!number) return Collection();
  std::string_view text = number->scalar.text;
  if (text.starts_with('-')) text.remove_prefix(1);
  if (number->scalar.kind == Kind::kQuantity) return One(MakeQuantity(std::string(text), number->scalar));
  return One(PathValue::OfText(number->scalar.kind, std::string(text)));
}

template <Decimal (Decimal::*kToWhole)() const>
Result<Collection> ToWhole(Call& call) {
  HEYI_TRY(number, SingleNumber(call));
  return number ? OfWhole((number->value.*kToWhole)(), number->scalar) : Collection();
}

Result<Collection> Round(Call& call) {
  HEYI_TRY(number, SingleNumber(call));
  int64_t places = 0;
  if (call.arguments() > 0) {
    HEYI_TRY(given, call.IntegerArgument(0));
    places = given.value_or(0);
  }
  if (places < 0) return PathFailure("round() to a negative number of places");
  if (!number) return Collection();
  const auto rounded = number->value.Rounded(static_cast<int>(std::min<int64_t>(places, Decimal::kScaleMax)));
  if (!rounded || number->scalar.kind != Kind::kQuantity) return OfDecimal(rounded);
  return One(MakeQuantity(rounded->ToString(), number->scalar));
}

// exp, ln, sqrt: empty where there is no real answer.
template <double (*kFunction)(double)>
Result<Collection> OfDouble(Call& call) {
  HEYI_TRY(number, SingleNumber(call));
  return number ? OfDecimal(Decimal::OfDouble(kFunction(number->value.ToDouble()))) : Collection();
}

Result<Collection> Log(Call& call) {
  HEYI_TRY(number, SingleNumber(call));
  HEYI_TRY(base, NumberArgument(call, 0));
  if (!number || !base) return Collection();
  return OfDecimal(Decimal::OfDouble(std::log(number->value.ToDouble()) / std::log(*base)));
}

Result<Collection> Power(Call& call) {
  HEYI_TRY(number, SingleNumber(call));
  HEYI_TRY(exponent, NumberArgument(call, 0));
  if (!number || !exponent) return Collection();
  const std::optional<Decimal> power = Decimal::OfDouble(std::pow(number->value.ToDouble(), *exponent));
  if (!power) return Collection();
  const bool integers = number->scalar.is_whole() && *exponent >= 0 && *exponent == std::floor(*exponent);
  return integers ? OfWhole(*power, number->scalar) : OfDecimal(power);
}

constexpr Function kMathFunctions[] = {
    {"abs", 0, 0, Takes::kValues, false, Abs},
    {"ceiling", 0, 0, Takes::kValues, false, ToWhole<&Decimal::Ceiling>},
    {"floor", 0, 0, Takes::kValues, false, ToWhole<&Decimal::Floor>},
    {"truncate", 0, 0, Takes::kValues, false, ToWhole<&Decimal::Truncated>},
    {"round", 0, 1, Takes::kValues, false, Round},
    {"exp", 0, 0, Takes::kValues, false, OfDouble<std::exp>},
    {"ln", 0, 0, Takes::kValues, false, OfDouble<std::log>},
    {"sqrt", 0, 0, Takes::kValues, false, OfDouble<std::sqrt>},
    {"log", 1, 1, Takes::kValues, false, Log},
    {"power", 1, 1, Takes::kValues, false, Power},
};

}  // namespace

std::span<const Function> MathFunctions() { return kMathFunctions; }

}  // namespace heyi::fhir
