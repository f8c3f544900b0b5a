#include "conformance/library/layered_source.h"

#include <algorithm>

namespace heyi::conformance {

std::shared_ptr<const base::JsonValue> LayeredSource::Find(std::string_view type, std::string_view url, std::string_view version) const {
  std::string wanted(version);
  const CanonicalSource* latest = nullptr;
  for (const CanonicalSource* layer : layers_) {
    for (const std::string& have : layer->Versions(type, url)) {
      if (!version.empty() && have == version) return layer->Find(type, url, have);
      const bool fits = version.empty() || VersionFits(version, have);
      if (!fits || (latest != nullptr && CompareVersions(have, wanted) <= 0)) continue;
      latest = layer;
      wanted = have;
    }
  }
  return latest == nullptr ? nullptr : latest->Find(type, url, wanted);
}

std::vector<CanonicalName> LayeredSource::Names(std::string_view type) const {
  std::vector<CanonicalName> names;
  for (const CanonicalSource* layer : layers_) {
    std::vector<CanonicalName> more = layer->Names(type);
    names.insert(names.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  std::stable_sort(names.begin(), names.end(), [](const CanonicalName& a, const CanonicalName& b) {
    return a.url != b.url ? a.url < b.url : CompareVersions(a.version, b.version) > 0;
  });
  const auto same = [](const CanonicalName& a, const CanonicalName& b) { return a.url == b.url && a.version == b.version; };
  names.erase(std::unique(names.begin(), names.end(), same), names.end());
  return names;
}

std::vector<std::string> LayeredSource::Versions(std::string_view type, std::string_view url) const {
  std::vector<std::string> versions;
  for (const CanonicalSource* layer : layers_) {
    for (std::string& version : layer->Versions(type, url)) versions.push_back(std::move(version));
  }
  std::stable_sort(versions.begin(), versions.end(), [](const std::string& a, const std::string& b) { return CompareVersions(a, b) > 0; });
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  return versions;
}

uint64_t LayeredSource::Generation() const {
  uint64_t sum = 0;  // each only rises, so the sum does
  for (const CanonicalSource* layer : layers_) sum += layer->Generation();
  return sum;
}

}  // namespace heyi::conformance
