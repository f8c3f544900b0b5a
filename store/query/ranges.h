// Criteria that are ranges of the index: dates, numbers, beginnings of strings, _lastUpdated, and whether there is any
// value at all. Their rows come in the order of values, so they are read, sorted by docid and streamed from memory.
#pragma once

#include <optional>

#include "fhir/search/criteria.h"
#include "store/query/docid_stream.h"

namespace heyi::store {

// One criterion's docids; null stream: only the bodies can tell.
struct Part {
  DocidStreamPtr stream;
  bool exact = true;
};

bool IsRange(const fhir::Criterion& criterion);

// The criterion's docids; nullopt where its range has more than `rows_max` rows, or the scan ended.
std::optional<Part> ReadRange(Scan& scan, const fhir::Type& type, const fhir::Criterion& criterion, uint64_t rows_max);

// About how many rows that would be.
uint64_t EstimateRange(const Scan& scan, const fhir::Type& type, const fhir::Criterion& criterion);

void SortUnique(std::vector<uint32_t>& docids);

// The interval of instants that a row must meet to have a chance: row.high > low and row.low < high.
struct TimeBounds {
  base::TimeMs low = INT64_MIN;
  base::TimeMs high = INT64_MAX;
};
TimeBounds BoundsOf(const fhir::CriterionValue& wanted);
TimeBounds BoundsOf(const fhir::Criterion& criterion);  // the hull of its values

bool IsLastUpdated(const fhir::Criterion& criterion);

}  // namespace heyi::store
