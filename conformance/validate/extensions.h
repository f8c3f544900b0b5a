// Extensions held to their definitions: known, standing where they may, shaped as they are defined.
// https://hl7.org/fhir/R4/extensibility.html
#pragma once

#include "conformance/validate/session.h"

namespace heyi::conformance {

void CheckExtensionUse(fhir::Node extension, Session& session);

}  // namespace heyi::conformance
