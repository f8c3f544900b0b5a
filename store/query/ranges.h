// Criteria whose rows do not come by docid: dates, numbers, beginnings of strings, composites, _lastUpdated, whether
// there is any value at all, and long lists of references or URIs. They are read, sorted by docid and streamed from
// memory.
#pragma once

#include <optional>

#include "fhir/search/criteria.h"
#include "store/query/docid_stream.h"
#include "store/query/stretches.h"

namespace heyi::store {

// One criterion's docids; null stream: only the bodies can tell.
struct Part {
  DocidStreamPtr stream;
  bool exact = true;
};

inline constexpr size_t kSystemsMax = 64;  // of one bare code: beyond, all its rows are read

bool IsRange(const fhir::Criterion& criterion);

// The criterion's docids; nullopt where its range has more than `rows_max` rows, or the scan ended.
std::optional<Part> ReadRange(Scan& scan, const fhir::Type& type, const fhir::Criterion& criterion, uint64_t rows_max);

// About how many rows that would be.
uint64_t EstimateRange(const Scan& scan, const fhir::Type& type, const fhir::Criterion& criterion);

void SortUnique(std::vector<uint32_t>& docids);

}  // namespace heyi::store
