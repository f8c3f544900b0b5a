#include "store/index/posting.h"

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

bool HasPostings(const fhir::SearchParameter& parameter) {
  if (!parameter.indexed() || parameter.code == "_id" || parameter.code == "_lastUpdated") return false;
  switch (parameter.type) {
    case fhir::SearchType::kToken:
    case fhir::SearchType::kString:
    case fhir::SearchType::kDate:
    case fhir::SearchType::kReference:
    case fhir::SearchType::kUri: return true;
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
  }
  return posting;
}

}  // namespace heyi::store
