#include "mapping/fml/source.h"

namespace heyi::mapping {
namespace {

std::string_view WithoutVersion(std::string_view canonical) { return canonical.substr(0, canonical.find('|')); }

}  // namespace

void MemoryFmlSource::AddMap(StructureMap map) {
  std::string url = map.url;
  maps_[std::move(url)] = std::make_shared<const StructureMap>(std::move(map));
}

void MemoryFmlSource::AddResource(base::JsonValue resource) {
  std::string key = std::string(resource.StringAt("resourceType")) + " " + std::string(resource.StringAt("url"));
  resources_[std::move(key)] = std::make_shared<const base::JsonValue>(std::move(resource));
}

std::vector<std::shared_ptr<const StructureMap>> MemoryFmlSource::Maps(std::string_view canonical) const {
  std::vector<std::shared_ptr<const StructureMap>> found;
  for (const auto& [url, map] : maps_) {
    if (FitsPattern(WithoutVersion(canonical), url)) found.push_back(map);
  }
  return found;
}

std::shared_ptr<const base::JsonValue> MemoryFmlSource::Find(std::string_view type, std::string_view canonical) const {
  const auto found = resources_.find(std::string(type) + " " + std::string(WithoutVersion(canonical)));
  return found == resources_.end() ? nullptr : found->second;
}

bool FitsPattern(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace heyi::mapping
