#include "store/query/ranges.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "base/bytes.h"
#include "base/text.h"
#include "fhir/search/search_number.h"
#include "store/index/posting.h"
#include "store/query/open_rows.h"

namespace heyi::store {
namespace {

// The closed interval that a number or quantity must meet to have a chance.
DoubleRange NumberBoundsOf(const fhir::CriterionValue& wanted) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  DoubleRange asked;
  if (const auto* number = std::get_if<fhir::NumberValue>(&wanted.value)) {
    asked = {DoubleOf(number->low), DoubleOf(number->high)};
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

// A stretch of the index: from the key `first` on, keys that begin with `head`, before `end`.
struct Stretch {
  std::string head;
  std::string first;
  std::string end;
};

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

void AddStrings(const std::string& head, const std::string& modifier, std::string_view folded, std::vector<Stretch>* stretches) {
  std::string first = head;
  if (modifier == "exact") PutString(first, folded);
  else if (modifier != "contains") first.append(folded.substr(0, kStringBytesMax));
  stretches->push_back({first, first, BehindAll(first)});
}

// Where the rows of one wanted value may lie; null `wanted`: all values (for :missing).
std::vector<Stretch> StretchesOf(const fhir::Type& type, const fhir::Criterion& criterion, const fhir::CriterionValue* wanted) {
  std::vector<Stretch> stretches;
  if (wanted != nullptr && IsLastUpdated(criterion)) {
    AddLastUpdated(PostingHead(kLastUpdated, type), *wanted, &stretches);
    return stretches;
  }
  const std::string head = PostingHead(criterion.parameter->number, type);
  if (wanted == nullptr) {
    stretches.push_back({head, head, BehindAll(head)});
  } else if (std::holds_alternative<fhir::DateValue>(wanted->value)) {
    AddDates(head, *wanted, &stretches);
  } else if (const auto* text = std::get_if<fhir::StringValue>(&wanted->value)) {
    AddStrings(head, criterion.modifier, base::FoldForSearch(text->text), &stretches);
  } else {
    AddNumbers(head, *wanted, &stretches);
  }
  return stretches;
}

class RangeReader {
 public:
  RangeReader(Scan& scan, const fhir::Type& type, const fhir::Criterion& criterion, uint64_t rows_max)
      : scan_(scan), type_(type), criterion_(criterion), rows_left_(rows_max) {}

  std::optional<Part> Read();

 private:
  using Test = std::function<bool(std::string_view value)>;  // of what stands behind parameter and type

  void ReadWhere(const fhir::CriterionValue* wanted, const Test& fits);
  Test TestOf(const fhir::CriterionValue& wanted);
  Test StringTest(std::string folded);

  Scan& scan_;
  const fhir::Type& type_;
  const fhir::Criterion& criterion_;
  std::vector<uint32_t> docids_;
  uint64_t rows_left_;
  bool too_many_ = false;
  bool exact_ = true;
};

void RangeReader::ReadWhere(const fhir::CriterionValue* wanted, const Test& fits) {
  for (const Stretch& stretch : StretchesOf(type_, criterion_, wanted)) {
    const std::string_view end = std::string_view(stretch.end).substr(kPostingHeadBytes);
    const bool ends_in_head = stretch.end.compare(0, kPostingHeadBytes, stretch.head, 0, kPostingHeadBytes) == 0;
    VisitOpen(scan_, stretch.first, stretch.head, [&](std::string_view value, uint32_t docid) {
      if (ends_in_head && value >= end) return false;
      if (rows_left_ == 0) {
        too_many_ = true;
        return false;
      }
      --rows_left_;
      if (fits(value)) docids_.push_back(docid);
      return true;
    });
    if (too_many_) return;
  }
}

RangeReader::Test RangeReader::StringTest(std::string folded) {
  if (criterion_.modifier == "exact") exact_ = false;  // case and accents are folded away here
  if (criterion_.modifier.empty() && folded.size() > kStringBytesMax) exact_ = false;
  if (criterion_.modifier != "contains") return [](std::string_view) { return true; };
  return [this, folded = std::move(folded)](std::string_view value) {
    value.remove_suffix(1);
    if (value.find(folded) != std::string_view::npos) return true;
    if (value.size() < kStringBytesMax) return false;
    exact_ = false;  // cut: what is wanted may stand in the rest
    return true;
  };
}

RangeReader::Test RangeReader::TestOf(const fhir::CriterionValue& wanted) {
  const auto matches = [this, &wanted](const fhir::DateValue& row) {
    return fhir::ValueMatches(*criterion_.parameter, criterion_.modifier, wanted, row);
  };
  if (IsLastUpdated(criterion_)) {
    return [matches](std::string_view value) {
      const base::TimeMs time_ms = TimeOfOrdered(base::BigAt<uint64_t>(value));
      return matches({time_ms, time_ms + 1});
    };
  }
  if (std::holds_alternative<fhir::DateValue>(wanted.value)) {
    return [matches](std::string_view value) { return matches(DateOfPosting(value)); };
  }
  if (const auto* text = std::get_if<fhir::StringValue>(&wanted.value)) return StringTest(base::FoldForSearch(text->text));
  exact_ = false;  // units, and decimals that share a double, are for the bodies
  return [low = OrderedDouble(NumberBoundsOf(wanted).low)](std::string_view value) { return base::BigAt<uint64_t>(value, 9) >= low; };
}

std::optional<Part> RangeReader::Read() {
  const bool missing = criterion_.modifier == "missing";
  if (missing) ReadWhere(nullptr, [](std::string_view) { return true; });
  for (const fhir::CriterionValue& wanted : criterion_.values) {
    if (!missing && !too_many_) ReadWhere(&wanted, TestOf(wanted));
  }
  if (too_many_) return std::nullopt;
  SortUnique(docids_);
  DocidStreamPtr stream = VectorStream(std::move(docids_));
  if (missing && criterion_.missing) stream = Except(PostingStream(scan_, TypePosting(type_)), std::move(stream));
  return Part{std::move(stream), exact_};
}

}  // namespace

bool IsRange(const fhir::Criterion& criterion) {
  const fhir::SearchParameter& parameter = *criterion.parameter;
  if (IsLastUpdated(criterion)) return criterion.modifier.empty();
  if (!HasPostings(parameter)) return false;
  if (criterion.modifier == "missing") return true;
  switch (parameter.type) {
    case fhir::SearchType::kDate:
    case fhir::SearchType::kNumber:
    case fhir::SearchType::kQuantity: return criterion.modifier.empty();
    case fhir::SearchType::kString:
      return criterion.modifier.empty() || criterion.modifier == "exact" || criterion.modifier == "contains";
    default: return false;
  }
}

std::optional<Part> ReadRange(Scan& scan, const fhir::Type& type, const fhir::Criterion& criterion, uint64_t rows_max) {
  return RangeReader(scan, type, criterion, rows_max).Read();
}

uint64_t EstimateRange(const Scan& scan, const fhir::Type& type, const fhir::Criterion& criterion) {
  uint64_t rows = 0;
  const auto add = [&](const fhir::CriterionValue* wanted) {
    for (const Stretch& stretch : StretchesOf(type, criterion, wanted)) rows += scan.EstimateRows(stretch.first, stretch.end);
  };
  if (criterion.modifier == "missing") {
    add(nullptr);
  } else {
    for (const fhir::CriterionValue& wanted : criterion.values) add(&wanted);
  }
  return rows;
}

void SortUnique(std::vector<uint32_t>& docids) {
  std::sort(docids.begin(), docids.end());
  docids.erase(std::unique(docids.begin(), docids.end()), docids.end());
}

TimeBounds BoundsOf(const fhir::CriterionValue& wanted) {
  const auto* date = std::get_if<fhir::DateValue>(&wanted.value);
  if (date == nullptr) return {};
  switch (wanted.prefix) {
    case fhir::Prefix::kEq:
    case fhir::Prefix::kAp: return {date->low, date->high};
    case fhir::Prefix::kGt:
    case fhir::Prefix::kGe:
    case fhir::Prefix::kSa: return {date->low, INT64_MAX};
    case fhir::Prefix::kLt:
    case fhir::Prefix::kLe:
    case fhir::Prefix::kEb: return {INT64_MIN, date->high};
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
