// Observations of vital signs conform to FHIR's profiles of them, whether they say so or not.
// https://hl7.org/fhir/R4/observation-vitalsigns.html
#pragma once

#include "conformance/validate/session.h"

namespace heyi::conformance {

// Told by the LOINC codes that the profiles are about.
void CheckVitalSigns(const fhir::PathValue& observation, Session& session);

}  // namespace heyi::conformance
