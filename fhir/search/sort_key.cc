#include "fhir/search/sort_key.h"

#include <limits>

#include "base/bytes.h"
#include "base/text.h"
#include "fhir/search/ordered.h"

namespace heyi::fhir {
namespace {

constexpr size_t kNameBytesMax = 200;  // of codes, URIs and references, which often begin alike

std::string OfText(std::string_view text, size_t bytes_max) { return base::FoldForSearch(text).substr(0, bytes_max); }

std::string OfDoubles(double low, double high) {
  std::string bytes;
  base::PutBig(bytes, OrderedDouble(low));
  base::PutBig(bytes, OrderedDouble(high));
  return bytes;
}

std::string OfTimes(const DateValue& date) {
  std::string bytes;
  base::PutBig(bytes, OrderedTime(date.low));
  base::PutBig(bytes, OrderedTime(date.high));
  return bytes;
}

}  // namespace

std::optional<std::string> SortBytesOf(const SearchValue& value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (const auto* token = std::get_if<TokenValue>(&value)) return OfText(token->code.empty() ? token->text
                                                                         : token->code, kNameBytesMax);
  if (const auto* text = std::get_if<StringValue>(&value)) return OfText(text->text, kOrderedTextBytesMax);
  if (const auto* date = std::get_if<DateValue>(&value)) return OfTimes(*date);
  if (const auto* uri = std::get_if<UriValue>(&value)) return OfText(uri->uri, kNameBytesMax);
  if (const auto* number = std::get_if<NumberValue>(&value)) return OfDoubles(DoubleOf(number->low),
                                                                              DoubleOf(number->high));
  if (const auto* quantity = std::get_if<QuantityValue>(&value)) {
    if (quantity->canonical) return std::nullopt;  // sorted as written
    const double low = quantity->range && quantity->value.empty() ? -kInfinity : DoubleOf(quantity->value);
    const double high = !quantity->range ? low : quantity->high.empty() ? kInfinity : DoubleOf(quantity->high);
    return OfDoubles(low, high);
  }
  const auto& reference = std::get<ReferenceValue>(value);
  if (reference.id.empty()) return std::nullopt;
  return OfText(reference.type.empty() ? reference.id : reference.type + "/" + reference.id, kNameBytesMax);
}

bool NeedsTree(const SortBy& by) { return by.parameter->code != "_id" && by.parameter->code != "_lastUpdated"; }

std::optional<std::string> SortKeyOf(const Tree* tree, std::string_view id, base::TimeMs last_updated,
                                     const SortBy& by) {
  if (by.parameter->code == "_id") return std::string(id);
  if (by.parameter->code == "_lastUpdated") return OfTimes({last_updated, last_updated + 1});
  std::optional<std::string> key;
  for (const SearchValue& value : ExtractValues(*tree, *by.parameter)) {
    std::optional<std::string> bytes = SortBytesOf(value);
    if (bytes && (!key || (by.descending ? *bytes > *key : *bytes < *key))) key = std::move(bytes);
  }
  return key;
}

}  // namespace heyi::fhir
