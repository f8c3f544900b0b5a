// Values between units; special units by their functions. https://ucum.org/ucum § 21-23
#include <cmath>

#include "fhir/ucum/ucum.h"

namespace heyi::fhir {
namespace {

// What is added to a linear unit's number before it is multiplied.
std::optional<Exact> OffsetOf(UcumFunction function) {
  switch (function) {
    case UcumFunction::kCel: return Exact::Parse("273.15");
    case UcumFunction::kDegF: return Exact::Parse("459.67");
    case UcumFunction::kDegRe: return Exact::Parse("218.52");
    default: return std::nullopt;
  }
}

double Inverse(UcumFunction function, double value) {
  switch (function) {
    case UcumFunction::kTan100: return std::atan(value / 100);
    case UcumFunction::kMinusLg: return std::pow(10, -value);
    case UcumFunction::kMinusLg100: return std::pow(100, -value);
    case UcumFunction::kMinusLg1000: return std::pow(1000, -value);
    case UcumFunction::kMinusLg50000: return std::pow(50000, -value);
    case UcumFunction::kLn: return std::exp(value);
    case UcumFunction::kLg: return std::pow(10, value);
    case UcumFunction::kLgTimes2: return std::pow(10, value / 2);
    case UcumFunction::kSqrt: return value * value;
    case UcumFunction::kLd: return std::exp2(value);
    default: return value;
  }
}

double Forward(UcumFunction function, double value) {
  switch (function) {
    case UcumFunction::kTan100: return 100 * std::tan(value);
    case UcumFunction::kMinusLg: return -std::log10(value);
    case UcumFunction::kMinusLg100: return -std::log10(value) / 2;
    case UcumFunction::kMinusLg1000: return -std::log10(value) / 3;
    case UcumFunction::kMinusLg50000: return -std::log10(value) / std::log10(50000);
    case UcumFunction::kLn: return std::log(value);
    case UcumFunction::kLg: return std::log10(value);
    case UcumFunction::kLgTimes2: return 2 * std::log10(value);
    case UcumFunction::kSqrt: return std::sqrt(value);
    case UcumFunction::kLd: return std::log2(value);
    default: return value;
  }
}

}  // namespace

std::optional<Exact> UcumUnit::ToBase(const Exact& value) const {
  if (broken_) return std::nullopt;
  if (!special()) return value.Times(factor_);
  std::optional<Exact> number = value.Times(scale_);
  if (!number) return std::nullopt;
  if (const std::optional<Exact> offset = OffsetOf(function_)) {
    number = number->Plus(*offset);
    return number ? number->Times(factor_) : std::nullopt;
  }
  number = Exact::OfDouble(Inverse(function_, number->ToDouble()));
  if (!number || function_ == UcumFunction::kTan100) return number;  // an angle, in radian
  return number->Times(factor_);
}

std::optional<Exact> UcumUnit::FromBase(const Exact& value) const {
  if (broken_) return std::nullopt;
  if (!special()) return value.Over(factor_);
  std::optional<Exact> number = function_ == UcumFunction::kTan100 ? std::optional(value) : value.Over(factor_);
  if (!number) return std::nullopt;
  if (const std::optional<Exact> offset = OffsetOf(function_)) {
    number = number->Plus(offset->Negated());
  } else {
    number = Exact::OfDouble(Forward(function_, number->ToDouble()));
  }
  return number ? number->Over(scale_) : std::nullopt;
}

std::optional<UcumCanonical> CanonicalQuantity(std::string_view value, const UcumUnit& unit) {
  const std::optional<Exact> number = Exact::Parse(value);
  const std::optional<Exact> base = number ? unit.ToBase(*number) : std::nullopt;
  if (!base) return std::nullopt;
  return UcumCanonical{base->ToText(), unit.CanonicalCode()};
}

std::optional<std::string> ConvertQuantity(std::string_view value, const UcumUnit& from, const UcumUnit& to) {
  if (!UcumUnit::Commensurable(from, to)) return std::nullopt;
  const std::optional<Exact> number = Exact::Parse(value);
  const std::optional<Exact> base = number ? from.ToBase(*number) : std::nullopt;
  const std::optional<Exact> converted = base ? to.FromBase(*base) : std::nullopt;
  return converted ? std::optional(converted->ToText()) : std::nullopt;
}

std::optional<int> CompareQuantities(std::string_view a, const UcumUnit& unit_a, std::string_view b,
                                     const UcumUnit& unit_b) {
  if (!UcumUnit::Commensurable(unit_a, unit_b)) return std::nullopt;
  const std::optional<Exact> x = Exact::Parse(a);
  const std::optional<Exact> y = Exact::Parse(b);
  const std::optional<Exact> base_x = x ? unit_a.ToBase(*x) : std::nullopt;
  const std::optional<Exact> base_y = y ? unit_b.ToBase(*y) : std::nullopt;
  return base_x && base_y ? Exact::Compare(*base_x, *base_y) : std::nullopt;
}

}  // namespace heyi::fhir
