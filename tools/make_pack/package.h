// An unpacked HL7 npm package: one resource per file Type-id.json. https://hl7.org/fhir/R4/packages.html
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "fhir/model/pack.h"

namespace heyi::tools {

struct Package {
  std::string directory;
  std::string fhir_version;         // "4.0.1"
  std::vector<std::string> files;   // resources' file names, sorted

  // The names among `files` that start with `type` and a dash.
  std::vector<std::string> FilesOf(std::string_view type) const;
};

base::Result<Package> OpenPackage(const std::string& directory);
base::Result<base::JsonValue> ReadResource(const Package& package, const std::string& file);

// Types, from the snapshots of StructureDefinitions that define one (structure.cc).
base::Result<base::Done> AddTypes(const Package& package, fhir::PackContent& content);
// Base search parameters and compartments (search.cc).
base::Result<base::Done> AddSearch(const Package& package, fhir::PackContent& content);
// The zstd dictionary, learnt from the package's examples in the form they would be stored in (dictionary.cc).
base::Result<base::Done> AddDictionary(const Package& package, fhir::PackContent& content);

// The bytes of the base library (conformance/library/library_format.h), in library.cc.
base::Result<std::string> MakeLibrary(const Package& package);
// The same of a guide of ours, nothing left out.
base::Result<std::string> MakeGuideLibrary(const Package& package);

}  // namespace heyi::tools
