// Numbers: equal within the precision they were asked with, greater and less by their exact value.
// https://hl7.org/fhir/R4/search.html#number
#include "fhir/search/search_number.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {

void AppendNumbers(const PathValue& item, std::vector<SearchValue>& out) {
  if (item.kind() == PathValue::Kind::kNode && !item.node()) return;
  const std::string_view text = item.text();
  if (!SearchNumber::Parse(text, kStoredExponentMax)) return;
  out.emplace_back(NumberValue{std::string(text), std::string(text)});
}

std::optional<NumberValue> ParseNumber(std::string_view text, Prefix prefix) {
  const std::optional<SearchNumber> number = SearchNumber::Parse(text, kAskedExponentMax);
  if (!number) return std::nullopt;
  switch (prefix) {
    case Prefix::kEq:
    case Prefix::kNe: {
      const auto [low, high] = number->ImplicitRange();
      return NumberValue{low.Text(), high.Text()};
    }
    case Prefix::kAp: {
      const auto [low, high] = number->TenthAround();
      return NumberValue{low.Text(), high.Text()};
    }
    default: return NumberValue{std::string(text), std::string(text)};
  }
}

bool NumberMatches(Prefix prefix, const NumberValue& wanted, const NumberValue& value) {
  const std::optional<SearchNumber> low = SearchNumber::Parse(wanted.low, kStoredExponentMax);
  const std::optional<SearchNumber> high = SearchNumber::Parse(wanted.high, kStoredExponentMax);
  const std::optional<SearchNumber> number = SearchNumber::Parse(value.low, kStoredExponentMax);
  if (!low || !high || !number) return false;
  const int to_low = Compare(*number, *low);
  const int to_high = Compare(*number, *high);
  switch (prefix) {
    case Prefix::kEq: return to_low >= 0 && to_high < 0;
    case Prefix::kNe: return to_low < 0 || to_high >= 0;
    case Prefix::kGt:
    case Prefix::kSa: return to_low > 0;
    case Prefix::kLt:
    case Prefix::kEb: return to_low < 0;
    case Prefix::kGe: return to_low >= 0;
    case Prefix::kLe: return to_low <= 0;
    case Prefix::kAp: return to_low >= 0 && to_high <= 0;
  }
  return false;
}

}  // namespace heyi::fhir
