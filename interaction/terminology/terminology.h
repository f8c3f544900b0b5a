// The FHIR operations on terminology, and what the service says of itself.
// https://hl7.org/fhir/R4/terminology-service.html
#pragma once

#include <string>

#include "interaction/operations.h"

namespace heyi::interaction {

void RegisterTerminology(Operations& operations);

// GET metadata?mode=terminology
std::string TerminologyCapabilitiesJson(const Services& services);

}  // namespace heyi::interaction
