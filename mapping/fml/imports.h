// What a map brings in: other maps, code tables. https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html#imports
#pragma once

#include <memory>
#include <vector>

#include "base/outcome.h"
#include "mapping/fml/concept_table.h"
#include "mapping/fml/source.h"

namespace heyi::mapping {

// The map itself first, then what it imports, one through the other; each url once. `outcome`: fml.unknown-map for an
// import without a wildcard that is not there, fml.too-large over kFmlMapsMax.
std::vector<std::shared_ptr<const StructureMap>> GatherMaps(const StructureMap& map, const FmlSource& source,
    base::Outcome& outcome);

// The ConceptMap that `map` calls `canonical`: "#id" of its own, a url of the source's, or what one of the maps holds, by url
// or as "map#id". Null where there is none.
std::unique_ptr<ConceptTable> FindConceptTable(std::string_view canonical, const StructureMap& map,
                                               const std::vector<std::shared_ptr<const StructureMap>>& maps, const FmlSource& source);

}  // namespace heyi::mapping
