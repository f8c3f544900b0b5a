// Fixed values and patterns held against data. https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_
#pragma once

#include "base/json/value.h"
#include "fhir/path/path.h"

namespace heyi::conformance {

// The item is that value, member for member.
bool IsFixed(const fhir::PathValue& item, const base::JsonValue& fixed);

// The item has at least what the pattern has: its members, and for each item of a list one that fits.
bool FitsPattern(const fhir::PathValue& item, const base::JsonValue& pattern);

}  // namespace heyi::conformance
