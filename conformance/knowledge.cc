#include "conformance/knowledge.h"

#include <algorithm>
#include <filesystem>

namespace heyi::conformance {

std::vector<std::string> Knowledge::BuiltIn(std::string_view pack_path) {
  const std::string base = LibraryBeside(pack_path);
  return {base.substr(0, base.rfind('/') + 1) + "heyi-guide.definitions", base};
}

base::Result<std::unique_ptr<Knowledge>> Knowledge::Open(const fhir::Definitions& definitions, const std::vector<std::string>& built_in,
                                                         const std::string& packages_directory, const CanonicalSource* stored) {
  std::unique_ptr<Knowledge> knowledge(new Knowledge());
  std::vector<std::string> paths;
  std::error_code failed;
  for (const auto& file : std::filesystem::directory_iterator(packages_directory, failed)) {
    if (file.path().extension() == ".definitions") paths.push_back(file.path().string());
  }
  for (const std::string& path : paths) {
    HEYI_TRY(library, Library::Open(path));
    knowledge->libraries_.push_back(std::move(library));
  }
  std::sort(knowledge->libraries_.begin(), knowledge->libraries_.end(), [](const auto& a, const auto& b) {
    if (a->package() != b->package()) return a->package() < b->package();
    return CompareVersions(a->package_version(), b->package_version()) > 0;
  });
  for (const std::string& path : built_in) {
    HEYI_TRY(library, Library::Open(path));
    knowledge->libraries_.push_back(std::move(library));
  }
  std::vector<const CanonicalSource*> layers;
  if (stored != nullptr) layers.push_back(stored);
  for (const auto& library : knowledge->libraries_) layers.push_back(library.get());
  knowledge->source_ = std::make_unique<LayeredSource>(std::move(layers));
  knowledge->terminology_ = std::make_unique<Terminology>(*knowledge->source_);
  knowledge->validator_ = std::make_unique<Validator>(definitions, *knowledge->source_, knowledge->terminology_.get());
  return knowledge;
}

}  // namespace heyi::conformance
