#include "mapping/fml/imports.h"

#include <set>
#include <string>

#include "mapping/limits.h"

namespace heyi::mapping {

std::vector<std::shared_ptr<const StructureMap>> GatherMaps(const StructureMap& map, const FmlSource& source,
    base::Outcome& outcome) {
  std::vector<std::shared_ptr<const StructureMap>> maps = {std::make_shared<const StructureMap>(map)};
  std::set<std::string> known = {map.url};
  for (size_t i = 0; i < maps.size(); ++i) {
    const std::shared_ptr<const StructureMap> importing = maps[i];
    for (const std::string& import : importing->imports) {
      const auto found = source.Maps(import);
      if (found.empty() && import.find('*') == std::string::npos) {
        outcome.Add("fml.unknown-map", importing->file, import);
      }
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

std::unique_ptr<ConceptTable> FindConceptTable(std::string_view canonical, const StructureMap& map,
                                               const std::vector<std::shared_ptr<const StructureMap>>& maps, const FmlSource& source) {
  const bool own = canonical.starts_with('#');
  if (!own) {
    if (const auto found = source.Find("ConceptMap", canonical)) return std::make_unique<ConceptTable>(*found);
  }
  for (const auto& holder : maps) {
    if (own && holder->url != map.url) continue;
    for (const StructureMap::ContainedMap& contained : holder->contained) {
      if (contained.json.StringAt("resourceType") != "ConceptMap") continue;
      const bool by_url = contained.json.StringAt("url") == canonical || holder->url + "#" + contained.id == canonical;
      if (own ? contained.id == canonical.substr(1) : by_url) return std::make_unique<ConceptTable>(contained.json);
    }
  }
  return nullptr;
}

}  // namespace heyi::mapping
