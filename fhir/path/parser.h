// FHIRPath tokens -> tree, by operator precedence. https://hl7.org/fhirpath/N1/#operator-precedence
#pragma once

#include <string_view>

#include "base/result.h"
#include "fhir/path/ast.h"

namespace heyi::fhir {

inline constexpr int kPathDepthMax = 64;  // of brackets, calls and signs

//   errors  kInvalid path.syntax with the position; path.too-costly over kPathDepthMax or kPathTextMax
base::Result<AstPtr> ParsePath(std::string_view text);

}  // namespace heyi::fhir
