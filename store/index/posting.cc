#include "store/index/posting.h"

#include <bit>
#include <charconv>
#include <limits>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"

namespace heyi::store {

int SpanOf(const fhir::DateValue& date) {
  if (date.low == INT64_MIN || date.high == INT64_MAX) return kSpans - 1;
  int span = 0;
  while (date.high - date.low > kSpanMs[span]) ++span;
  return span;
}

std::string PostingHead(uint16_t parameter, const fhir::Type& type) {
  std::string head = "p";
  base::PutBig(head, parameter);
  head += static_cast<char>(type.number);
  return head;
}

std::string TypePosting(const fhir::Type& type) { return PostingHead(kAllOfType, type); }

std::string TimePosting(const fhir::Type& type, base::TimeMs last_updated) {
  std::string posting = PostingHead(kLastUpdated, type);
  base::PutBig(posting, OrderedTime(last_updated));
  return posting;
}

uint32_t SystemHash(std::string_view system) { return static_cast<uint32_t>(base::Hash64(system)); }

void PutTokenCode(std::string& out, std::string_view code) { base::PutBig(out, base::Hash64(code)); }

void PutToken(std::string& out, std::string_view system, std::string_view code) {
  PutTokenCode(out, code);
  base::PutBig(out, SystemHash(system));
}

void PutString(std::string& out, std::string_view folded) {
  out.append(folded.substr(0, kStringBytesMax)).push_back('\0');
}

void PutDate(std::string& out, const fhir::DateValue& date) {
  out += static_cast<char>(SpanOf(date));
  base::PutBig(out, OrderedTime(date.low));
  base::PutBig(out, OrderedTime(date.high));
}

fhir::DateValue DateOfPosting(std::string_view value) {
  return {TimeOfOrdered(base::BigAt<uint64_t>(value, 1)), TimeOfOrdered(base::BigAt<uint64_t>(value, 9))};
}

void PutReference(std::string& out, std::string_view type, std::string_view id) {
  std::string target(type);
  if (!type.empty()) target += '/';
  base::PutBig(out, base::Hash64(target.append(id)));
}

uint64_t OrderedDouble(double value) {
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  return (bits >> 63) != 0 ? ~bits : bits | (1ull << 63);
}

double DoubleOf(std::string_view decimal) {
  if (decimal.starts_with('+')) decimal.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  const size_t exponent = decimal.find_first_of("eE");
  if (exponent != std::string_view::npos && decimal.substr(exponent + 1).starts_with('-')) return 0;
  const double infinity = std::numeric_limits<double>::infinity();
  return decimal.starts_with('-') ? -infinity : infinity;
}

void PutDoubleRange(std::string& out, const DoubleRange& range) {
  out += range.low == range.high ? '\0' : '\1';
  base::PutBig(out, OrderedDouble(range.low));
  base::PutBig(out, OrderedDouble(range.high));
}

DoubleRange DoubleRangeOfPosting(std::string_view value) {
  const auto double_of = [](uint64_t ordered) {
    return std::bit_cast<double>((ordered >> 63) != 0 ? ordered & ~(1ull << 63) : ~ordered);
  };
  return {double_of(base::BigAt<uint64_t>(value, 1)), double_of(base::BigAt<uint64_t>(value, 9))};
}

bool HasPostings(const fhir::SearchParameter& parameter) {
  if (!parameter.indexed() || parameter.code == "_id" || parameter.code == "_lastUpdated") return false;
  switch (parameter.type) {
    case fhir::SearchType::kToken:
    case fhir::SearchType::kString:
    case fhir::SearchType::kDate:
    case fhir::SearchType::kReference:
    case fhir::SearchType::kUri:
    case fhir::SearchType::kNumber:
    case fhir::SearchType::kQuantity: return true;
    default: return false;
  }
}

std::string PostingOfRow(const fhir::Type& type, const fhir::SearchRow& row) {
  std::string posting = PostingHead(row.parameter->number, type);
  if (const auto* token = std::get_if<fhir::TokenValue>(&row.value)) {
    PutToken(posting, token->system, token->code);
  } else if (const auto* text = std::get_if<fhir::StringValue>(&row.value)) {
    PutString(posting, base::FoldForSearch(text->text));
  } else if (const auto* date = std::get_if<fhir::DateValue>(&row.value)) {
    PutDate(posting, *date);
  } else if (const auto* reference = std::get_if<fhir::ReferenceValue>(&row.value)) {
    PutReference(posting, reference->type, reference->id);
  } else if (const auto* uri = std::get_if<fhir::UriValue>(&row.value)) {
    base::PutBig(posting, base::Hash64(uri->uri));
  } else if (const auto* number = std::get_if<fhir::NumberValue>(&row.value)) {
    PutDoubleRange(posting, {DoubleOf(number->low), DoubleOf(number->high)});
  } else if (const auto* quantity = std::get_if<fhir::QuantityValue>(&row.value)) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    DoubleRange range;
    range.low = quantity->range && quantity->value.empty() ? -kInfinity : DoubleOf(quantity->value);
    range.high = !quantity->range ? range.low : quantity->high.empty() ? kInfinity : DoubleOf(quantity->high);
    PutDoubleRange(posting, range);
  }
  return posting;
}

}  // namespace heyi::store
