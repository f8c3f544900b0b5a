// heyi_make_pack PACKAGE_DIR OUT.pack OUT.definitions [--any-package]
// heyi_make_pack --guide PACKAGE_DIR OUT.definitions
//
// Makes the definitions pack and the base library from HL7's npm package hl7.fhir.r4.examples@4.0.1, unpacked. Counts what it finds and fails
// where that is not what this package holds; --any-package takes others as they come.
#include <cstdio>
#include <cstring>

#include "base/file.h"
#include "tools/make_pack/package.h"

namespace heyi::tools {
namespace {

struct Count {
  const char* what;
  size_t found;
  size_t expected;
};

size_t CountKind(const fhir::PackContent& content, fhir::Type::Kind kind) {
  size_t count = 0;
  for (const auto& [name, type] : content.types) count += type.kind == kind ? 1 : 0;
  return count;
}

base::Result<base::Done> CheckCounts(const fhir::PackContent& content) {
  using Kind = fhir::Type::Kind;
  const Count counts[] = {{"resource types", CountKind(content, Kind::kResource), 146},
                          {"abstract resource types", CountKind(content, Kind::kAbstractResource), 2},
                          {"primitive types and System types", CountKind(content, Kind::kPrimitive), 20 + 7},
                          {"complex types", CountKind(content, Kind::kComplex), 41 + 2},
                          {"search parameters", content.search_parameters.size(), 1375},
                          {"compartments", content.compartments.size(), 5}};
  for (const Count& count : counts) {
    if (count.found == count.expected) continue;
    return base::Error(base::ErrorKind::kInvalid, "fhir.pack", {},
                       std::string(count.what) + ": found " + std::to_string(count.found) + ", expected " +
                           std::to_string(count.expected));
  }
  return base::Done{};
}

base::Result<base::Done> MakePack(const std::string& directory, const std::string& out, const std::string& library_out, bool check_counts) {
  HEYI_TRY(package, OpenPackage(directory));
  fhir::PackContent content;
  HEYI_CHECK(AddTypes(package, content));
  HEYI_CHECK(AddSearch(package, content));
  if (check_counts) HEYI_CHECK(CheckCounts(content));
  HEYI_CHECK(AddDictionary(package, content));
  const std::string pack = fhir::WritePack(content);
  HEYI_CHECK(base::WriteFileDurably(out, pack));
  HEYI_TRY(library, MakeLibrary(package));
  HEYI_CHECK(base::WriteFileDurably(library_out, library));
  std::printf("%s: %zu bytes\n", library_out.c_str(), library.size());
  std::printf("%s: %zu bytes, %zu types, %zu search parameters, dictionary of %zu bytes\n", out.c_str(), pack.size(),
              content.types.size(), content.search_parameters.size(), content.dictionary.size());
  return base::Done{};
}

base::Result<base::Done> MakeGuide(const std::string& directory, const std::string& out) {
  HEYI_TRY(package, OpenPackage(directory));
  HEYI_TRY(library, MakeGuideLibrary(package));
  std::printf("%s: %zu bytes\n", out.c_str(), library.size());
  return base::WriteFileDurably(out, library);
}

}  // namespace
}  // namespace heyi::tools

int main(int argc, char** argv) {
  const bool guide = argc == 4 && std::strcmp(argv[1], "--guide") == 0;
  const bool any_package = argc == 5 && std::strcmp(argv[4], "--any-package") == 0;
  if (argc != 4 && !any_package) {
    std::fprintf(stderr, "usage: heyi_make_pack PACKAGE_DIR OUT.pack OUT.definitions [--any-package]\n");
    return 2;
  }
  const auto made = guide ? heyi::tools::MakeGuide(argv[2], argv[3]) : heyi::tools::MakePack(argv[1], argv[2], argv[3], !any_package);
  if (made.ok()) return 0;
  for (const auto& issue : made.error().outcome.issues()) {
    std::fprintf(stderr, "heyi_make_pack: %s\n", heyi::base::EnglishText(issue).c_str());
  }
  return 1;
}
