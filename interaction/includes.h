// What an answer brings along: resources that the hits refer to (_include), and that refer to them (_revinclude).
// https://hl7.org/fhir/R4/search.html#revinclude
#pragma once

#include <vector>

#include "fhir/search/criteria.h"
#include "interaction/services.h"
#include "store/store.h"

namespace heyi::interaction {

// Each once, none of `matches` among them, every one of them `visible`.
//   errors  kTooLarge search.too-costly: more than kIncludesMax of them, or too many places to look for them
base::Result<std::vector<store::Hit>> FindIncludes(const Services& services, const store::Snapshot& snapshot,
                                                   const std::vector<fhir::Include>& includes,
                                                       const std::vector<store::Hit>& matches,
                                                   const store::Visible& visible);

}  // namespace heyi::interaction
