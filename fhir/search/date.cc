// Dates: every text stands for the interval of instants that its precision leaves open, and prefixes compare intervals.
// https://hl7.org/fhir/R4/search.html#date and #prefix
#include <algorithm>

#include "fhir/search/date_time.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

constexpr base::TimeMs kDayMs = 86'400'000;

base::TimeMs EndMs(const DateTimeText& text, int zone_minutes) {
  DateTimeText next = text;
  switch (text.precision) {
    case DatePrecision::kYear:
      ++next.year;
      return next.StartMs(zone_minutes);
    case DatePrecision::kMonth:
      if (++next.month > 12) {
        next.month = 1;
        ++next.year;
      }
      return next.StartMs(zone_minutes);
    case DatePrecision::kDay: return text.StartMs(zone_minutes) + kDayMs;
    case DatePrecision::kMinute: return text.StartMs(zone_minutes) + 60'000;
    case DatePrecision::kSecond: break;
  }
  // An interval is at least the millisecond that TimeMs can tell.
  constexpr base::TimeMs kLengths[] = {1000, 100, 10, 1};
  return text.StartMs(zone_minutes) + kLengths[std::min(text.time.fraction_digits, 3)];
}

// What is asked finer than the millisecond is rounded so that comparing whole milliseconds gives what comparing the instants
// would: an interval of less than a millisecond contains none, begins after what lies before its start, and so on.
void RoundFine(const TimeText& time, Prefix prefix, DateValue* interval) {
  if (time.fraction_digits <= 3) return;
  const base::TimeMs start = interval->low;
  interval->low = prefix == Prefix::kEb || time.rest_is_zero ? start : start + 1;
  interval->high = prefix == Prefix::kSa || time.rest_is_nines ? start + 1 : start;
}

bool Contains(const DateValue& outer, const DateValue& inner) {
  return outer.low <= inner.low && inner.high <= outer.high;
}

// From the start of `start` to the end of `end`; a missing or broken end is open.
std::optional<DateValue> PeriodInterval(Node period, int zone_minutes) {
  const std::optional<DateValue> start = DateInterval(period.TextAt("start"), zone_minutes);
  const std::optional<DateValue> end = DateInterval(period.TextAt("end"), zone_minutes);
  if (!start && !end) return std::nullopt;
  DateValue interval;
  if (start) interval.low = start->low;
  if (end) interval.high = end->high;
  if (interval.low >= interval.high) return std::nullopt;
  return interval;
}

// The outer limits alone: what lies between the first and the last event counts as covered.
std::optional<DateValue> TimingInterval(Node timing, int zone_minutes) {
  std::optional<DateValue> hull;
  const auto widen = [&hull](const std::optional<DateValue>& by) {
    if (!by) return;
    if (!hull) hull = by;
    hull->low = std::min(hull->low, by->low);
    hull->high = std::max(hull->high, by->high);
  };
  if (const Node events = timing.Member("event")) {
    for (Node event = events.first_child(); event; event = event.next()) widen(DateInterval(event.text(), zone_minutes));
  }
  if (const Node repeat = timing.Member("repeat")) {
    if (const Node bounds = repeat.Member("boundsPeriod")) widen(PeriodInterval(bounds, zone_minutes));
  }
  return hull;
}

void Add(const std::optional<DateValue>& interval, std::vector<SearchValue>& out) {
  if (interval) out.emplace_back(*interval);
}

}  // namespace

std::optional<DateValue> DateInterval(std::string_view text, int zone_minutes) {
  const std::optional<DateTimeText> read = ScanDateTime(text);
  if (!read) return std::nullopt;
  return DateValue{read->StartMs(zone_minutes), EndMs(*read, zone_minutes)};
}

void AppendDates(const PathValue& item, int zone_minutes, std::vector<SearchValue>& out) {
  if (item.kind() != PathValue::Kind::kNode) return Add(DateInterval(item.text(), zone_minutes), out);
  const Node node = item.node();
  if (!node || node.type() == nullptr) return;
  if (node.type()->is_primitive()) return Add(DateInterval(node.text(), zone_minutes), out);
  if (node.type()->name == "Period") return Add(PeriodInterval(node, zone_minutes), out);
  if (node.type()->name == "Timing") return Add(TimingInterval(node, zone_minutes), out);
}

std::optional<DateValue> ParseDate(std::string_view text, Prefix prefix, int zone_minutes) {
  std::optional<DateValue> interval = DateInterval(text, zone_minutes);
  if (!interval) return std::nullopt;
  if (prefix != Prefix::kAp) {
    RoundFine(ScanDateTime(text)->time, prefix, &*interval);
    return interval;
  }
  // "Approximately" is ours to define: as far away as the text is imprecise, a day at least. Without a clock the
  // specification's proposal, a tenth of the time from now, would not give the same answer twice.
  const base::TimeMs reach = std::max(interval->high - interval->low, kDayMs);
  return DateValue{interval->low - reach, interval->high + reach};
}

bool DateMatches(Prefix prefix, const DateValue& wanted, const DateValue& value) {
  switch (prefix) {
    case Prefix::kEq: return Contains(wanted, value);
    case Prefix::kNe: return !Contains(wanted, value);
    case Prefix::kGt: return value.high > wanted.high;
    case Prefix::kLt: return value.low < wanted.low;
    case Prefix::kGe: return value.high > wanted.high || Contains(wanted, value);
    case Prefix::kLe: return value.low < wanted.low || Contains(wanted, value);
    case Prefix::kSa: return value.low >= wanted.high;
    case Prefix::kEb: return value.high <= wanted.low;
    case Prefix::kAp: return value.low < wanted.high && value.high > wanted.low;
  }
  return false;
}

}  // namespace heyi::fhir
