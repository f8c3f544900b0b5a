// How a rule of the exported way in takes its value out of the message.
#pragma once

#include <string>
#include <string_view>

#include "mapping/fml/structure_map.h"
#include "mapping/pair/program.h"

namespace heyi::mapping {

struct TakenSource {
  StructureMap::Source source;
  std::string value;     // the value as an expression, in the rule's targets
  std::string evaluate;  // what a target must evaluate for that first; empty: the source is it
};

StructureMap::Source SourceFrom(std::string_view variable);

//   false  FHIRPath cannot say it: `reason`
bool TakeSource(const MapProgram& program, const Source& from, TakenSource* taken, std::string* reason);

// What the lens asks of the value, for the rule's condition, and what it makes of it; empty where that is nothing.
//   false  as TakeSource
bool LensOfTaken(const MapProgram& program, const Lens& lens, const TakenSource& taken, bool date_only, std::string* condition, std::string* made,
                 std::string* reason);

}  // namespace heyi::mapping
