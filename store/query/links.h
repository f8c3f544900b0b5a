// Criteria on other resources (chains, _has) come to criteria on the searched ones: the far end is searched first, and
// what it finds, as far as the asking party may see it, becomes a list of references or of ids.
// https://hl7.org/fhir/R4/search.html#chaining and #has
#pragma once

#include "store/query/search.h"

namespace heyi::store {

// `criteria` on resources of `type` without any that IsChained. Every resource on the way is asked of `visible`.
//   errors  kTooLarge search.too-costly where they come to more than kLinkedMax resources
base::Result<std::vector<fhir::Criterion>> ResolveLinks(const SearchOn& on, const fhir::Type& type,
                                                        const std::vector<fhir::Criterion>& criteria,
                                                        const Visible& visible);

}  // namespace heyi::store
