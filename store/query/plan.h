// From criteria to candidates: which docids can be hits, and which criteria only the bodies can decide.
//
// Tokens, references, URIs come as streams; dates, string prefixes and _lastUpdated are ranges that have to be read
// and sorted first. Where the streams alone leave few candidates, a long range is not read at all: the bodies tell.
// Spec: https://hl7.org/fhir/R4/search.html
#pragma once

#include <vector>

#include "fhir/search/criteria.h"
#include "store/query/docid_stream.h"

namespace heyi::store {

struct Candidates {
  DocidStreamPtr stream;                  // resources of the type that lived at t
  std::vector<fhir::Criterion> recheck;   // to be asked of the body, fhir::Matches
  bool recheck_compartment = false;

  bool certain() const { return recheck.empty() && !recheck_compartment; }
};

// The interval of instants that a row must meet to have a chance: row.high > low and row.low < high.
struct TimeBounds {
  base::TimeMs low = INT64_MIN;
  base::TimeMs high = INT64_MAX;
};
TimeBounds BoundsOf(const fhir::CriterionValue& wanted);
TimeBounds BoundsOf(const fhir::Criterion& criterion);  // the hull of its values

bool IsLastUpdated(const fhir::Criterion& criterion);
bool LastUpdatedMatches(const fhir::Criterion& criterion, base::TimeMs time_ms);

// The candidates from docid `from` on.
//   without_last_updated  leave criteria on _lastUpdated to the caller
//   errors                in `scan`: kTooLarge search.too-costly, kUnavailable store.view-corrupt
Candidates PlanCandidates(Scan& scan, const fhir::SearchRequest& request, uint32_t from, bool without_last_updated);

}  // namespace heyi::store
