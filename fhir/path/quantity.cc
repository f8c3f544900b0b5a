#include "fhir/path/quantity.h"

#include <algorithm>
#include <array>

namespace heyi::fhir {
namespace {

using Kind = PathValue::Kind;

// A unit of time in milliseconds or in months, which do not convert into each other.
struct TimeUnit {
  std::string_view word;
  std::string_view ucum;
  int64_t milliseconds;
  int64_t months;
  bool ucum_differs;  // the UCUM unit is a mean length, not the calendar's
};

constexpr std::array<TimeUnit, 8> kTimeUnits{{{"millisecond", "ms", 1, 0, false},
                                              {"second", "s", 1'000, 0, false},
                                              {"minute", "min", 60'000, 0, false},
                                              {"hour", "h", 3'600'000, 0, false},
                                              {"day", "d", 86'400'000, 0, false},
                                              {"week", "wk", 604'800'000, 0, false},
                                              {"month", "mo", 0, 1, true},
                                              {"year", "a", 0, 12, true}}};

const TimeUnit* TimeUnitOf(std::string_view unit) {
  for (const TimeUnit& known : kTimeUnits) {
    if (unit == known.word || unit == known.ucum) return &known;
  }
  return nullptr;
}

std::string_view UnitOf(const Scalar& scalar) {
  return scalar.kind == Kind::kQuantity ? CanonicalUnit(scalar.unit) : std::string_view("1");
}

std::optional<int> Compare(const Scalar& a, const Scalar& b, bool mean_is_calendar) {
  const std::string_view x = UnitOf(a);
  const std::string_view y = UnitOf(b);
  if (x == y) return CompareNumberTexts(a.text, b.text);
  const TimeUnit* p = TimeUnitOf(x);
  const TimeUnit* q = TimeUnitOf(y);
  if (p == nullptr || q == nullptr || (p->months == 0) != (q->months == 0)) return std::nullopt;
  const bool mixed = (p->ucum_differs || q->ucum_differs) && (x == p->word) != (y == q->word);
  if (mixed && !mean_is_calendar) return std::nullopt;
  const std::optional<Decimal> m = Decimal::Parse(a.text);
  const std::optional<Decimal> n = Decimal::Parse(b.text);
  if (!m || !n) return std::nullopt;
  const std::optional<Decimal> left = m->Times(Decimal::OfInteger(p->months + p->milliseconds));
  const std::optional<Decimal> right = n->Times(Decimal::OfInteger(q->months + q->milliseconds));
  if (!left || !right) return std::nullopt;
  return CompareNumberTexts(left->ToString(), right->ToString());
}

bool AreNumeric(const Scalar& a, const Scalar& b) {
  return (a.kind == Kind::kQuantity || a.is_number()) && (b.kind == Kind::kQuantity || b.is_number());
}

}  // namespace

std::string_view CanonicalUnit(std::string_view unit) {
  if (unit.size() > 3 && unit.back() == 's') {
    const std::string_view singular = unit.substr(0, unit.size() - 1);
    for (const TimeUnit& known : kTimeUnits) {
      if (singular == known.word) return known.word;
    }
  }
  return unit;
}

bool IsCalendarUnit(std::string_view unit) {
  const std::string_view canonical = CanonicalUnit(unit);
  return std::any_of(kTimeUnits.begin(), kTimeUnits.end(),
                     [&](const TimeUnit& known) { return known.word == canonical; });
}

std::optional<int> CompareQuantities(const Scalar& a, const Scalar& b) { return Compare(a, b, false); }

std::optional<bool> QuantitiesEqual(const Scalar& a, const Scalar& b) {
  if (!AreNumeric(a, b)) return false;
  const std::optional<int> order = Compare(a, b, false);
  return order ? std::optional(*order == 0) : std::nullopt;
}

bool QuantitiesEquivalent(const Scalar& a, const Scalar& b) { return AreNumeric(a, b) && Compare(a, b, true) == 0; }

}  // namespace heyi::fhir
