// Quantities: a number with a unit, which must be the one asked for, or one that converts into it (unit.cc).
// https://hl7.org/fhir/R4/search.html#quantity
#include "fhir/search/search_number.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

constexpr std::string_view kCurrencies = "urn:iso:std:iso:4217";

bool IsSearchNumber(std::string_view text) { return SearchNumber::Parse(text, kStoredExponentMax).has_value(); }

void AddWithCanonical(QuantityValue row, std::vector<SearchValue>& out) {
  std::optional<QuantityValue> canonical = CanonicalRow(row);
  out.emplace_back(std::move(row));
  if (canonical) out.emplace_back(*std::move(canonical));
}

void AddQuantity(Node quantity, std::vector<SearchValue>& out) {
  const std::string_view value = quantity.TextAt("value");
  if (!IsSearchNumber(value)) return;
  QuantityValue row;
  row.value = value;
  row.system = quantity.TextAt("system");
  row.code = quantity.TextAt("code");
  row.unit = quantity.TextAt("unit");
  AddWithCanonical(std::move(row), out);
}

void AddMoney(Node money, std::vector<SearchValue>& out) {
  const std::string_view value = money.TextAt("value");
  if (!IsSearchNumber(value)) return;
  QuantityValue row;
  row.value = value;
  row.code = money.TextAt("currency");
  if (!row.code.empty()) row.system = kCurrencies;
  out.emplace_back(std::move(row));
}

void AddRange(Node range, std::vector<SearchValue>& out) {
  const Node low = range.Member("low");
  const Node high = range.Member("high");
  const Node either = low ? low : high;
  if (!either) return;
  QuantityValue row;
  row.range = true;
  if (low) row.value = low.TextAt("value");
  if (high) row.high = high.TextAt("value");
  if (!IsSearchNumber(row.value) && !IsSearchNumber(row.high)) return;
  row.system = either.TextAt("system");
  row.code = either.TextAt("code");
  row.unit = either.TextAt("unit");
  const bool same_unit = !low || !high || low.TextAt("code") == high.TextAt("code");
  if (same_unit) AddWithCanonical(std::move(row), out);
  else out.emplace_back(std::move(row));
}

// The value's low and high end against one number, as -1, 0, 1; an open end is beyond every number.
struct Ends {
  int low = -1;
  int high = 1;
};
Ends EndsAgainst(const QuantityValue& value, const SearchNumber& number) {
  Ends ends;
  const std::optional<SearchNumber> low = SearchNumber::Parse(value.value, kStoredExponentMax);
  const std::optional<SearchNumber> high = value.range ? SearchNumber::Parse(value.high, kStoredExponentMax) : low;
  if (low) ends.low = Compare(*low, number);
  if (high) ends.high = Compare(*high, number);
  return ends;
}

}  // namespace

void AppendQuantities(const PathValue& item, std::vector<SearchValue>& out) {
  const Node node = item.kind() == PathValue::Kind::kNode ? item.node() : Node();
  if (!node || node.type() == nullptr || node.type()->is_primitive()) return;
  if (node.type()->name == "Money") return AddMoney(node, out);
  if (node.type()->name == "Range") return AddRange(node, out);
  if (node.type()->IsA("Quantity")) return AddQuantity(node, out);
}

std::optional<QuantityValue> ParseQuantity(std::string_view text) {
  const std::vector<std::string_view> parts = SplitEscaped(text, '|');
  if (parts.size() > 3) return std::nullopt;
  if (!SearchNumber::Parse(parts[0], kAskedExponentMax)) return std::nullopt;
  QuantityValue value;
  value.value = parts[0];
  if (parts.size() > 1) value.system = Unescape(parts[1]);  // 5|system: any unit of it
  if (parts.size() > 2) value.code = Unescape(parts[2]);
  if (parts.size() > 1 && value.system.empty() && value.code.empty()) return std::nullopt;
  return value;
}

namespace {

// Both in base units: the row's ends against the ends that the prefix compares with.
bool CanonicalMatches(Prefix prefix, const QuantityValue& wanted, const QuantityValue& value) {
  const std::optional<SearchNumber> low = SearchNumber::Parse(wanted.value, kStoredExponentMax);
  const std::optional<SearchNumber> high = SearchNumber::Parse(wanted.high, kStoredExponentMax);
  if (wanted.code != value.code || !low || !high) return false;
  const Ends at_low = EndsAgainst(value, *low);
  const Ends at_high = EndsAgainst(value, *high);
  const bool within = at_low.low >= 0 && (value.range ? at_high.high <= 0 : at_high.high < 0);
  switch (prefix) {
    case Prefix::kEq: return within;
    case Prefix::kNe: return !within;
    case Prefix::kGt: return at_low.high > 0;
    case Prefix::kLt: return at_low.low < 0;
    case Prefix::kGe: return at_low.high >= 0;
    case Prefix::kLe: return at_low.low <= 0;
    case Prefix::kSa: return at_low.low > 0;
    case Prefix::kEb: return at_low.high < 0;
    case Prefix::kAp: return at_low.high >= 0 && at_high.low <= 0;
  }
  return false;
}

}  // namespace

bool QuantityMatches(Prefix prefix, const QuantityValue& wanted, const QuantityValue& value) {
  if (wanted.canonical != value.canonical) return false;
  if (wanted.canonical) return CanonicalMatches(prefix, wanted, value);
  const std::optional<SearchNumber> number = SearchNumber::Parse(wanted.value, kStoredExponentMax);
  if (!number || !UnitMatches(wanted, value)) return false;
  const auto within = [&value](const std::pair<SearchNumber, SearchNumber>& range) {
    const int high = EndsAgainst(value, range.second).high;
    return EndsAgainst(value, range.first).low >= 0 && (value.range ? high <= 0 : high < 0);
  };
  const Ends ends = EndsAgainst(value, *number);
  switch (prefix) {
    case Prefix::kEq: return within(number->ImplicitRange());
    case Prefix::kNe: return !within(number->ImplicitRange());
    case Prefix::kGt: return ends.high > 0;
    case Prefix::kLt: return ends.low < 0;
    case Prefix::kGe: return ends.high >= 0;
    case Prefix::kLe: return ends.low <= 0;
    case Prefix::kSa: return ends.low > 0;
    case Prefix::kEb: return ends.high < 0;
    case Prefix::kAp: {
      const auto [low, high] = number->TenthAround();
      return EndsAgainst(value, low).high >= 0 && EndsAgainst(value, high).low <= 0;
    }
  }
  return false;
}

}  // namespace heyi::fhir
