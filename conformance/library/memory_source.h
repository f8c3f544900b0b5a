// Canonical resources held in memory: a request's `tx-resource` parameters, the setup of a test.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/library/source.h"

namespace heyi::conformance {

class MemorySource : public CanonicalSource {
 public:
  // Takes a resource in; one of the same type, url and version is replaced. Not beside readers on other threads.
  //   returns  false where it has no resourceType or no url: then it is not taken
  bool Add(base::JsonValue resource);
  bool empty() const { return known_.empty(); }

  std::shared_ptr<const base::JsonValue> Find(std::string_view type, std::string_view url, std::string_view version) const override;
  std::vector<CanonicalName> Names(std::string_view type) const override;
  std::vector<std::string> Versions(std::string_view type, std::string_view url) const override;
  uint64_t Generation() const override { return generation_; }

 private:
  struct Version {
    std::string version;
    std::shared_ptr<const base::JsonValue> resource;
  };
  using Key = std::pair<std::string, std::string>;  // type, url
  const std::vector<Version>* VersionsOf(std::string_view type, std::string_view url) const;

  std::map<Key, std::vector<Version>> known_;  // the latest first
  uint64_t generation_ = 0;
};

}  // namespace heyi::conformance
