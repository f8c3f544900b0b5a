// A pair map written out in HL7's mapping language, for those who run StructureMaps and not our maps: two of them, the
// way in and the way out.
//
// Inward it reads the message as an instance of its logical model (ModelInstance) and makes a Bundle of new resources.
// Outward it reads the resources by the map's names and makes the record. What the language has no words for stands in
// `not_said` and in the map's description: finding what exists, ids that follow from business keys, checks and so on.
// https://hl7.org/fhir/R4/structuremap.html https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html
#pragma once

#include <string>
#include <vector>

#include "adapters/logical_model.h"
#include "mapping/fml/structure_map.h"
#include "mapping/pair_map.h"

namespace heyi::mapping {

struct NotSaid {
  int line = 0;        // of the pair map; 0: of all of it
  std::string reason;
};

struct ExportedMap {
  StructureMap map;
  std::vector<NotSaid> not_said;  // by line
};

// Sources of the first group: `message`, and `envelope` where the map reads it; target: `bundle`.
ExportedMap ExportInward(const PairMap& map);

// Sources of the first group: each resource that is read, by its name and in the map's order; what there is one of each
// item of a list stands in a last one, `bundle`. A resource that there is not is given as an empty one. Target: `record`.
ExportedMap ExportOutward(const PairMap& map);

// The StructureDefinitions that both name, for those who run them.
std::vector<const adapters::LogicalModel*> ModelsOf(const PairMap& map);

// `record` as the logical model has it, which is how pair maps read it: what is absent in the department's way is left
// out, texts are normal ones (identity numbers with 18 characters …), numbers are numbers. Unknown fields are left out.
base::JsonValue ModelInstance(const base::JsonValue& record, const adapters::LogicalModel& model);

}  // namespace heyi::mapping
