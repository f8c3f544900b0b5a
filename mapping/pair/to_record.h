// Resources -> the message's record.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mapping/pair/program.h"

namespace heyi::mapping {

base::JsonValue RunToRecord(const MapProgram& program, const std::vector<std::pair<std::string, fhir::Node>>& resources,
                            base::Outcome& outcome);

}  // namespace heyi::mapping
