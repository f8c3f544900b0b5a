// The mapping language's text -> StructureMap. https://build.fhir.org/ig/HL7/mapping-language-ig/grammar.html
//
// Reads the current guide's grammar and the older forms that maps in use are written in: `map "url" = "name"`, where and
// check in quotes or without brackets, `default "x"`, `conceptmap` with all relations, texts in double quotes inside
// FHIRPath. The words of the language may be names wherever that is not ambiguous.
#pragma once

#include <string_view>

#include "base/result.h"
#include "mapping/fml/structure_map.h"

namespace heyi::mapping {

// `file` is only what issues call the text.
//   errors  kInvalid, all found up to kFmlIssuesMax, with file:line:column as expression: fml.syntax, fml.too-deep,
//           fml.too-large
base::Result<StructureMap> ParseFml(std::string_view file, std::string_view text);

}  // namespace heyi::mapping
