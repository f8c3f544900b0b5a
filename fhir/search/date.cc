// Dates: every text stands for the interval of instants that its precision leaves open, and prefixes compare intervals.
// https://hl7.org/fhir/R4/search.html#date and #prefix
#include <algorithm>

#include "fhir/search/date_time.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

constexpr base::TimeMs kDayMs = 86'400'000;

base::TimeMs EndMs(const DateTimeText& text) {
  DateTimeText next = text;
  switch (text.precision) {
    case DatePrecision::kYear:
      ++next.year;
      return next.StartMs();
    case DatePrecision::kMonth:
      if (++next.month > 12) {
        next.month = 1;
        ++next.year;
      }
      return next.StartMs();
    case DatePrecision::kDay: return text.StartMs() + kDayMs;
    case DatePrecision::kMinute: return text.StartMs() + 60'000;
    case DatePrecision::kSecond: break;
  }
  // An interval is at least the millisecond that TimeMs can tell.
  constexpr base::TimeMs kLengths[] = {1000, 100, 10, 1};
  return text.StartMs() + kLengths[std::min(text.time.fraction_digits, 3)];
}

bool Contains(const DateValue& outer, const DateValue& inner) {
  return outer.low <= inner.low && inner.high <= outer.high;
}

// From the start of `start` to the end of `end`; a missing or broken end is open.
std::optional<DateValue> PeriodInterval(Node period) {
  const std::optional<DateValue> start = DateInterval(period.TextAt("start"));
  const std::optional<DateValue> end = DateInterval(period.TextAt("end"));
  if (!start && !end) return std::nullopt;
  DateValue interval;
  if (start) interval.low = start->low;
  if (end) interval.high = end->high;
  if (interval.low >= interval.high) return std::nullopt;
  return interval;
}

// The outer limits alone: what lies between the first and the last event counts as covered.
std::optional<DateValue> TimingInterval(Node timing) {
  std::optional<DateValue> hull;
  const auto widen = [&hull](const std::optional<DateValue>& by) {
    if (!by) return;
    if (!hull) hull = by;
    hull->low = std::min(hull->low, by->low);
    hull->high = std::max(hull->high, by->high);
  };
  if (const Node events = timing.Member("event")) {
    for (Node event = events.first_child(); event; event = event.next()) widen(DateInterval(event.text()));
  }
  if (const Node repeat = timing.Member("repeat")) {
    if (const Node bounds = repeat.Member("boundsPeriod")) widen(PeriodInterval(bounds));
  }
  return hull;
}

void Add(const std::optional<DateValue>& interval, std::vector<SearchValue>& out) {
  if (interval) out.emplace_back(*interval);
}

}  // namespace

std::optional<DateValue> DateInterval(std::string_view text) {
  const std::optional<DateTimeText> read = ScanDateTime(text);
  if (!read) return std::nullopt;
  return DateValue{read->StartMs(), EndMs(*read)};
}

void AppendDates(const PathValue& item, std::vector<SearchValue>& out) {
  if (item.kind() != PathValue::Kind::kNode) return Add(DateInterval(item.text()), out);
  const Node node = item.node();
  if (!node || node.type() == nullptr) return;
  if (node.type()->is_primitive()) return Add(DateInterval(node.text()), out);
  if (node.type()->name == "Period") return Add(PeriodInterval(node), out);
  if (node.type()->name == "Timing") return Add(TimingInterval(node), out);
}

std::optional<DateValue> ParseDate(std::string_view text, Prefix prefix) {
  std::optional<DateValue> interval = DateInterval(text);
  if (!interval || prefix != Prefix::kAp) return interval;
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
