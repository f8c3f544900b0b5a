// What the mapping tests share: the definitions, the maps, a source of resources kept in memory.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "adapters/message.h"
#include "mapping/map_library.h"
#include "mapping/memory_targets.h"

namespace heyi::mapping {

const fhir::Definitions& TestDefinitions();
const MapLibrary& TestMaps();

std::string ReadText(const std::filesystem::path& path);
fhir::Tree ReadResource(const base::JsonValue& json);
base::JsonValue ToJson(const fhir::Tree& tree);

// "rule @ expression" of each issue.
std::vector<std::string> Lines(const base::Outcome& outcome);

}  // namespace heyi::mapping
