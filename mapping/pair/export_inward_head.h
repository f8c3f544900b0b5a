// What the exported way in says before its groups: the types it uses, and what of the pair map is lost.
#pragma once

#include <vector>

#include "mapping/pair/export_rule.h"

namespace heyi::mapping {

// Whether any source of the way in stands in the envelope.
bool ReadsEnvelope(const MapProgram& program);

// Finding, ids, checks and exports, line by line.
void NoteInwardLosses(const MapProgram& program, ExportNotes& notes);

std::vector<StructureMap::Structure> InwardStructures(const MapProgram& program, bool with_envelope);

}  // namespace heyi::mapping
