#include "tools/make_pack/package.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"

namespace heyi::tools {

std::vector<std::string> Package::FilesOf(std::string_view type) const {
  std::vector<std::string> found;
  for (const std::string& file : files) {
    if (file.starts_with(type) && file.size() > type.size() && file[type.size()] == '-') found.push_back(file);
  }
  return found;
}

base::Result<Package> OpenPackage(const std::string& directory) {
  HEYI_TRY(text, base::ReadFile(directory + "/package.json"));
  HEYI_TRY(manifest, base::ParseJson(std::move(text)));
  Package package;
  package.directory = directory;
  const base::JsonValue& versions = manifest["fhirVersions"];
  if (!versions.items().empty()) package.fhir_version = versions.items()[0].text();

  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failure)) {
    std::string name = entry.path().filename().string();
    const bool resource = name.ends_with(".json") && name[0] >= 'A' && name[0] <= 'Z';  // not package.json, ig-r4.json
    if (resource) package.files.push_back(std::move(name));
  }
  if (failure) return base::Error(base::ErrorKind::kInternal, "file.failed", {}, failure.message());
  std::sort(package.files.begin(), package.files.end());
  return package;
}

base::Result<base::JsonValue> ReadResource(const Package& package, const std::string& file) {
  HEYI_TRY(text, base::ReadFile(package.directory + "/" + file));
  return base::ParseJson(std::move(text));
}

}  // namespace heyi::tools
