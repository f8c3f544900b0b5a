// StructureMap -> the mapping language's text, one item a line; what it writes ParseFml reads as the same map.
#pragma once

#include <string>

#include "mapping/fml/structure_map.h"

namespace heyi::mapping {

std::string PrintFml(const StructureMap& map);

}  // namespace heyi::mapping
