// A map and all that it imports. https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html#imports
#pragma once

#include <memory>
#include <vector>

#include "base/outcome.h"
#include "mapping/fml/source.h"

namespace heyi::mapping {

// The map itself first, then what it imports, one through the other; each url once. `outcome`: fml.unknown-map for an
// import without a wildcard that is not there, fml.too-large over kFmlMapsMax.
std::vector<std::shared_ptr<const StructureMap>> GatherMaps(const StructureMap& map, const FmlSource& source, base::Outcome& outcome);

}  // namespace heyi::mapping
