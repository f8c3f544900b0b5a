// Messages and resources in files, for running maps on.
#pragma once

#include <string>

#include "adapters/message.h"
#include "cli/map/map.h"
#include "mapping/memory_targets.h"

namespace heyi::cli {

// errors  of the department's adapter
base::Result<adapters::Message> ReadMessage(const std::string& department, const std::string& path);

// The resources of an NDJSON file; none where `path` is empty.
base::Result<mapping::MemoryTargets> ReadStore(const MapWorkshop& workshop, const std::string& path);

}  // namespace heyi::cli
