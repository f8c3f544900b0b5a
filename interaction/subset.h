// Part of a resource: _summary and _elements. https://hl7.org/fhir/R4/search.html#summary and #elements
#pragma once

#include "fhir/search/criteria.h"
#include "store/store.h"

namespace heyi::interaction {

// How much of a resource is shown. `elements` are names of elements of its root, empty = all.
struct Subset {
  fhir::Summary summary = fhir::Summary::kNone;
  std::vector<std::string> elements = {};

  bool whole() const { return summary == fhir::Summary::kNone && elements.empty(); }
};

// The version's JSON, cut down and tagged SUBSETTED where it is not to be shown whole. Mandatory elements stay.
base::Result<std::string> ShownJson(const store::Snapshot& snapshot, const store::VersionRecord& record,
                                    const Subset& subset);

}  // namespace heyi::interaction
