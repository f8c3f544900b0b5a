#include "fhir/path/temporal.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "fhir/path/decimal.h"

namespace heyi::fhir {
namespace {

constexpr int64_t kNanosPerMinute = 60 * kNanosPerSecond;
constexpr int64_t kNanosPerDay = 24 * 60 * kNanosPerMinute;
constexpr int64_t kStepsFar = 200'000;   // months or years that lead out of 1–9999 from anywhere
constexpr int64_t kDaysFar = 4'000'000;  // and days
constexpr int kOffsetMinutesMax = 14 * 60;

// Takes fields of fixed width off the front.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool Digits(size_t count, int64_t low, int64_t high, int64_t& value) {
    if (rest_.size() < count) return false;
    value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value >= low && value <= high;
  }
  // Digits after the point as nanoseconds; what is finer is cut.
  bool Fraction(int64_t& nanos, int& digits) {
    nanos = 0;
    int64_t unit = kNanosPerSecond;
    for (digits = 0; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
      unit /= 10;
      nanos += unit * (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return digits > 0;
  }
  bool at_end() const { return rest_.empty(); }
  char front() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
};

bool ReadDate(FieldReader& in, Temporal& value) {
  if (!in.Digits(4, 1, 9999, value.fields[0])) return false;
  value.precision = Temporal::kYear;
  if (!in.Take('-')) return true;
  if (!in.Digits(2, 1, 12, value.fields[1])) return false;
  value.precision = Temporal::kMonth;
  if (!in.Take('-')) return true;
  const int days = base::DaysInMonth(static_cast<int>(value.fields[0]), static_cast<int>(value.fields[1]));
  if (!in.Digits(2, 1, days, value.fields[2])) return false;
  value.precision = Temporal::kDay;
  return true;
}

bool ReadTime(FieldReader& in, Temporal& value) {
  if (!in.Digits(2, 0, 23, value.fields[3])) return false;
  value.precision = Temporal::kHour;
  if (!in.Take(':')) return true;
  if (!in.Digits(2, 0, 59, value.fields[4])) return false;
  value.precision = Temporal::kMinute;
  if (!in.Take(':')) return true;
  int64_t second = 0;
  int64_t nanos = 0;
  if (!in.Digits(2, 0, 60, second)) return false;
  second = std::min<int64_t>(second, 59);  // a leap second counts as the one before it
  if (in.Take('.') && !in.Fraction(nanos, value.fraction_digits)) return false;
  value.precision = Temporal::kSecond;
  value.fields[5] = second * kNanosPerSecond + nanos;
  return true;
}

bool ReadZone(FieldReader& in, Temporal& value) {
  if (in.at_end()) return true;
  if (in.Take('Z')) {
    value.offset_minutes = 0;
    return true;
  }
  const bool minus = in.front() == '-';
  int64_t hours = 0;
  int64_t minutes = 0;
  if (!in.Take('+') && !in.Take('-')) return false;
  if (!in.Digits(2, 0, 14, hours) || !in.Take(':') || !in.Digits(2, 0, 59, minutes)) return false;
  const int offset = static_cast<int>(hours * 60 + minutes);
  value.offset_minutes = minus ? -offset : offset;
  return offset <= kOffsetMinutesMax;
}

int64_t DayOf(const Temporal& value) {
  return base::DaysFromCivil(static_cast<int>(value.fields[0]), static_cast<int>(value.fields[1]),
                             static_cast<int>(value.fields[2]));
}

// The same moment in UTC; only where hours are known.
Temporal InUtc(const Temporal& value) {
  Temporal utc = value;
  int64_t days = DayOf(value);
  int64_t minutes = value.fields[3] * 60 + value.fields[4] - *value.offset_minutes;
  while (minutes < 0) {
    minutes += 24 * 60;
    --days;
  }
  days += minutes / (24 * 60);
  minutes %= 24 * 60;
  const base::CivilDate date = base::CivilFromDays(days);
  utc.fields = {date.year, date.month, date.day, minutes / 60, minutes % 60, value.fields[5]};
  utc.offset_minutes = 0;
  return utc;
}

// Months or nanoseconds that one unit stands for; both 0 where it is none.
struct Span {
  int64_t months = 0;
  int64_t nanos = 0;
};

Span SpanOf(std::string_view unit) {
  if (unit.size() > 3 && unit.back() == 's') unit.remove_suffix(1);
  if (unit == "year") return {12, 0};
  if (unit == "month") return {1, 0};
  if (unit == "week" || unit == "wk") return {0, 7 * kNanosPerDay};
  if (unit == "day" || unit == "d") return {0, kNanosPerDay};
  if (unit == "hour" || unit == "h") return {0, 60 * kNanosPerMinute};
  if (unit == "minute" || unit == "min") return {0, kNanosPerMinute};
  if (unit == "second" || unit == "s") return {0, kNanosPerSecond};
  if (unit == "millisecond" || unit == "ms") return {0, kNanosPerSecond / 1000};
  return {};
}

// False where the year leaves 1–9999.
bool AddMonths(int64_t months, Temporal& value) {
  const int64_t month = value.precision >= Temporal::kMonth ? value.fields[1] : 1;
  const int64_t total = value.fields[0] * 12 + (month - 1) + months;
  if (total < 12 || total / 12 > 9999) return false;
  value.fields[0] = total / 12;
  if (value.precision >= Temporal::kMonth) value.fields[1] = total % 12 + 1;
  if (value.precision >= Temporal::kDay) {
    const int last = base::DaysInMonth(static_cast<int>(value.fields[0]), static_cast<int>(value.fields[1]));
    value.fields[2] = std::min<int64_t>(value.fields[2], last);
  }
  return true;
}

// Moves the time of day, and the date with it where there is one; false where the year leaves 1–9999.
bool AddNanos(Decimal::Int nanos, bool has_date, Temporal& value) {
  Decimal::Int at = (value.fields[3] * 60 + value.fields[4]) * kNanosPerMinute + value.fields[5] + nanos;
  if (has_date && value.precision == Temporal::kDay) at = nanos / kNanosPerDay * kNanosPerDay;
  Decimal::Int days = at / kNanosPerDay;
  auto rest = static_cast<int64_t>(at % kNanosPerDay);
  if (rest < 0) {
    rest += kNanosPerDay;
    days -= 1;
  }
  value.fields[3] = rest / (60 * kNanosPerMinute);
  value.fields[4] = rest / kNanosPerMinute % 60;
  value.fields[5] = rest % kNanosPerMinute;
  if (value.fields[5] % kNanosPerSecond != 0) value.fraction_digits = std::max(value.fraction_digits, 3);
  if (!has_date) return true;
  if (days > kDaysFar || days < -kDaysFar) return false;
  const base::CivilDate date = base::CivilFromDays(DayOf(value) + static_cast<int64_t>(days));
  if (date.year < 1 || date.year > 9999) return false;
  value.fields[0] = date.year;
  value.fields[1] = date.month;
  value.fields[2] = date.day;
  return true;
}

}  // namespace

std::optional<Temporal> ParseTemporal(PathValue::Kind kind, std::string_view text) {
  Temporal value;
  FieldReader in(text);
  if (kind == PathValue::Kind::kTime) {
    return ReadTime(in, value) && in.at_end() ? std::optional(value) : std::nullopt;
  }
  if (!ReadDate(in, value)) return std::nullopt;
  if (kind == PathValue::Kind::kDateTime && in.Take('T') && !in.at_end()) {
    if (value.precision != Temporal::kDay || !ReadTime(in, value) || !ReadZone(in, value)) return std::nullopt;
  }
  return in.at_end() ? std::optional(value) : std::nullopt;
}

std::optional<int> CompareTemporal(const Temporal& left, const Temporal& right) {
  Temporal a = left;
  Temporal b = right;
  const bool timed = a.precision >= Temporal::kHour && b.precision >= Temporal::kHour;
  const bool zone_open = timed && a.offset_minutes.has_value() != b.offset_minutes.has_value();
  if (timed && a.offset_minutes && b.offset_minutes) {
    a = InUtc(a);
    b = InUtc(b);
  }
  const int known = std::min(a.precision, b.precision);
  if (zone_open) {
    // Without its zone a moment is only known to lie within 14 hours either way: days apart still tell.
    const int64_t apart = DayOf(a) - DayOf(b);
    if (apart > 2) return 1;
    if (apart < -2) return -1;
    return std::nullopt;
  }
  for (int i = 0; i <= known; ++i) {
    const auto at = static_cast<size_t>(i);
    if (a.fields[at] != b.fields[at]) return a.fields[at] < b.fields[at] ? -1 : 1;
  }
  if (a.precision != b.precision) return std::nullopt;
  return 0;
}

std::string FormatTemporal(PathValue::Kind kind, const Temporal& value) {
  std::string out;
  if (kind != PathValue::Kind::kTime) {
    out = fmt::format("{:04}", value.fields[0]);
    if (value.precision >= Temporal::kMonth) out += fmt::format("-{:02}", value.fields[1]);
    if (value.precision >= Temporal::kDay) out += fmt::format("-{:02}", value.fields[2]);
    if (value.precision >= Temporal::kHour) out += 'T';
  }
  if (value.precision >= Temporal::kHour) out += fmt::format("{:02}", value.fields[3]);
  if (value.precision >= Temporal::kMinute) out += fmt::format(":{:02}", value.fields[4]);
  if (value.precision >= Temporal::kSecond) {
    out += fmt::format(":{:02}", value.fields[5] / kNanosPerSecond);
    if (value.fraction_digits > 0) {
      const std::string nanos = fmt::format("{:09}", value.fields[5] % kNanosPerSecond);
      out += '.' + nanos.substr(0, static_cast<size_t>(std::min(value.fraction_digits, 9)));
    }
  }
  if (value.offset_minutes && value.precision >= Temporal::kHour) {
    const int offset = std::abs(*value.offset_minutes);
    const char sign = *value.offset_minutes < 0 ? '-' : '+';
    out += offset == 0 ? "Z" : fmt::format("{}{:02}:{:02}", sign, offset / 60, offset % 60);
  }
  return out;
}

std::optional<Temporal> AddToTemporal(PathValue::Kind kind, const Temporal& value, std::string_view amount,
                                      std::string_view unit) {
  const Span span = SpanOf(unit);
  const std::optional<Decimal> parsed = Decimal::Parse(amount);
  if ((span.months == 0 && span.nanos == 0) || !parsed) return std::nullopt;
  const bool time = kind == PathValue::Kind::kTime;
  if (time && (span.months != 0 || span.nanos >= kNanosPerDay)) return std::nullopt;

  // Decimals are for seconds and below; of a larger unit only the whole part counts.
  const bool whole = span.months != 0 || span.nanos > kNanosPerSecond;
  const std::optional<Decimal> scaled = whole ? parsed->Truncated() : parsed->Times(Decimal::OfInteger(span.nanos));
  const std::optional<int64_t> steps = scaled ? scaled->Truncated().ToInteger() : std::nullopt;
  if (!steps) return std::nullopt;
  int64_t months = span.months * std::clamp<int64_t>(*steps, -kStepsFar, kStepsFar);
  Decimal::Int nanos = span.months != 0 ? 0 : static_cast<Decimal::Int>(*steps) * (whole ? span.nanos : 1);

  // A unit finer than the value's precision is first turned into what the value can show.
  if (!time && value.precision <= Temporal::kMonth && nanos != 0) {
    const auto days = static_cast<int64_t>(nanos / kNanosPerDay);
    months = value.precision == Temporal::kMonth ? days / 30 : days / 365 * 12;
    nanos = 0;
  }
  if (value.precision == Temporal::kYear && !time) months = months / 12 * 12;

  Temporal sum = value;
  if (!time && !AddMonths(months, sum)) return std::nullopt;
  if (nanos != 0 && !AddNanos(nanos, !time, sum)) return std::nullopt;
  return sum;
}

}  // namespace heyi::fhir
