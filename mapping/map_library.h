// The pair maps by department and message type, and which of them are in force now.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "mapping/pair_map.h"

namespace heyi::mapping {

// Immutable. A library with another map shares all the rest.
class MapLibrary {
 public:
  static base::Result<MapLibrary> Load(const fhir::Definitions& definitions);  // the built-in texts (mapping/maps/**.map)

  const PairMap* Find(std::string_view department, std::string_view message_type) const;
  const std::vector<std::shared_ptr<const PairMap>>& maps() const { return maps_; }  // one a department and type, as Find sees them
  const CodeTables& tables() const { return *tables_; }

  // This library with `map` in the place of every map that reads one of its types.
  MapLibrary With(std::shared_ptr<const PairMap> map) const;
  // No map reads that type until another comes: its messages can be mapped, but not now.
  MapLibrary Without(std::string_view department, std::string_view message_type) const;
  bool IsOutOfForce(std::string_view department, std::string_view message_type) const;

 private:
  std::vector<std::shared_ptr<const PairMap>> maps_;
  std::vector<std::shared_ptr<const PairMap>> out_of_force_;
  std::shared_ptr<const CodeTables> tables_;
};

// The library in force. Who took it keeps it: a message in flight ends on the maps that it began with.
class MapsInForce {
 public:
  explicit MapsInForce(MapLibrary library) : library_(std::make_shared<const MapLibrary>(std::move(library))) {}

  std::shared_ptr<const MapLibrary> Current() const;
  void Replace(MapLibrary library);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const MapLibrary> library_;
};

}  // namespace heyi::mapping
