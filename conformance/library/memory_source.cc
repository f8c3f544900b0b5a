#include "conformance/library/memory_source.h"

#include <algorithm>

namespace heyi::conformance {

bool MemorySource::Add(base::JsonValue resource) {
  const std::string type(resource.StringAt("resourceType"));
  const std::string url(resource.StringAt("url"));
  if (type.empty() || url.empty()) return false;
  const std::string version(resource.StringAt("version"));
  std::vector<Version>& versions = known_[{type, url}];
  std::erase_if(versions, [&](const Version& one) { return one.version == version; });
  versions.push_back({version, std::make_shared<const base::JsonValue>(std::move(resource))});
  std::sort(versions.begin(), versions.end(),
            [](const Version& a, const Version& b) { return CompareVersions(a.version, b.version) > 0; });
  ++generation_;
  return true;
}

const std::vector<MemorySource::Version>* MemorySource::VersionsOf(std::string_view type, std::string_view url) const {
  const auto found = known_.find({std::string(type), std::string(url)});
  return found == known_.end() ? nullptr : &found->second;
}

std::shared_ptr<const base::JsonValue> MemorySource::Find(std::string_view type, std::string_view url, std::string_view version) const {
  const std::vector<Version>* versions = VersionsOf(type, url);
  if (versions == nullptr) return nullptr;
  if (version.empty()) return versions->front().resource;
  for (const Version& one : *versions) {
    if (one.version == version) return one.resource;
  }
  for (const Version& one : *versions) {
    if (VersionFits(version, one.version)) return one.resource;
  }
  return nullptr;
}

std::vector<CanonicalName> MemorySource::Names(std::string_view type) const {
  std::vector<CanonicalName> names;
  for (auto at = known_.lower_bound({std::string(type), std::string()}); at != known_.end() && at->first.first == type; ++at) {
    for (const Version& one : at->second) names.push_back({at->first.second, one.version});
  }
  return names;
}

std::vector<std::string> MemorySource::Versions(std::string_view type, std::string_view url) const {
  std::vector<std::string> found;
  if (const std::vector<Version>* versions = VersionsOf(type, url)) {
    for (const Version& one : *versions) found.push_back(one.version);
  }
  return found;
}

}  // namespace heyi::conformance
