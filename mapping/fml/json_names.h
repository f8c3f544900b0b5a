// The extensions by which an R4 StructureMap says what R4 has no place for.
#pragma once

#include <string_view>

namespace heyi::mapping {

// https://hl7.org/fhir/R4/extension-cqf-expression.html
inline constexpr std::string_view kExpressionExtension = "http://hl7.org/fhir/StructureDefinition/cqf-expression";
// https://hl7.org/fhir/R5/versions.html#extensions
inline constexpr std::string_view kConstantExtension =
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-StructureMap.const";

}  // namespace heyi::mapping
