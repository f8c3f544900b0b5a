// Profiles by canonical, compiled once and kept while their source stays as it is. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "conformance/library/source.h"
#include "conformance/profile/profile.h"

namespace heyi::conformance {

class Profiles {
 public:
  // Both outlive it.
  Profiles(const CanonicalSource& source, const fhir::Definitions& definitions) : source_(source), definitions_(definitions) {}

  struct Found {
    std::shared_ptr<const Profile> profile;  // null where it is not known or has no snapshot
    bool known = false;
    base::Outcome problems;                  // of a known one: why it has no snapshot, which invariants do not compile
  };
  // `canonical` may carry a version; without one the latest.
  std::shared_ptr<const Found> Find(std::string_view canonical) const;

  const CanonicalSource& source() const { return source_; }

 private:
  Found Make(std::string_view canonical) const;

  const CanonicalSource& source_;
  const fhir::Definitions& definitions_;
  mutable std::mutex mutex_;
  mutable uint64_t generation_ = 0;
  mutable std::unordered_map<std::string, std::shared_ptr<const Found>> kept_;
};

}  // namespace heyi::conformance
