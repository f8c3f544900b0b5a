// A primitive's text as another type has it. https://hl7.org/fhirpath/N1/#conversion and
// https://hl7.org/fhir/R4/datatypes.html#primitive
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/model/definitions.h"
#include "fhir/path/path.h"

namespace heyi::mapping {

// The text that a value of the primitive `to` has when it says what `text` of kind `from` says: "007" as integer is "7",
// a dateTime as date loses its time. nullopt where that cannot be.
std::optional<std::string> ConvertPrimitive(std::string_view text, fhir::PathValue::Kind from, const fhir::Type& to);

// "string" of System.String.
std::string_view PrimitiveName(const fhir::Type& type);

// The R4 type that a value of the System kind is; empty for what is no primitive.
std::string_view PrimitiveNameOf(fhir::PathValue::Kind kind);

}  // namespace heyi::mapping
