// What a value of limited precision may stand for. https://hl7.org/fhirpath/STU3/#lowboundary
#include <algorithm>

#include "base/clock.h"
#include "fhir/path/functions.h"
#include "fhir/path/quantity.h"
#include "fhir/path/temporal.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;
using Kind = PathValue::Kind;

constexpr int64_t kDecimalPlaces = 8;
constexpr int kLowZoneMinutes = 14 * 60;    // the zone in which a local time is earliest
constexpr int kHighZoneMinutes = -12 * 60;

// Precision as a number of digits: @2014-01 has 6, @2014-01-05T10:30:00.000 has 17, @T10:30 has 4.
struct Digits {
  Temporal::Precision precision;
  int64_t of_date_time;
  int64_t of_time;
};
constexpr Digits kDigits[] = {{Temporal::kYear, 4, 0},   {Temporal::kMonth, 6, 0},   {Temporal::kDay, 8, 0},
                              {Temporal::kHour, 10, 2},  {Temporal::kMinute, 12, 4}, {Temporal::kSecond, 14, 6},
                              {Temporal::kSecond, 17, 9}};

int64_t DigitsOf(Kind kind, const Temporal& value) {
  for (const Digits& known : kDigits) {
    if (known.precision != value.precision) continue;
    return (kind == Kind::kTime ? known.of_time : known.of_date_time) + value.fraction_digits;
  }
  return 0;
}

int64_t DigitsMax(Kind kind) { return kind == Kind::kDate ? 8 : kind == Kind::kTime ? 9 : 17; }

// Fills what `value` does not say up to `digits`, or cuts what is beyond.
std::optional<Temporal> Boundary(Kind kind, Temporal value, int64_t digits, bool high) {
  const auto* wanted = std::find_if(std::begin(kDigits), std::end(kDigits), [&](const Digits& known) {
    return (kind == Kind::kTime ? known.of_time : known.of_date_time) == digits && digits > 0;
  });
  if (wanted == std::end(kDigits) || digits > DigitsMax(kind)) return std::nullopt;
  auto& [year, month, day, hour, minute, nanos] = value.fields;
  if (kind != Kind::kTime) {
    if (value.precision < Temporal::kMonth) month = high ? 12 : 1;
    if (value.precision < Temporal::kDay) {
      day = high ? base::DaysInMonth(static_cast<int>(year), static_cast<int>(month)) : 1;
    }
  }
  if (value.precision < Temporal::kHour) hour = high ? 23 : 0;
  if (value.precision < Temporal::kMinute) minute = high ? 59 : 0;
  if (value.precision < Temporal::kSecond) {
    nanos = high ? 60 * kNanosPerSecond - kNanosPerMilli : 0;
  } else if (value.fraction_digits < 3 && high) {
    int64_t unit = kNanosPerSecond;
    for (int i = 0; i < value.fraction_digits; ++i) unit /= 10;
    nanos += unit - kNanosPerMilli;
  }
  value.precision = wanted->precision;
  const bool millis = digits == 17 || (kind == Kind::kTime && digits == 9);
  value.fraction_digits = millis ? 3 : 0;
  if (kind == Kind::kDateTime && value.precision >= Temporal::kHour && !value.offset_minutes) {
    value.offset_minutes = high ? kHighZoneMinutes : kLowZoneMinutes;
  }
  return value;
}

std::optional<std::string> NumberBoundary(std::string_view text, std::optional<int64_t> places, bool high) {
  const std::optional<Decimal> value = Decimal::Parse(text);
  const int64_t digits = places.value_or(kDecimalPlaces);
  if (!value || digits < 0 || digits > Decimal::kScaleMax) return std::nullopt;
  const Decimal half = Decimal::HalfUnit(value->scale());
  const std::optional<Decimal> end = high ? value->Plus(half) : value->Minus(half);
  const std::optional<Decimal> shown = end ? end->AtPlaces(static_cast<int>(digits), high) : std::nullopt;
  return shown ? std::optional(shown->ToString()) : std::nullopt;
}

template <bool kHigh>
Result<Collection> BoundaryOf(Call& call) {
  HEYI_TRY(item, call.Single());
  std::optional<int64_t> digits;
  if (call.arguments() > 0) {
    HEYI_TRY(given, call.IntegerArgument(0));
    digits = given;
  }
  const Scalar scalar = item == nullptr ? Scalar{} : ScalarOf(*item);
  if (!scalar) return Collection();
  if (scalar.is_number() || scalar.kind == Kind::kQuantity) {
    std::optional<std::string> end = NumberBoundary(scalar.text, digits, kHigh);
    if (!end) return Collection();
    if (scalar.is_number()) return One(PathValue::OfText(Kind::kDecimal, *std::move(end)));
    return One(MakeQuantity(*std::move(end), scalar));
  }
  if (!scalar.is_temporal()) return PathFailure(call.name() + "() of what has no precision");
  const std::optional<Temporal> value = ParseTemporal(scalar.kind, scalar.text);
  if (!value) return Collection();
  const std::optional<Temporal> end =
      Boundary(scalar.kind, *value, digits.value_or(DigitsMax(scalar.kind)), kHigh);
  return end ? One(PathValue::OfText(scalar.kind, FormatTemporal(scalar.kind, *end))) : Collection();
}

Result<Collection> Precision(Call& call) {
  HEYI_TRY(item, call.Single());
  const Scalar scalar = item == nullptr ? Scalar{} : ScalarOf(*item);
  if (!scalar) return Collection();
  if (scalar.is_number() || scalar.kind == Kind::kQuantity) {
    const std::optional<Decimal> value = Decimal::Parse(scalar.text);
    return value ? One(MakeInteger(value->scale())) : Collection();
  }
  if (!scalar.is_temporal()) return PathFailure("precision() of what has none");
  const std::optional<Temporal> value = ParseTemporal(scalar.kind, scalar.text);
  return value ? One(MakeInteger(DigitsOf(scalar.kind, *value))) : Collection();
}

// https://hl7.org/fhirpath/STU3/#comparable
Result<Collection> Comparable(Call& call) {
  HEYI_TRY(item, call.Single());
  HEYI_TRY(others, call.Argument(0));
  if (others.size() > 1) return PathFailure("comparable() with several items");
  if (item == nullptr || others.empty()) return Collection();
  const Scalar a = ScalarOf(*item);
  const Scalar b = ScalarOf(others[0]);
  if (!a || !b) return Collection();
  const auto measures = [](const Scalar& scalar) { return scalar.is_number() || scalar.kind == Kind::kQuantity; };
  if (!measures(a) || !measures(b)) return PathFailure("comparable() is for quantities");
  return OneBoolean(UnitsCompare(a, b));
}

constexpr Function kBoundaryFunctions[] = {
    {"lowBoundary", 0, 1, Takes::kValues, false, BoundaryOf<false>},
    {"highBoundary", 0, 1, Takes::kValues, false, BoundaryOf<true>},
    {"precision", 0, 0, Takes::kValues, false, Precision},
    {"comparable", 1, 1, Takes::kValues, false, Comparable},
};

}  // namespace

std::span<const Function> BoundaryFunctions() { return kBoundaryFunctions; }

}  // namespace heyi::fhir
