#include "store/query/plan.h"

#include <algorithm>
#include <limits>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/ids.h"
#include "base/text.h"
#include "fhir/search/search_number.h"
#include "store/index/posting.h"
#include "store/query/open_rows.h"

namespace heyi::store {
namespace {

constexpr size_t kFewCandidates = 1'000;
constexpr size_t kSystemsMax = 64;        // of one bare code: beyond, its rows are read and sorted
constexpr uint64_t kRowsPerCandidate = 100;  // reading a body costs about as much as this many rows

bool IsRange(const fhir::Criterion& criterion);

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

// One criterion's docids; null stream: only the bodies can tell.
struct Part {
  DocidStreamPtr stream;
  bool exact = true;
};

class Planner {
 public:
  Planner(Scan& scan, const fhir::Type& type) : scan_(scan), type_(type) {}

  Part StreamOf(const fhir::Criterion& criterion);
  // The rows of a range; nullopt where there are more than `rows_max`.
  std::optional<Part> RangeOf(const fhir::Criterion& criterion, uint64_t rows_max);
  DocidStreamPtr OfCompartment(const fhir::CompartmentCriterion& compartment, bool* exact);
  DocidStreamPtr OfType() { return PostingStream(scan_, TypePosting(type_)); }

 private:
  Part Ids(const std::vector<std::string>& ids);
  DocidStreamPtr Tokens(const fhir::Criterion& criterion);
  DocidStreamPtr BareCode(std::string posting);
  Part References(const fhir::Criterion& criterion);
  DocidStreamPtr Collect(std::string_view first, std::string_view head, const std::function<bool(std::string_view)>& fits);

  void ReadDates(const fhir::Criterion& criterion, const fhir::CriterionValue& wanted);
  void ReadLastUpdated(const fhir::Criterion& criterion, const fhir::CriterionValue& wanted);
  void ReadNumbers(const fhir::Criterion& criterion, const fhir::CriterionValue& wanted);
  void ReadStrings(const fhir::Criterion& criterion, const fhir::CriterionValue& wanted);
  void ReadWhere(std::string_view first, std::string_view head, const std::function<bool(std::string_view value)>& going_on,
                 const std::function<bool(std::string_view value)>& fits);

  Scan& scan_;
  const fhir::Type& type_;
  // Of the range being read:
  std::vector<uint32_t> docids_;
  uint64_t rows_left_ = 0;
  bool too_many_ = false;
  bool exact_ = true;
};

void SortUnique(std::vector<uint32_t>& docids) {
  std::sort(docids.begin(), docids.end());
  docids.erase(std::unique(docids.begin(), docids.end()), docids.end());
}

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

Part Planner::StreamOf(const fhir::Criterion& criterion) {
  const fhir::SearchParameter& parameter = *criterion.parameter;
  if (parameter.code == "_id" && criterion.modifier.empty()) return Ids(criterion.ids);
  if (!HasPostings(parameter)) return {};
  switch (parameter.type) {
    case fhir::SearchType::kToken:
      if (criterion.modifier.empty()) return {Tokens(criterion), true};
      if (criterion.modifier == "not") return {Except(OfType(), Tokens(criterion)), true};
      return {};
    case fhir::SearchType::kReference: return References(criterion);
    case fhir::SearchType::kUri: {
      if (!criterion.modifier.empty()) return {};
      std::vector<DocidStreamPtr> streams;
      for (const fhir::CriterionValue& wanted : criterion.values) {
        std::string posting = PostingHead(parameter.number, type_);
        base::PutBig(posting, base::Hash64(std::get<fhir::UriValue>(wanted.value).uri));
        streams.push_back(PostingStream(scan_, std::move(posting)));
      }
      return {UnionOf(std::move(streams)), true};
    }
    default: return {};
  }
}

Part Planner::Ids(const std::vector<std::string>& ids) {
  std::vector<uint32_t> docids;
  for (const std::string& id : ids) {
    auto record = scan_.reader().Current(type_, id);
    if (!record.ok()) {
      scan_.Fail(std::move(record).error());
      break;
    }
    if (*record && !(*record)->deleted) docids.push_back((*record)->docid);
  }
  SortUnique(docids);
  return {VectorStream(std::move(docids)), true};
}

DocidStreamPtr Planner::Collect(std::string_view first, std::string_view head, const std::function<bool(std::string_view)>& fits) {
  std::vector<uint32_t> docids;
  VisitOpen(scan_, first, head, [&](std::string_view value, uint32_t docid) {
    if (fits(value)) docids.push_back(docid);
    return true;
  });
  SortUnique(docids);
  return VectorStream(std::move(docids));
}

// `posting` ends in the code: one stream a system that it stands with.
DocidStreamPtr Planner::BareCode(std::string posting) {
  std::vector<DocidStreamPtr> streams;
  leveldb::Iterator& rows = scan_.Walk();
  std::string whole;
  for (rows.Seek(posting); rows.Valid() && rows.key().starts_with(posting) && scan_.Spend(1);) {
    if (rows.key().size() != posting.size() + 4 + kPostingTailBytes) break;
    if (streams.size() == kSystemsMax) {
      return Collect(posting, posting, [](std::string_view) { return true; });
    }
    whole.assign(rows.key().data(), posting.size() + 4);
    streams.push_back(PostingStream(scan_, whole));
    const uint32_t system = base::BigAt<uint32_t>(whole, posting.size());
    if (system == UINT32_MAX) break;
    std::string next = posting;
    base::PutBig(next, system + 1);
    rows.Seek(next);
  }
  return streams.empty() ? VectorStream({}) : UnionOf(std::move(streams));
}

DocidStreamPtr Planner::Tokens(const fhir::Criterion& criterion) {
  std::vector<DocidStreamPtr> streams;
  const std::string head = PostingHead(criterion.parameter->number, type_);
  for (const fhir::CriterionValue& wanted : criterion.values) {
    const auto& token = std::get<fhir::TokenValue>(wanted.value);
    std::string posting = head;
    if (wanted.any_code) {
      const uint32_t system = SystemHash(token.system);
      streams.push_back(Collect(head, head, [system](std::string_view value) {
        return value.size() == 12 && base::BigAt<uint32_t>(value, 8) == system;
      }));
    } else if (wanted.any_system) {
      PutTokenCode(posting, token.code);
      streams.push_back(BareCode(std::move(posting)));
    } else {
      PutToken(posting, token.system, token.code);
      streams.push_back(PostingStream(scan_, std::move(posting)));
    }
  }
  return streams.empty() ? VectorStream({}) : UnionOf(std::move(streams));
}

Part Planner::References(const fhir::Criterion& criterion) {
  const fhir::SearchParameter& parameter = *criterion.parameter;
  const bool typed = !criterion.modifier.empty() && criterion.modifier.front() >= 'A' && criterion.modifier.front() <= 'Z';
  if (!criterion.modifier.empty() && !typed) return {};
  Part part;
  std::vector<DocidStreamPtr> streams;
  const auto add = [&](std::string_view type, std::string_view id) {
    std::string posting = PostingHead(parameter.number, type_);
    PutReference(posting, type, id);
    streams.push_back(PostingStream(scan_, std::move(posting)));
  };
  for (const fhir::CriterionValue& wanted : criterion.values) {
    const auto& reference = std::get<fhir::ReferenceValue>(wanted.value);
    if (!reference.version.empty()) part.exact = false;
    if (!reference.type.empty()) {
      add(reference.type, reference.id);
    } else if (typed) {
      add(criterion.modifier, reference.id);
    } else {
      add({}, reference.id);
      // A bare id may be of any type that the parameter points to.
      if (base::IsFhirId(reference.id)) {
        if (parameter.targets.empty()) return {};
        for (const std::string& target : parameter.targets) add(target, reference.id);
      }
    }
  }
  part.stream = streams.empty() ? VectorStream({}) : UnionOf(std::move(streams));
  return part;
}

DocidStreamPtr Planner::OfCompartment(const fhir::CompartmentCriterion& compartment, bool* exact) {
  std::vector<DocidStreamPtr> streams;
  for (const fhir::SearchParameter* parameter : compartment.parameters) {
    if (!HasPostings(*parameter) || parameter->type != fhir::SearchType::kReference) {
      *exact = false;  // rows of another kind: the bodies tell
      return OfType();
    }
    std::string posting = PostingHead(parameter->number, type_);
    PutReference(posting, compartment.type, compartment.id);
    streams.push_back(PostingStream(scan_, std::move(posting)));
  }
  *exact = true;
  return streams.empty() ? VectorStream({}) : UnionOf(std::move(streams));
}

// ---- ranges --------------------------------------------------------------------------------------------------------

void Planner::ReadWhere(std::string_view first, std::string_view head, const std::function<bool(std::string_view)>& going_on,
                        const std::function<bool(std::string_view)>& fits) {
  VisitOpen(scan_, first, head, [&](std::string_view value, uint32_t docid) {
    if (!going_on(value)) return false;
    if (rows_left_ == 0) {
      too_many_ = true;
      return false;
    }
    --rows_left_;
    if (fits(value)) docids_.push_back(docid);
    return true;
  });
}

void Planner::ReadDates(const fhir::Criterion& criterion, const fhir::CriterionValue& wanted) {
  const TimeBounds bounds = BoundsOf(wanted);
  for (int span = 0; span < kSpans && !too_many_; ++span) {
    std::string head = PostingHead(criterion.parameter->number, type_);
    head += static_cast<char>(span);
    base::TimeMs first_low = INT64_MIN;
    if (span < kSpans - 1 && bounds.low > INT64_MIN + kSpanMs[span]) first_low = bounds.low - kSpanMs[span];
    std::string first = head;
    base::PutBig(first, OrderedTime(first_low));
    ReadWhere(first, head,
              [&](std::string_view value) { return DateOfPosting(value).low < bounds.high || bounds.high == INT64_MAX; },
              [&](std::string_view value) {
                return fhir::ValueMatches(*criterion.parameter, criterion.modifier, wanted, DateOfPosting(value));
              });
  }
}

void Planner::ReadLastUpdated(const fhir::Criterion& criterion, const fhir::CriterionValue& wanted) {
  const TimeBounds bounds = BoundsOf(wanted);
  const std::string head = PostingHead(kLastUpdated, type_);
  std::string first = head;
  base::PutBig(first, OrderedTime(bounds.low == INT64_MIN ? bounds.low : bounds.low - 1));
  const auto time_of = [](std::string_view value) { return TimeOfOrdered(base::BigAt<uint64_t>(value)); };
  ReadWhere(first, head,
            [&](std::string_view value) { return time_of(value) < bounds.high; },
            [&](std::string_view value) {
              const base::TimeMs time_ms = time_of(value);
              return fhir::ValueMatches(*criterion.parameter, criterion.modifier, wanted, fhir::DateValue{time_ms, time_ms + 1});
            });
}

// Rows that meet the closed interval; units, and decimals that share a double, are for the bodies.
void Planner::ReadNumbers(const fhir::Criterion& criterion, const fhir::CriterionValue& wanted) {
  exact_ = false;
  const DoubleRange bounds = NumberBoundsOf(wanted);
  const uint64_t low = OrderedDouble(bounds.low), high = OrderedDouble(bounds.high);
  const auto low_of = [](std::string_view value) { return base::BigAt<uint64_t>(value, 1); };
  for (const char kind : {'\0', '\1'}) {
    std::string head = PostingHead(criterion.parameter->number, type_);
    head += kind;
    std::string first = head;
    if (kind == '\0') base::PutBig(first, low);
    ReadWhere(first, head, [&](std::string_view value) { return low_of(value) <= high; },
              [&](std::string_view value) { return base::BigAt<uint64_t>(value, 9) >= low; });
  }
}

void Planner::ReadStrings(const fhir::Criterion& criterion, const fhir::CriterionValue& wanted) {
  const std::string folded = base::FoldForSearch(std::get<fhir::StringValue>(wanted.value).text);
  const std::string head = PostingHead(criterion.parameter->number, type_);
  const auto all = [](std::string_view) { return true; };
  if (criterion.modifier == "contains") {
    ReadWhere(head, head, all, [&](std::string_view value) {
      value.remove_suffix(1);
      if (value.find(folded) != std::string_view::npos) return true;
      if (value.size() < kStringBytesMax) return false;
      exact_ = false;  // cut: what is wanted may stand in the rest
      return true;
    });
    return;
  }
  std::string first = head;
  if (criterion.modifier == "exact") {
    PutString(first, folded);
    exact_ = false;  // case and accents are folded away here
  } else {
    first.append(folded, 0, kStringBytesMax);
    if (folded.size() > kStringBytesMax) exact_ = false;
  }
  ReadWhere(first, first, all, all);
}

std::optional<Part> Planner::RangeOf(const fhir::Criterion& criterion, uint64_t rows_max) {
  docids_.clear();
  rows_left_ = rows_max;
  too_many_ = false;
  exact_ = true;
  if (criterion.modifier == "missing") {
    const std::string head = PostingHead(criterion.parameter->number, type_);
    const auto all = [](std::string_view) { return true; };
    ReadWhere(head, head, all, all);
  } else {
    for (const fhir::CriterionValue& wanted : criterion.values) {
      if (IsLastUpdated(criterion)) ReadLastUpdated(criterion, wanted);
      else if (criterion.parameter->type == fhir::SearchType::kDate) ReadDates(criterion, wanted);
      else if (criterion.parameter->type == fhir::SearchType::kString) ReadStrings(criterion, wanted);
      else ReadNumbers(criterion, wanted);
      if (too_many_) break;
    }
  }
  if (too_many_) return std::nullopt;
  SortUnique(docids_);
  DocidStreamPtr stream = VectorStream(std::move(docids_));
  docids_ = {};
  if (criterion.modifier == "missing" && criterion.missing) stream = Except(OfType(), std::move(stream));
  return Part{std::move(stream), exact_};
}

}  // namespace

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

bool LastUpdatedMatches(const fhir::Criterion& criterion, base::TimeMs time_ms) {
  if (criterion.modifier == "missing") return !criterion.missing;
  const fhir::DateValue row{time_ms, time_ms + 1};
  return std::any_of(criterion.values.begin(), criterion.values.end(), [&](const fhir::CriterionValue& wanted) {
    return fhir::ValueMatches(*criterion.parameter, criterion.modifier, wanted, row);
  });
}

Candidates PlanCandidates(Scan& scan, const fhir::SearchRequest& request, uint32_t from, bool without_last_updated) {
  Planner planner(scan, *request.type);
  Candidates candidates;
  std::vector<const fhir::Criterion*> ranges;
  for (const fhir::Criterion& criterion : request.criteria) {
    if (IsRange(criterion) && !(without_last_updated && IsLastUpdated(criterion))) ranges.push_back(&criterion);
  }

  const auto make_streams = [&] {
    std::vector<DocidStreamPtr> streams;
    candidates.recheck.clear();
    for (const fhir::Criterion& criterion : request.criteria) {
      if (IsRange(criterion) || (without_last_updated && IsLastUpdated(criterion))) continue;
      Part part = planner.StreamOf(criterion);
      if (!part.stream || !part.exact) candidates.recheck.push_back(criterion);
      if (part.stream) streams.push_back(std::move(part.stream));
    }
    if (request.compartment) {
      bool exact = false;
      streams.push_back(planner.OfCompartment(*request.compartment, &exact));
      candidates.recheck_compartment = !exact;
    }
    return streams;
  };

  std::vector<DocidStreamPtr> streams = make_streams();
  uint64_t rows_max = kScanRowsMax;
  bool few = false;
  if (!ranges.empty() && !streams.empty()) {
    std::vector<uint32_t> gathered;
    few = Gather(*IntersectionOf(std::move(streams)), from, kFewCandidates, &gathered);
    if (few) {
      rows_max = (gathered.size() + 10) * kRowsPerCandidate;
      streams.clear();
      streams.push_back(VectorStream(std::move(gathered)));
    } else {
      streams = make_streams();
    }
  }
  for (const fhir::Criterion* range : ranges) {
    std::optional<Part> part = planner.RangeOf(*range, rows_max);
    if (!part && !few) scan.Fail(base::Error(base::ErrorKind::kTooLarge, "search.too-costly"));
    if (!part || !part->exact) candidates.recheck.push_back(*range);
    if (part) streams.push_back(std::move(part->stream));
  }
  if (streams.empty()) streams.push_back(planner.OfType());
  candidates.stream = IntersectionOf(std::move(streams));
  return candidates;
}

}  // namespace heyi::store
