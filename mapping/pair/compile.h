// A map's text -> MapProgram, and the checks that need the whole of it.
#pragma once

#include <string_view>

#include "base/result.h"
#include "mapping/pair/program.h"

namespace heyi::mapping {

// Adds issues with file:line; `program` is usable where there are no errors.
void CompileInto(std::string_view file, std::string_view text, const CodeTables& tables, MapProgram& program, base::Outcome& outcome);

// Each place written once, each field of the model read or ignored, references known.
void CheckProgram(const MapProgram& program, base::Outcome& outcome);

}  // namespace heyi::mapping
