#include "mapping/fml/imports.h"

#include <set>
#include <string>

#include "mapping/limits.h"

namespace heyi::mapping {

std::vector<std::shared_ptr<const StructureMap>> GatherMaps(const StructureMap& map, const FmlSource& source, base::Outcome& outcome) {
  std::vector<std::shared_ptr<const StructureMap>> maps = {std::make_shared<const StructureMap>(map)};
  std::set<std::string> known = {map.url};
  for (size_t i = 0; i < maps.size(); ++i) {
    const std::shared_ptr<const StructureMap> importing = maps[i];
    for (const std::string& import : importing->imports) {
      const auto found = source.Maps(import);
      if (found.empty() && import.find('*') == std::string::npos) outcome.Add("fml.unknown-map", importing->file, import);
      for (const auto& one : found) {
        if (!known.insert(one->url).second) continue;
        if (maps.size() >= kFmlMapsMax) {
          outcome.Add("fml.too-large", one->file, std::to_string(kFmlMapsMax));
          return maps;
        }
        maps.push_back(one);
      }
    }
  }
  return maps;
}

}  // namespace heyi::mapping
