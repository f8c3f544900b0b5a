// From criteria to candidates: which docids can be hits, and which criteria only the bodies can decide.
//
// Tokens, references, URIs come as streams; dates, string prefixes and _lastUpdated are ranges that have to be read
// and sorted first. Where that costs more than asking the bodies of the candidates met on the way to one page, a range
// is not read at all.
// Spec: https://hl7.org/fhir/R4/search.html
#pragma once

#include <vector>

#include "fhir/search/criteria.h"
#include "store/query/docid_stream.h"
#include "store/query/ranges.h"

namespace heyi::store {

struct Candidates {
  DocidStreamPtr stream;                  // resources of the type that lived at t
  std::vector<fhir::Criterion> recheck;   // to be asked of the body, fhir::Matches
  bool recheck_compartment = false;

  bool certain() const { return recheck.empty() && !recheck_compartment; }
};

bool LastUpdatedMatches(const fhir::Criterion& criterion, base::TimeMs time_ms);

struct PlanFor {
  uint32_t from = 0;                  // candidates from this docid on
  uint64_t hits = UINT64_MAX;         // how many are wanted; a page wants few, a total all
  uint64_t live = UINT64_MAX;         // resources of the type, about
  bool without_last_updated = false;  // leave criteria on _lastUpdated to the caller
  bool ranges_by_body = false;        // leave ranges to the bodies, where other criteria make candidates
};
// How many bodies may be asked on the way to a page that leaves ranges unread: some times what is to be expected.
uint64_t BodiesOfAPage(const PlanFor& plan);

// errors  in `scan`: kTooLarge search.too-costly, kUnavailable store.view-corrupt
Candidates PlanCandidates(Scan& scan, const fhir::SearchRequest& request, const PlanFor& plan);

}  // namespace heyi::store
