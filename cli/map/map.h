// heyi map: pair maps in files and in a running server. One file a verb.
#pragma once

#include <memory>

#include "cli/command.h"
#include "mapping/map_library.h"

namespace heyi::cli {

// What verbs that need no server share.
struct MapWorkshop {
  std::shared_ptr<const fhir::Definitions> definitions;
  mapping::MapLibrary built_in;

  static base::Result<MapWorkshop> Open();
  // A map by its file, or the built-in one by its name ("civil.ELDER").
  base::Result<std::shared_ptr<const mapping::PairMap>> Map(const std::string& file_or_name) const;
};

int MapCheck(const MapWorkshop& workshop, const Arguments& arguments);    // check.cc
int MapRun(const MapWorkshop& workshop, const Arguments& arguments);      // run.cc
int MapDiff(const MapWorkshop& workshop, const Arguments& arguments);     // diff.cc
int MapExplain(const MapWorkshop& workshop, const Arguments& arguments);  // explain.cc
int MapExport(const MapWorkshop& workshop, const Arguments& arguments);   // export.cc
int MapRemote(const std::string& verb, const Arguments& arguments);       // remote.cc: ls show install activate replay

}  // namespace heyi::cli
