// One search over several resource types. https://hl7.org/fhir/R4/http.html#search
#pragma once

#include <vector>

#include "fhir/search/criteria.h"
#include "store/store.h"

namespace heyi::interaction {

// One page over `requests`, which differ in nothing but the type; at least one. Without _sort the types come one after
// the other; by _lastUpdated all together. (ParseSearch gives several types no other order, see CheckOrder.)
base::Result<store::SearchPage> SearchTypes(const store::Snapshot& snapshot,
                                            const std::vector<fhir::SearchRequest>& requests,
                                            const store::Visible& visible, const store::PagePosition& position);

// errors  kMalformed search.sort where several types are to be sorted by anything but _lastUpdated
base::Result<base::Done> CheckOrder(const std::vector<fhir::SearchRequest>& requests);

}  // namespace heyi::interaction
