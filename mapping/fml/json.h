// StructureMap <-> the resource. https://hl7.org/fhir/R4/structuremap.html
//
// Reads R4 and what R5 does otherwise (const, dependent.parameter, defaultValue as FHIRPath). Writes R4; what R4 has no
// place for goes into HL7's own extensions: constants into R5's, expressions where R4 wants a literal into cqf-expression.
// Narrative, meta and other extensions are not carried.
#pragma once

#include <string_view>

#include "base/json/value.h"
#include "base/result.h"
#include "fhir/model/tree.h"
#include "mapping/fml/structure_map.h"

namespace heyi::mapping {

//   errors  kInvalid fml.resource at a FHIRPath expression: no StructureMap, an unknown mode, a part that is missing;
//           fml.too-deep
base::Result<StructureMap> ReadStructureMap(const base::JsonValue& resource);
base::Result<StructureMap> ReadStructureMap(const fhir::Tree& resource);

// Rules without a name get one, which R4 wants. `definitions` tells what of the metadata repeats.
base::JsonValue WriteStructureMap(const StructureMap& map, const fhir::Definitions& definitions);

//   errors  kMalformed, of fhir::ParseResource: metadata that R4's StructureMap does not have
base::Result<fhir::Tree> StructureMapTree(const StructureMap& map, const fhir::Definitions& definitions);

}  // namespace heyi::mapping
