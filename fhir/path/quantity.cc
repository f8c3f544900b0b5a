#include "fhir/path/quantity.h"

#include <algorithm>
#include <array>

#include "fhir/ucum/ucum.h"

namespace heyi::fhir {
namespace {

using Kind = PathValue::Kind;

constexpr int64_t kMsPerDay = 86'400'000;

// A unit of time; years and months count both in months and, on average, in days.
struct TimeUnit {
  std::string_view word;
  std::string_view ucum;
  int64_t milliseconds;
  int64_t months;  // 0: has a fixed length, which UCUM's unit has too
};

constexpr std::array<TimeUnit, 8> kTimeUnits{{{"millisecond", "ms", 1, 0},
                                              {"second", "s", 1'000, 0},
                                              {"minute", "min", 60'000, 0},
                                              {"hour", "h", 3'600'000, 0},
                                              {"day", "d", kMsPerDay, 0},
                                              {"week", "wk", 7 * kMsPerDay, 0},
                                              {"month", "mo", 30 * kMsPerDay, 1},
                                              {"year", "a", 365 * kMsPerDay, 12}}};

const TimeUnit* CalendarUnit(std::string_view unit) {
  for (const TimeUnit& known : kTimeUnits) {
    if (unit == known.word) return &known;
  }
  return nullptr;
}
const TimeUnit* UcumTimeUnit(std::string_view unit) {
  for (const TimeUnit& known : kTimeUnits) {
    if (unit == known.ucum) return &known;
  }
  return nullptr;
}

// A quantity's unit as operations see it.
struct Unit {
  std::string_view text;               // canonical: "day" for "days"
  const TimeUnit* calendar = nullptr;  // of a calendar's word
};

std::string_view TextOf(const Scalar& scalar) {
  return scalar.kind == Kind::kQuantity ? CanonicalUnit(scalar.unit) : std::string_view("1");
}

// The unit of `one` beside `other`: what FHIR writes as 'a' is a year beside calendar units, and UCUM's a beside others.
Unit UnitBeside(const Scalar& one, const Scalar& other) {
  Unit unit{TextOf(one), nullptr};
  unit.calendar = CalendarUnit(unit.text);
  if (unit.calendar == nullptr && one.calendar_or_ucum && CalendarUnit(TextOf(other)) != nullptr) {
    unit.calendar = UcumTimeUnit(unit.text);
    if (unit.calendar != nullptr) unit.text = unit.calendar->word;
  }
  return unit;
}

// A unit of time of fixed length, as either writes it.
const TimeUnit* FixedTime(const Unit& unit) {
  const TimeUnit* time = unit.calendar != nullptr ? unit.calendar : UcumTimeUnit(unit.text);
  return time != nullptr && time->months == 0 ? time : nullptr;
}

// Both in one measure of time: how many of it each unit is. nullopt where they are not both time, or do not compare.
struct Scales {
  int64_t a;
  int64_t b;
};
std::optional<Scales> TimeScales(const Unit& a, const Unit& b) {
  if (a.calendar == nullptr && b.calendar == nullptr) return std::nullopt;  // UCUM's business
  if (a.calendar != nullptr && b.calendar != nullptr) {
    if (a.calendar->months != 0 && b.calendar->months != 0) return Scales{a.calendar->months, b.calendar->months};
    return Scales{a.calendar->milliseconds, b.calendar->milliseconds};
  }
  const TimeUnit* x = FixedTime(a);
  const TimeUnit* y = FixedTime(b);
  if (x == nullptr || y == nullptr) return std::nullopt;
  return Scales{x->milliseconds, y->milliseconds};
}

std::optional<std::string> Scaled(std::string_view value, int64_t by, int64_t over) {
  const std::optional<Exact> number = Exact::Parse(value);
  const std::optional<Exact> factor = Exact::Parse(std::to_string(by));
  const std::optional<Exact> divisor = Exact::Parse(std::to_string(over));
  const std::optional<Exact> product = number && factor ? number->Times(*factor) : std::nullopt;
  const std::optional<Exact> result = product && divisor ? product->Over(*divisor) : std::nullopt;
  return result ? std::optional(result->ToText()) : std::nullopt;
}

std::optional<UcumUnit> Parsed(std::string_view unit) {
  base::Result<UcumUnit> parsed = UcumUnit::Parse(unit);
  return parsed.ok() ? std::optional(*std::move(parsed)) : std::nullopt;
}

struct UcumPair {
  UcumUnit a;
  UcumUnit b;
};
std::optional<UcumPair> BothUcum(const Unit& a, const Unit& b) {
  if (a.calendar != nullptr || b.calendar != nullptr) return std::nullopt;
  std::optional<UcumUnit> x = Parsed(a.text);
  std::optional<UcumUnit> y = Parsed(b.text);
  if (!x || !y) return std::nullopt;
  return UcumPair{*std::move(x), *std::move(y)};
}

bool AreNumeric(const Scalar& a, const Scalar& b) {
  return (a.kind == Kind::kQuantity || a.is_number()) && (b.kind == Kind::kQuantity || b.is_number());
}

PathValue Quantity(std::string text, std::string_view unit, bool either = false) {
  PathValue value = PathValue::OfText(Kind::kQuantity, std::move(text), std::string(unit));
  value.set_calendar_or_ucum(either);
  return value;
}

std::optional<std::string> SumText(std::string_view a, std::string_view b, int sign) {
  const std::optional<Decimal> x = Decimal::Parse(a);
  const std::optional<Decimal> y = Decimal::Parse(b);
  const std::optional<Decimal> sum = x && y ? (sign > 0 ? x->Plus(*y) : x->Minus(*y)) : std::nullopt;
  return sum ? std::optional(sum->ToString()) : std::nullopt;
}

// Product or quotient of the values.
std::optional<std::string> ProductText(std::string_view a, std::string_view b, bool divides) {
  const std::optional<Decimal> x = Decimal::Parse(a);
  const std::optional<Decimal> y = Decimal::Parse(b);
  const std::optional<Decimal> product = !x || !y ? std::nullopt : divides ? x->DividedBy(*y) : x->Times(*y);
  return product ? std::optional(product->ToString()) : std::nullopt;
}

bool IsSpecial(const Unit& unit) {
  const std::optional<UcumUnit> parsed = unit.calendar != nullptr || unit.text == "1" ? std::nullopt : Parsed(unit.text);
  return parsed && parsed->special();
}

std::optional<PathValue> Combine(const Scalar& a, const Scalar& b, bool divides) {
  const Unit x = UnitBeside(a, b);
  const Unit y = UnitBeside(b, a);
  if (y.text == "1" || (x.text == "1" && !divides)) {  // by a number: the unit stays
    const Unit& unit = y.text == "1" ? x : y;
    const Scalar& like = y.text == "1" ? a : b;
    if (IsSpecial(unit)) return std::nullopt;
    std::optional<std::string> text = ProductText(a.text, b.text, divides);
    if (!text) return std::nullopt;
    return Quantity(*std::move(text), unit.text, like.calendar_or_ucum);
  }
  const std::optional<UcumPair> pair = BothUcum(x, y);
  if (!pair) return std::nullopt;
  const std::optional<UcumUnit> unit = divides ? pair->a.Over(pair->b) : pair->a.Times(pair->b);
  if (!unit) return std::nullopt;
  if (x.text == y.text && divides) {
    std::optional<std::string> text = ProductText(a.text, b.text, true);
    return text ? std::optional(Quantity(*std::move(text), "1")) : std::nullopt;
  }
  // In base units, so that chains of products stay short. A factor that measures nothing leaves the other's unit.
  const std::string code_x = pair->a.CanonicalCode();
  const std::string code_y = pair->b.CanonicalCode();
  const auto in_base = [](const Scalar& scalar, const UcumUnit& own) { return CanonicalQuantity(scalar.text, own); };
  if (code_y == "1" || (code_x == "1" && !divides)) {
    const std::optional<UcumCanonical> number = code_y == "1" ? in_base(b, pair->b) : in_base(a, pair->a);
    const Scalar& kept = code_y == "1" ? a : b;
    const std::string_view unit_text = code_y == "1" ? x.text : y.text;
    std::optional<std::string> text = number ? ProductText(kept.text, number->value, divides) : std::nullopt;
    if (!text) return std::nullopt;
    return Quantity(*std::move(text), unit_text, kept.calendar_or_ucum);
  }
  const std::optional<UcumCanonical> p = in_base(a, pair->a);
  const std::optional<UcumCanonical> q = in_base(b, pair->b);
  std::optional<std::string> text = p && q ? ProductText(p->value, q->value, divides) : std::nullopt;
  if (!text) return std::nullopt;
  return Quantity(*std::move(text), unit->CanonicalCode());
}

bool RoundedEqual(std::string_view a, std::string_view b, int places) {
  const std::optional<Decimal> x = Decimal::Parse(a);
  const std::optional<Decimal> y = Decimal::Parse(b);
  const std::optional<Decimal> p = x ? x->Rounded(places) : std::nullopt;
  const std::optional<Decimal> q = y ? y->Rounded(places) : std::nullopt;
  return p && q && CompareNumberTexts(p->ToString(), q->ToString()) == 0;
}

int PlacesOf(std::string_view number) {
  const std::optional<Decimal> value = Decimal::Parse(number);
  return value ? value->Normalized().scale() : 0;
}

// Whether `b`, brought to the unit of `a`, says the same at the precision of the less precise of the two.
bool EquivalentIn(const Scalar& a, std::string_view b_in_a) {
  const int places = std::min(PlacesOf(a.text), PlacesOf(b_in_a));
  return RoundedEqual(a.text, b_in_a, places);
}

}  // namespace

std::string_view CanonicalUnit(std::string_view unit) {
  if (unit.size() > 3 && unit.back() == 's') {
    const std::string_view singular = unit.substr(0, unit.size() - 1);
    if (const TimeUnit* known = CalendarUnit(singular)) return known->word;
  }
  return unit;
}

bool IsCalendarUnit(std::string_view unit) { return CalendarUnit(CanonicalUnit(unit)) != nullptr; }

std::optional<int> CompareQuantities(const Scalar& a, const Scalar& b) {
  const Unit x = UnitBeside(a, b);
  const Unit y = UnitBeside(b, a);
  if (x.text == y.text) return CompareNumberTexts(a.text, b.text);
  if (const std::optional<Scales> scales = TimeScales(x, y)) {
    const std::optional<std::string> left = Scaled(a.text, scales->a, 1);
    const std::optional<std::string> right = Scaled(b.text, scales->b, 1);
    return left && right ? std::optional(CompareNumberTexts(*left, *right)) : std::nullopt;
  }
  const std::optional<UcumPair> pair = BothUcum(x, y);
  return pair ? CompareQuantities(a.text, pair->a, b.text, pair->b) : std::nullopt;
}

std::optional<bool> QuantitiesEqual(const Scalar& a, const Scalar& b) {
  if (!AreNumeric(a, b)) return false;
  const std::optional<int> order = CompareQuantities(a, b);
  return order ? std::optional(*order == 0) : std::nullopt;
}

bool UnitsCompare(const Scalar& a, const Scalar& b) {
  const Unit x = UnitBeside(a, b);
  const Unit y = UnitBeside(b, a);
  if (x.text == y.text || TimeScales(x, y)) return true;
  const std::optional<UcumPair> pair = BothUcum(x, y);
  return pair && UcumUnit::Commensurable(pair->a, pair->b);
}

bool QuantitiesEquivalent(const Scalar& a, const Scalar& b) {
  if (!AreNumeric(a, b)) return false;
  Unit x = UnitBeside(a, b);
  Unit y = UnitBeside(b, a);
  if ((x.calendar == nullptr) != (y.calendar == nullptr)) {  // UCUM's mean year stands for the calendar's
    for (Unit* unit : {&x, &y}) {
      if (unit->calendar == nullptr) unit->calendar = UcumTimeUnit(unit->text);
    }
    if (x.calendar == nullptr || y.calendar == nullptr) return false;
  }
  if (x.text == y.text) return EquivalentIn(a, b.text);
  if (const std::optional<Scales> scales = TimeScales(x, y)) {
    const std::optional<std::string> there = Scaled(b.text, scales->b, scales->a);
    return there && EquivalentIn(a, *there);
  }
  const std::optional<UcumPair> pair = BothUcum(x, y);
  const std::optional<std::string> there = pair ? ConvertQuantity(b.text, pair->b, pair->a) : std::nullopt;
  if (!there) return false;
  // 4 g and 4040 mg: one rounds the difference away in its unit, the other does not, so both must agree.
  if (EquivalentIn(a, *there)) {
    const std::optional<std::string> back = ConvertQuantity(a.text, pair->a, pair->b);
    return back && EquivalentIn(b, *back);
  }
  return false;
}

std::optional<PathValue> AddQuantities(const Scalar& a, const Scalar& b, int sign) {
  const Unit x = UnitBeside(a, b);
  const Unit y = UnitBeside(b, a);
  const bool either = a.calendar_or_ucum && b.calendar_or_ucum;
  const auto sum = [&](std::string_view left, std::string_view right, const Unit& unit) -> std::optional<PathValue> {
    std::optional<std::string> text = SumText(left, right, sign);
    return text ? std::optional(Quantity(*std::move(text), unit.text, either)) : std::nullopt;
  };
  if (x.text == y.text) return IsSpecial(x) ? std::nullopt : sum(a.text, b.text, x);
  if (const std::optional<Scales> scales = TimeScales(x, y)) {
    const bool to_a = scales->a < scales->b;
    const std::optional<std::string> there =
        to_a ? Scaled(b.text, scales->b, scales->a) : Scaled(a.text, scales->a, scales->b);
    if (!there) return std::nullopt;
    return to_a ? sum(a.text, *there, x) : sum(*there, b.text, y);
  }
  const std::optional<UcumPair> pair = BothUcum(x, y);
  if (!pair || pair->a.special() || pair->b.special()) return std::nullopt;
  const std::optional<int> order = CompareQuantities("1", pair->a, "1", pair->b);
  if (!order) return std::nullopt;
  const std::optional<std::string> there =
      *order < 0 ? ConvertQuantity(b.text, pair->b, pair->a) : ConvertQuantity(a.text, pair->a, pair->b);
  if (!there) return std::nullopt;
  return *order < 0 ? sum(a.text, *there, x) : sum(*there, b.text, y);
}

std::optional<PathValue> MultiplyQuantities(const Scalar& a, const Scalar& b) { return Combine(a, b, false); }
std::optional<PathValue> DivideQuantities(const Scalar& a, const Scalar& b) { return Combine(a, b, true); }

std::optional<PathValue> QuantityIn(const Scalar& quantity, std::string_view unit) {
  const Scalar wanted{Kind::kQuantity, "1", unit};
  const Unit from = UnitBeside(quantity, wanted);
  const Unit to = UnitBeside(wanted, quantity);
  if (from.text == to.text) return Quantity(std::string(quantity.text), unit);
  std::optional<std::string> value;
  if (const std::optional<Scales> scales = TimeScales(from, to)) {
    value = Scaled(quantity.text, scales->a, scales->b);
  } else if (const std::optional<UcumPair> pair = BothUcum(from, to)) {
    value = ConvertQuantity(quantity.text, pair->a, pair->b);
  }
  return value ? std::optional(Quantity(*std::move(value), unit)) : std::nullopt;
}

PathValue MakeQuantity(std::string text, const Scalar& like) {
  return Quantity(std::move(text), like.unit, like.calendar_or_ucum);
}

std::optional<std::string> DimensionlessNumber(const Scalar& quantity) {
  if (quantity.unit == "1") return std::string(quantity.text);
  if (IsCalendarUnit(quantity.unit)) return std::nullopt;
  const std::optional<UcumUnit> unit = Parsed(quantity.unit);
  const std::optional<UcumCanonical> canonical = unit ? CanonicalQuantity(quantity.text, *unit) : std::nullopt;
  return canonical && canonical->unit == "1" ? std::optional(canonical->value) : std::nullopt;
}

std::string_view DateUnit(const Scalar& quantity) {
  const std::string_view text = CanonicalUnit(quantity.unit);
  if (CalendarUnit(text) != nullptr) return text;
  const TimeUnit* time = UcumTimeUnit(text);
  if (time == nullptr || (time->months != 0 && !quantity.calendar_or_ucum)) return {};
  return time->word;
}

}  // namespace heyi::fhir
