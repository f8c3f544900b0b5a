#include "store/query/stretches.h"

#include <algorithm>
#include <limits>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/text.h"
#include "fhir/search/search_number.h"
#include "store/query/docid_stream.h"

namespace heyi::store {
namespace {

std::string WithTime(std::string head, base::TimeMs time_ms) {
  base::PutBig(head, OrderedTime(time_ms));
  return head;
}

std::string WithDouble(std::string head, double value) {
  base::PutBig(head, OrderedDouble(value));
  return head;
}

void AddDates(const std::string& head, const fhir::CriterionValue& wanted, std::vector<Stretch>* stretches) {
  const TimeBounds bounds = BoundsOf(wanted);
  for (int span = 0; span < kSpans; ++span) {
    Stretch stretch;
    stretch.head = head + static_cast<char>(span);
    base::TimeMs low = INT64_MIN;
    if (span < kSpans - 1 && bounds.low > INT64_MIN + kSpanMs[span]) low = bounds.low - kSpanMs[span];
    stretch.first = WithTime(stretch.head, low);
    stretch.end = bounds.high == INT64_MAX ? BehindAll(stretch.head) : WithTime(stretch.head, bounds.high);
    stretches->push_back(std::move(stretch));
  }
}

void AddLastUpdated(const std::string& head, const fhir::CriterionValue& wanted, std::vector<Stretch>* stretches) {
  const TimeBounds bounds = BoundsOf(wanted);
  stretches->push_back({head, WithTime(head, bounds.low == INT64_MIN ? bounds.low : bounds.low - 1),
                        bounds.high == INT64_MAX ? BehindAll(head) : WithTime(head, bounds.high)});
}

void AddNumbers(const std::string& head, const fhir::CriterionValue& wanted, std::vector<Stretch>* stretches) {
  const DoubleRange bounds = NumberBoundsOf(wanted);
  for (const char kind : {'\0', '\1'}) {
    Stretch stretch;
    stretch.head = head + kind;
    stretch.first = kind == '\0' ? WithDouble(stretch.head, bounds.low) : stretch.head;
    stretch.end = BehindAll(WithDouble(stretch.head, bounds.high));
    stretches->push_back(std::move(stretch));
  }
}

void AddStrings(const std::string& head, const std::string& modifier, std::string_view folded,
                std::vector<Stretch>* stretches) {
  std::string first = head;
  if (modifier == "exact") PutString(first, folded);
  else if (modifier != "contains") first.append(folded.substr(0, kStringBytesMax));
  stretches->push_back({first, first, BehindAll(first)});
}

// Behind `head`, by the kind of what is wanted.
void AddOfValue(const std::string& head, const std::string& modifier, const fhir::CriterionValue& wanted,
                std::vector<Stretch>* stretches) {
  if (std::holds_alternative<fhir::DateValue>(wanted.value)) return AddDates(head, wanted, stretches);
  if (const auto* text = std::get_if<fhir::StringValue>(&wanted.value)) {
    return AddStrings(head, modifier, base::FoldForSearch(text->text), stretches);
  }
  if (std::holds_alternative<fhir::NumberValue>(wanted.value) ||
      std::holds_alternative<fhir::QuantityValue>(wanted.value)) {
    return AddNumbers(head, wanted, stretches);
  }
  std::string first = head;
  if (const auto* token = std::get_if<fhir::TokenValue>(&wanted.value); token != nullptr && !wanted.any_code) {
    wanted.any_system ? PutTokenCode(first, token->code) : PutToken(first, token->system, token->code);
  }
  stretches->push_back({first, first, BehindAll(first)});
}

// A composite's first part is read by its hash; behind a whole one the second part's own stretches lie.
void AddComposites(const std::string& head, const fhir::SearchParameter& parameter, const fhir::CriterionValue& wanted,
                   std::vector<Stretch>* stretches) {
  const fhir::CriterionValue& first = wanted.parts[0];
  std::string whole = head;
  if (const auto* token = std::get_if<fhir::TokenValue>(&first.value)) {
    if (first.any_code) return stretches->push_back({head, head, BehindAll(head)});
    if (first.any_system) {
      PutTokenCode(whole, token->code);
      return stretches->push_back({whole, whole, BehindAll(whole)});
    }
    PutToken(whole, token->system, token->code);
    return AddOfValue(whole, {}, wanted.parts[1], stretches);
  }
  const auto& reference = std::get<fhir::ReferenceValue>(first.value);
  std::vector<std::string> types = {reference.type};
  if (reference.type.empty() && base::IsFhirId(reference.id)) {
    const std::vector<std::string>& targets = parameter.components[0].parameter->targets;
    if (targets.empty()) return stretches->push_back({head, head, BehindAll(head)});
    types.insert(types.end(), targets.begin(), targets.end());
  }
  for (const std::string& type : types) {
    whole = head;
    PutReference(whole, type, reference.id);
    AddOfValue(whole, {}, wanted.parts[1], stretches);
  }
}

}  // namespace

DoubleRange NumberBoundsOf(const fhir::CriterionValue& wanted) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  DoubleRange asked;
  if (const auto* number = std::get_if<fhir::NumberValue>(&wanted.value)) {
    asked = {DoubleOf(number->low), DoubleOf(number->high)};
  } else if (const auto* canonical = std::get_if<fhir::QuantityValue>(&wanted.value);
             canonical != nullptr && canonical->canonical) {
    asked = {DoubleOf(canonical->value), DoubleOf(canonical->high)};
  } else if (const auto* quantity = std::get_if<fhir::QuantityValue>(&wanted.value)) {
    const auto exact = fhir::SearchNumber::Parse(quantity->value, fhir::kStoredExponentMax);
    if (!exact) return {-kInfinity, kInfinity};
    const auto [low, high] = wanted.prefix == fhir::Prefix::kAp ? exact->TenthAround() : exact->ImplicitRange();
    asked = {DoubleOf(low.Text()), DoubleOf(high.Text())};
  }
  switch (wanted.prefix) {
    case fhir::Prefix::kEq:
    case fhir::Prefix::kAp: return asked;
    case fhir::Prefix::kGt:
    case fhir::Prefix::kGe:
    case fhir::Prefix::kSa: return {asked.low, kInfinity};
    case fhir::Prefix::kLt:
    case fhir::Prefix::kLe:
    case fhir::Prefix::kEb: return {-kInfinity, asked.high};
    case fhir::Prefix::kNe: return {-kInfinity, kInfinity};
  }
  return {-kInfinity, kInfinity};
}

std::vector<Stretch> StretchesBehind(const std::string& head, const fhir::CriterionValue& wanted) {
  std::vector<Stretch> stretches;
  AddOfValue(head, {}, wanted, &stretches);
  return stretches;
}

std::vector<Stretch> StretchesOf(const fhir::Type& type, const fhir::Criterion& criterion,
                                 const fhir::CriterionValue* wanted) {
  std::vector<Stretch> stretches;
  if (wanted != nullptr && IsLastUpdated(criterion)) {
    AddLastUpdated(PostingHead(kLastUpdated, type), *wanted, &stretches);
    return stretches;
  }
  const std::string head = AnsweringHead(*criterion.parameter, type);
  if (wanted == nullptr) stretches.push_back({head, head, BehindAll(head)});
  else if (!wanted->parts.empty()) AddComposites(head, *criterion.parameter, *wanted, &stretches);
  else AddOfValue(head, criterion.modifier, *wanted, &stretches);
  return stretches;
}

TimeBounds BoundsOf(const fhir::CriterionValue& wanted) {
  const auto* date = std::get_if<fhir::DateValue>(&wanted.value);
  if (date == nullptr) return {};
  switch (wanted.prefix) {
    case fhir::Prefix::kEq:
    case fhir::Prefix::kAp: return {date->low, date->high};
    // An interval of less than a millisecond may have its ends rounded past each other.
    case fhir::Prefix::kGt:
    case fhir::Prefix::kGe:
    case fhir::Prefix::kSa: return {std::min(date->low, date->high), INT64_MAX};
    case fhir::Prefix::kLt:
    case fhir::Prefix::kLe:
    case fhir::Prefix::kEb: return {INT64_MIN, std::max(date->low, date->high)};
    case fhir::Prefix::kNe: return {};
  }
  return {};
}

TimeBounds BoundsOf(const fhir::Criterion& criterion) {
  if (criterion.values.empty()) return {};
  TimeBounds hull = BoundsOf(criterion.values.front());
  for (const fhir::CriterionValue& wanted : criterion.values) {
    const TimeBounds one = BoundsOf(wanted);
    hull.low = std::min(hull.low, one.low);
    hull.high = std::max(hull.high, one.high);
  }
  return hull;
}

bool IsLastUpdated(const fhir::Criterion& criterion) { return criterion.parameter->code == "_lastUpdated"; }

}  // namespace heyi::store
