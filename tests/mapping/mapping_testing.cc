#include "mapping_testing.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"

namespace heyi::mapping {

const fhir::Definitions& TestDefinitions() {
  static const std::shared_ptr<const fhir::Definitions> definitions = [] {
    auto loaded = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    if (!loaded.ok()) std::abort();  // the target heyi_pack makes it
    return *loaded;
  }();
  return *definitions;
}

const MapLibrary& TestMaps() {
  static const MapLibrary library = [] {
    base::Result<MapLibrary> loaded = MapLibrary::Load(TestDefinitions());
    if (!loaded.ok()) {
      for (const base::Issue& issue : loaded.error().outcome.issues()) {
        ADD_FAILURE() << issue.expression << " " << issue.rule << ": " << base::EnglishText(issue);
      }
      return MapLibrary();
    }
    return std::move(*loaded);
  }();
  return library;
}

std::string ReadText(const std::filesystem::path& path) {
  base::Result<std::string> text = base::ReadFile(path.string());
  if (text.ok()) return std::move(*text);
  ADD_FAILURE() << path << " cannot be read";
  return {};
}

fhir::Tree ReadResource(const base::JsonValue& json) {
  base::Result<fhir::Tree> tree = fhir::ParseResource(base::WriteJson(json), TestDefinitions());
  if (tree.ok()) return std::move(*tree);
  ADD_FAILURE() << Lines(tree.error().outcome).front() << " in " << base::WriteJson(json);
  return {};
}

base::JsonValue ToJson(const fhir::Tree& tree) {
  base::Result<base::JsonValue> json = base::ParseJson(fhir::WriteJson(tree));
  if (json.ok()) return std::move(*json);
  ADD_FAILURE() << fhir::WriteJson(tree);
  return {};
}

std::vector<std::string> Lines(const base::Outcome& outcome) {
  std::vector<std::string> lines;
  for (const base::Issue& issue : outcome.issues()) lines.push_back(issue.rule + " @ " + issue.expression);
  return lines;
}

}  // namespace heyi::mapping
