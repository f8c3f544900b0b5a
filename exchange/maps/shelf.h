// Pair maps that were installed while the hub ran, beside the built-in ones: kept with their versions, and one in force.
//
// Facts: space "map", key DEPARTMENT/TYPE/VERSION, {"file","text","client","installed"}; space "map.active", key
// DEPARTMENT/TYPE, the version in force (absent: the built-in map). TYPE is the first that the map reads.
// A version never changes: another text needs another number, so that lineage and Provenance name one text for ever.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "interaction/services.h"
#include "mapping/map_library.h"

namespace heyi::exchange {

class MapShelf {
 public:
  // All outlive the shelf.
  MapShelf(const interaction::Services& services, mapping::MapsInForce& maps) : services_(services), maps_(maps), built_in_(maps.Current()) {}

  // Puts in force what was installed before the last stop. A text that this program no longer compiles takes its map out
  // of force: messages of that type are kept (exchange.map-out-of-force) until it is mended, never mapped by an older text.
  base::Result<base::Done> LoadInstalled();

  struct Installed {
    std::string department, type, version;
    bool in_force = false;
    double taken_ms = 0;  // to compile, store and put in force
  };
  // Compiles, stores and (with `in_force`) takes into use.
  //   errors  kInvalid map.* with file:line; kConflict exchange.map-version-taken: that version has another text
  base::Result<Installed> Install(std::string_view text, bool in_force, const base::Context& context);
  //   errors  kNotFound exchange.unknown-map
  base::Result<Installed> Activate(std::string_view department, std::string_view type, std::string_view version, const base::Context& context);

  // Compiles a text as Install would, without storing it.
  base::Result<mapping::PairMap> Compile(std::string_view text) const;

  struct Version {
    std::string version;
    std::string client;            // who installed it; empty: built in
    base::TimeMs installed_ms = 0;
    bool in_force = false;
  };
  base::Result<std::vector<Version>> Versions(std::string_view department, std::string_view type) const;
  // The text of a version.   errors  kNotFound exchange.unknown-map
  base::Result<std::string> Text(std::string_view department, std::string_view type, std::string_view version) const;

  const mapping::MapsInForce& maps() const { return maps_; }

 private:
  const mapping::PairMap* BuiltIn(std::string_view department, std::string_view type) const;
  base::Result<mapping::PairMap> CompileStored(std::string_view file, std::string_view text) const;

  const interaction::Services& services_;
  mapping::MapsInForce& maps_;
  const std::shared_ptr<const mapping::MapLibrary> built_in_;
  std::mutex mutex_;  // of installing
};

}  // namespace heyi::exchange
