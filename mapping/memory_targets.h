// Resources kept in memory, found as a store would find them: for running maps without a server.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mapping/pair_map.h"

namespace heyi::mapping {

class MemoryTargets : public TargetSource {
 public:
  // `name`: what a map calls it, for the way out; empty where it has none.
  void Add(std::string name, fhir::Tree tree) { resources_.emplace_back(std::move(name), std::move(tree)); }
  const std::vector<std::pair<std::string, fhir::Tree>>& resources() const { return resources_; }

  base::Result<std::optional<Found>> ById(std::string_view type, std::string_view id) override;
  base::Result<std::optional<Found>> ByIdentifier(std::string_view type, std::string_view system, std::string_view value) override;

 private:
  std::vector<std::pair<std::string, fhir::Tree>> resources_;
};

}  // namespace heyi::mapping
