// A FHIR package (.tgz) read into a library. Nothing of it is ever written out under its own names.
// https://hl7.org/fhir/packages.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "conformance/library/library_format.h"

namespace heyi::conformance {

struct PackageContent {
  std::string name, version;              // of its package.json
  std::vector<std::string> dependencies;  // "hl7.fhir.r4.core@4.0.1"; not resolved
  std::vector<LibraryEntry> resources;    // those with a url, narratives left out
  size_t passed_over = 0;                 // files that are no canonical resources: examples, indexes, pages
};

// errors  kInvalid, each with the place in its detail: package.archive (no gzip'd tar, cut short, over a bound),
//         package.manifest (no package/package.json, no name or version, for another FHIR version), package.resource
//         (a file that is not JSON)
base::Result<PackageContent> ReadPackage(std::string_view tgz);

}  // namespace heyi::conformance
