#include "store/query/plan.h"

#include <algorithm>
#include <cmath>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/ids.h"
#include "store/index/posting.h"
#include "store/query/open_rows.h"
#include "store/query/ranges.h"

namespace heyi::store {
namespace {

constexpr size_t kFewCandidates = 1'000;
constexpr uint64_t kRowsPerBody = 150;    // reading and asking a body costs about as much as this many rows
constexpr uint64_t kRowsMin = 2'000;      // are read without much thought

class Planner {
 public:
  Planner(Scan& scan, const fhir::Type& type) : scan_(scan), type_(type) {}

  Part StreamOf(const fhir::Criterion& criterion);
  DocidStreamPtr OfCompartment(const fhir::CompartmentCriterion& compartment, bool* exact);
  DocidStreamPtr OfType() { return PostingStream(scan_, TypePosting(type_)); }

 private:
  Part Ids(const std::vector<std::string>& ids);
  DocidStreamPtr Tokens(const fhir::Criterion& criterion);
  DocidStreamPtr BareCode(std::string posting);
  DocidStreamPtr TypedIdentifiers(const fhir::Criterion& criterion);
  Part References(const fhir::Criterion& criterion);
  DocidStreamPtr Collect(std::string_view first, std::string_view head, const std::function<bool(std::string_view)>& fits);

  Scan& scan_;
  const fhir::Type& type_;
};

Part Planner::StreamOf(const fhir::Criterion& criterion) {
  const fhir::SearchParameter& parameter = *criterion.parameter;
  if (parameter.code == "_id" && criterion.modifier.empty()) return Ids(criterion.ids);
  if (!HasPostings(parameter)) return {};
  switch (parameter.type) {
    case fhir::SearchType::kToken:
      if (criterion.modifier.empty()) return {Tokens(criterion), true};
      if (criterion.modifier == "not") return {Except(OfType(), Tokens(criterion)), true};
      if (criterion.modifier == "of-type") return {TypedIdentifiers(criterion), false};
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
  const std::optional<std::vector<std::string>> whole = HeadsBelow(scan_, posting, kSystemBytes, kSystemsMax);
  if (!whole) return Collect(posting, posting, [](std::string_view) { return true; });
  std::vector<DocidStreamPtr> streams;
  for (const std::string& one : *whole) streams.push_back(PostingStream(scan_, one));
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

// By the identifiers' values; their types are for the bodies.
DocidStreamPtr Planner::TypedIdentifiers(const fhir::Criterion& criterion) {
  std::vector<DocidStreamPtr> streams;
  for (const fhir::CriterionValue& wanted : criterion.values) {
    std::string posting = PostingHead(criterion.parameter->number, type_);
    PutTokenCode(posting, std::get<fhir::TokenValue>(wanted.value).text);
    streams.push_back(BareCode(std::move(posting)));
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

// A range of R rows among N resources costs R to read; asked of bodies instead, a page of H hits is full after about
// H * N / R of them. Both cost the same where R * R = H * N * kRowsPerBody.
uint64_t RowsWorthReading(const PlanFor& plan) {
  if (plan.hits == UINT64_MAX) return kScanRowsMax;
  const double product = static_cast<double>(plan.hits) * static_cast<double>(std::min(plan.live, kScanRowsMax)) * kRowsPerBody;
  return std::clamp(static_cast<uint64_t>(std::sqrt(product)), kRowsMin, kScanRowsMax - 1);
}

}  // namespace

uint64_t BodiesOfAPage(const PlanFor& plan) {
  constexpr uint64_t kTimes = 4, kMin = 200;
  return std::max(kMin, kTimes * plan.hits * std::min(plan.live, kScanRowsMax) / RowsWorthReading(plan));
}

bool LastUpdatedMatches(const fhir::Criterion& criterion, base::TimeMs time_ms) {
  if (criterion.modifier == "missing") return !criterion.missing;
  const fhir::DateValue row{time_ms, time_ms + 1};
  return std::any_of(criterion.values.begin(), criterion.values.end(), [&](const fhir::CriterionValue& wanted) {
    return fhir::ValueMatches(*criterion.parameter, criterion.modifier, wanted, row);
  });
}

Candidates PlanCandidates(Scan& scan, const fhir::SearchRequest& request, const PlanFor& plan) {
  Planner planner(scan, *request.type);
  Candidates candidates;
  const auto left_out = [&](const fhir::Criterion& criterion) { return plan.without_last_updated && IsLastUpdated(criterion); };
  const auto make_streams = [&] {
    std::vector<DocidStreamPtr> streams;
    candidates.recheck.clear();
    for (const fhir::Criterion& criterion : request.criteria) {
      if (IsRange(criterion) || left_out(criterion)) continue;
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
  std::vector<const fhir::Criterion*> ranges;
  for (const fhir::Criterion& criterion : request.criteria) {
    if (IsRange(criterion) && !left_out(criterion)) ranges.push_back(&criterion);
  }

  std::vector<DocidStreamPtr> streams = make_streams();
  if (plan.ranges_by_body && !streams.empty()) {
    for (const fhir::Criterion* range : ranges) candidates.recheck.push_back(*range);
    ranges.clear();
  }
  uint64_t rows_max = RowsWorthReading(plan);
  if (!ranges.empty() && !streams.empty()) {
    DocidStreamPtr all = IntersectionOf(std::move(streams));
    std::vector<uint32_t> gathered;
    if (all->EstimateSize() <= kFewCandidates && Gather(*all, plan.from, kFewCandidates, &gathered)) {
      rows_max = std::min<uint64_t>(rows_max, (gathered.size() + 10) * kRowsPerBody);
      streams.clear();
      streams.push_back(VectorStream(std::move(gathered)));
    } else {
      streams = make_streams();
    }
  }
  for (const fhir::Criterion* range : ranges) {
    std::optional<Part> part;
    if (rows_max == kScanRowsMax || EstimateRange(scan, *request.type, *range) <= rows_max) {
      part = ReadRange(scan, *request.type, *range, rows_max);
    }
    if (!part && rows_max == kScanRowsMax) scan.Fail(base::Error(base::ErrorKind::kTooLarge, "search.too-costly"));
    if (!part || !part->exact) candidates.recheck.push_back(*range);
    if (part) streams.push_back(std::move(part->stream));
  }
  if (streams.empty()) streams.push_back(planner.OfType());
  candidates.stream = IntersectionOf(std::move(streams));
  return candidates;
}

}  // namespace heyi::store
