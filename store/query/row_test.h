// Does an index row fit what is wanted? Of the rows that lie in the stretches of a wanted value.
#pragma once

#include <functional>
#include <string_view>

#include "fhir/search/criteria.h"

namespace heyi::store {

// Asked of what stands in a key between its head (parameter and type) and its tail.
using RowTest = std::function<bool(std::string_view value)>;

// `criterion` and `wanted` outlive the test. `*exact` becomes false, now or while rows are tested, where what the test
// lets through has to be asked of the bodies.
RowTest RowTestOf(const fhir::Criterion& criterion, const fhir::CriterionValue& wanted, bool* exact);

}  // namespace heyi::store
