// How long a text is; minValue and maxValue. https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_
#pragma once

#include "conformance/validate/session.h"

namespace heyi::conformance {

void CheckBounds(const fhir::PathValue& item, const ElementRule& rule, Session& session);

}  // namespace heyi::conformance
