#include "mapping/memory_targets.h"

#include <fmt/format.h>

namespace heyi::mapping {
namespace {

constexpr uint64_t kVersion = 1;  // of whatever is found here

bool GoesBy(const fhir::Tree& tree, std::string_view system, std::string_view value) {
  const fhir::Node list = tree.root().Member("identifier");
  for (fhir::Node item = list ? list.first_child() : fhir::Node(); item; item = item.next()) {
    if (item.TextAt("system") == system && item.TextAt("value") == value) return true;
  }
  return false;
}

}  // namespace

base::Result<std::optional<TargetSource::Found>> MemoryTargets::ById(std::string_view type, std::string_view id) {
  for (const auto& [name, tree] : resources_) {
    if (tree.type()->name == type && tree.id() == id) return std::optional<Found>({tree.Clone(), kVersion});
  }
  return std::optional<Found>();
}

base::Result<std::optional<TargetSource::Found>> MemoryTargets::ByIdentifier(std::string_view type, std::string_view system, std::string_view value) {
  std::optional<Found> found;
  for (const auto& [name, tree] : resources_) {
    if (tree.type()->name != type || !GoesBy(tree, system, value)) continue;
    if (found) return base::Error(base::ErrorKind::kConflict, "map.ambiguous", {}, fmt::format("{} {}", type, value));
    found = Found{tree.Clone(), kVersion};
  }
  return found;
}

}  // namespace heyi::mapping
