#include "cli/map/messages.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/local.h"
#include "fhir/json/parse.h"

namespace heyi::cli {

base::Result<adapters::Message> ReadMessage(const std::string& department, const std::string& path) {
  const adapters::Adapter* adapter = adapters::AdapterOf(department);
  if (adapter == nullptr) return base::Error(base::ErrorKind::kNotFound, "exchange.no-map", {}, department);
  HEYI_TRY(raw, base::ReadFile(path));  // as it is: a message has a character set of its own
  return adapter->Read(raw);
}

base::Result<mapping::MemoryTargets> ReadStore(const MapWorkshop& workshop, const std::string& path) {
  mapping::MemoryTargets targets;
  if (path.empty()) return targets;
  HEYI_TRY(text, ReadText(path));
  for (const std::string_view line : base::Split(text, '\n')) {
    if (base::Trim(line).empty()) continue;
    HEYI_TRY(tree, fhir::ParseResource(std::string(line), *workshop.definitions));
    targets.Add("", std::move(tree));
  }
  return targets;
}

}  // namespace heyi::cli
