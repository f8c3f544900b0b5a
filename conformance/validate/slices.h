// Which slice a value belongs to, by the discriminators. https://hl7.org/fhir/R4/profiling.html#discriminator
#pragma once

#include "conformance/validate/session.h"

namespace heyi::conformance {

// Puts each of `values` into the slice that it matches, holds it to that slice's rules (and the slices of the slice),
// and counts them; where the slicing is closed, a value of no slice is an error.
void CheckSlices(const fhir::PathValue& parent, const fhir::Collection& values, const ElementRule& element, Session& session);

}  // namespace heyi::conformance
