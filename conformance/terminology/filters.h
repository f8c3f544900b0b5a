// The filters of ValueSet.compose.include, as sets of concepts. https://hl7.org/fhir/R4/valueset-filter-operator.html
#pragma once

#include <optional>
#include <vector>

#include "conformance/terminology/code_system.h"
#include "conformance/terminology/value_set.h"

namespace heyi::conformance {

// The concepts of `system` that every filter of `include` lets through.
//   work     counts concepts looked at
//   failure  vs-invalid: no value, an operator or property that the system does not have, a regex that is none;
//            too-costly: beyond kFilterWorkMax
TxAnswer<std::vector<bool>> FilteredConcepts(const CodeSystem& system, const ValueSetDefinition::Include& include, size_t& work);

// Those checks that need no code system: every filter has a value.
std::optional<TxFailure> CheckFilters(const ValueSetDefinition::Include& include);

}  // namespace heyi::conformance
