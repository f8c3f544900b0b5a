#include "conformance/profile/profiles.h"

#include "conformance/limits.h"
#include "conformance/profile/snapshot.h"

namespace heyi::conformance {

Profiles::Found Profiles::Make(std::string_view canonical) const {
  Found found;
  const Canonical name = Canonical::Of(canonical);
  const auto definition = source_.Find("StructureDefinition", name.url, name.version);
  if (definition == nullptr) return found;
  found.known = true;
  const auto tree = SnapshotMaker(source_).Make(*definition);
  if (!tree.ok()) {
    found.problems = tree.error().outcome;
    return found;
  }
  found.profile = std::make_shared<const Profile>(CompileProfile(*definition, **tree, definitions_, found.problems));
  return found;
}

std::shared_ptr<const Profiles::Found> Profiles::Find(std::string_view canonical) const {
  std::string key(canonical);
  const uint64_t generation = source_.Generation();
  {
    const std::lock_guard lock(mutex_);
    if (generation != generation_ || kept_.size() >= kProfilesMax) {
      kept_.clear();
      generation_ = generation;
    }
    if (const auto known = kept_.find(key); known != kept_.end()) return known->second;
  }
  auto made = std::make_shared<const Found>(Make(canonical));  // two may make the same; the later stays
  const std::lock_guard lock(mutex_);
  kept_[std::move(key)] = made;
  return made;
}

}  // namespace heyi::conformance
