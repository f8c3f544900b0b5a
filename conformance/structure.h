// Types, cardinality, primitive formats: what every stored resource has passed.
//
// By the definitions alone, without FHIRPath and without terminology: how often each element stands, what each
// primitive looks like, where references may point, that extensions and contained resources are whole.
// https://hl7.org/fhir/R4/datatypes.html and https://hl7.org/fhir/R4/references.html
#pragma once

#include "base/outcome.h"
#include "fhir/model/tree.h"

namespace heyi::conformance {

// Adds all issues (each with a FHIRPath expression); the caller answers 422 where HasErrors(). After kIssuesMax issues
// (conformance/limits.h) it stops looking.
//   cost  O(nodes), not recursive, no I/O, safe from any thread
//   With `definitions` a reference to a type that FHIR does not know is refused everywhere; without, only where the
//   element says which types it may point to.
void CheckStructure(const fhir::Tree& resource, const fhir::Definitions& definitions, base::Outcome& outcome);
void CheckStructure(const fhir::Tree& resource, base::Outcome& outcome);

}  // namespace heyi::conformance
