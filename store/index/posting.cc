#include "store/index/posting.h"

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

void PutDoubleRange(std::string& out, const DoubleRange& range) {
  out += range.low == range.high ? '\0' : '\1';
  base::PutBig(out, OrderedDouble(range.low));
  base::PutBig(out, OrderedDouble(range.high));
}

DoubleRange DoubleRangeOfPosting(std::string_view value) {
  return {fhir::DoubleOfOrdered(base::BigAt<uint64_t>(value, 1)), fhir::DoubleOfOrdered(base::BigAt<uint64_t>(value, 9))};
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
    case fhir::SearchType::kComposite: {
      // What its rows are read by comes first: a composite of anything else is left to the bodies.
      const fhir::SearchType first = parameter.components.front().parameter->type;
      return first == fhir::SearchType::kToken || first == fhir::SearchType::kReference;
    }
    case fhir::SearchType::kSpecial: return false;
  }
  return false;
}

std::string AnsweringHead(const fhir::SearchParameter& parameter, const fhir::Type& type) {
  return PostingHead((parameter.covered_by != nullptr ? parameter.covered_by : &parameter)->number, type);
}

namespace {

void PutValue(std::string& out, const fhir::SearchValue& value) {
  if (const auto* token = std::get_if<fhir::TokenValue>(&value)) {
    PutToken(out, token->system, token->code);
  } else if (const auto* text = std::get_if<fhir::StringValue>(&value)) {
    PutString(out, base::FoldForSearch(text->text));
  } else if (const auto* date = std::get_if<fhir::DateValue>(&value)) {
    PutDate(out, *date);
  } else if (const auto* reference = std::get_if<fhir::ReferenceValue>(&value)) {
    PutReference(out, reference->type, reference->id);
  } else if (const auto* uri = std::get_if<fhir::UriValue>(&value)) {
    base::PutBig(out, base::Hash64(uri->uri));
  } else if (const auto* number = std::get_if<fhir::NumberValue>(&value)) {
    PutDoubleRange(out, {DoubleOf(number->low), DoubleOf(number->high)});
  } else if (const auto* quantity = std::get_if<fhir::QuantityValue>(&value)) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    DoubleRange range;
    range.low = quantity->range && quantity->value.empty() ? -kInfinity : DoubleOf(quantity->value);
    range.high = !quantity->range ? range.low : quantity->high.empty() ? kInfinity : DoubleOf(quantity->high);
    PutDoubleRange(out, range);
  }
}

}  // namespace

std::string PostingOfRow(const fhir::Type& type, const fhir::SearchRow& row) {
  std::string posting = PostingHead(row.parameter->number, type);
  PutValue(posting, row.value);
  return posting;
}

void AppendCompositePostings(const fhir::Type& type, const fhir::SearchParameter& parameter,
                             const std::vector<fhir::CompositeValue>& values, std::vector<std::string>& postings) {
  const std::string head = PostingHead(parameter.number, type);
  for (const fhir::CompositeValue& value : values) {
    const auto& firsts = value.components[0];
    const auto& seconds = value.components[1];
    if (firsts.size() * seconds.size() > kCompositePairsMax) {
      postings.push_back(head + std::string(kUndecided));
      continue;
    }
    for (const fhir::SearchValue& first : firsts) {
      std::string begin = head;
      PutValue(begin, first);
      for (const fhir::SearchValue& second : seconds) PutValue(postings.emplace_back(begin), second);
    }
  }
}

}  // namespace heyi::store
