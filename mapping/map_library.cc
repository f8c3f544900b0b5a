#include "mapping/map_library.h"

#include <algorithm>

#include "mapping/embedded.h"

namespace heyi::mapping {
namespace {

constexpr std::string_view kMapFolder = "maps/";

}  // namespace

base::Result<MapLibrary> MapLibrary::Load(const fhir::Definitions& definitions) {
  HEYI_TRY(tables, CodeTables::Load());
  MapLibrary library;
  library.tables_ = std::make_shared<const CodeTables>(std::move(tables));
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (!file.name.starts_with(kMapFolder)) continue;
    HEYI_TRY(map, PairMap::Compile(file.name.substr(kMapFolder.size()), file.text, definitions, *library.tables_));
    library.maps_.push_back(std::make_shared<const PairMap>(std::move(map)));
  }
  return library;
}

const PairMap* MapLibrary::Find(std::string_view department, std::string_view message_type) const {
  for (const auto& map : maps_) {
    if (map->department() == department && map->Reads(message_type)) return map.get();
  }
  return nullptr;
}

MapLibrary MapLibrary::With(std::shared_ptr<const PairMap> map) const {
  MapLibrary other = *this;
  const std::vector<std::string> types = map->types();
  std::erase_if(other.maps_, [&](const std::shared_ptr<const PairMap>& old) {
    const std::vector<std::string> reads = old->types();
    return old->department() == map->department() &&
           std::all_of(reads.begin(), reads.end(), [&](const std::string& type) { return map->Reads(type); });
  });
  other.maps_.insert(other.maps_.begin(), std::move(map));  // in front: it answers for its types, the old one for those left
  return other;
}

MapLibrary MapLibrary::Without(std::string_view department, std::string_view message_type) const {
  MapLibrary other = *this;
  std::erase_if(other.maps_, [&](const std::shared_ptr<const PairMap>& map) {
    if (map->department() != department || !map->Reads(message_type)) return false;
    other.out_of_force_.push_back(map);
    return true;
  });
  return other;
}

bool MapLibrary::IsOutOfForce(std::string_view department, std::string_view message_type) const {
  return Find(department, message_type) == nullptr && std::any_of(out_of_force_.begin(), out_of_force_.end(), [&](const std::shared_ptr<const PairMap>& map) {
    return map->department() == department && map->Reads(message_type);
  });
}

std::shared_ptr<const MapLibrary> MapsInForce::Current() const {
  std::lock_guard lock(mutex_);
  return library_;
}

void MapsInForce::Replace(MapLibrary library) {
  auto made = std::make_shared<const MapLibrary>(std::move(library));
  std::lock_guard lock(mutex_);
  library_ = std::move(made);
}

}  // namespace heyi::mapping
