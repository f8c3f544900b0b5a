// What the mapping tests share: the definitions, the maps, a source of resources kept in memory.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "adapters/message.h"
#include "mapping/map_library.h"

namespace heyi::mapping {

const fhir::Definitions& TestDefinitions();
const MapLibrary& TestMaps();

std::string ReadText(const std::filesystem::path& path);
fhir::Tree ReadResource(const base::JsonValue& json);
base::JsonValue ToJson(const fhir::Tree& tree);

// Resources under the names of a map; finds them as a store would.
class MemoryTargets : public TargetSource {
 public:
  void Add(std::string name, fhir::Tree tree) { resources_.emplace_back(std::move(name), std::move(tree)); }
  const std::vector<std::pair<std::string, fhir::Tree>>& resources() const { return resources_; }

  base::Result<std::optional<Found>> ById(std::string_view type, std::string_view id) override;
  base::Result<std::optional<Found>> ByIdentifier(std::string_view type, std::string_view system, std::string_view value) override;

 private:
  std::vector<std::pair<std::string, fhir::Tree>> resources_;
};

// "rule @ expression" of each issue.
std::vector<std::string> Lines(const base::Outcome& outcome);

}  // namespace heyi::mapping
