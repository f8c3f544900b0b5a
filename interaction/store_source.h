// The store's own conformance resources as a source: those that were written or imported here.
//
// What urls and versions there are is kept in memory, by type, from a type's first use on, and brought up to date from
// the entries committed since; the resources themselves are read when they are asked for.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/library/source.h"
#include "store/store.h"

namespace heyi::interaction {

class StoreSource : public conformance::CanonicalSource {
 public:
  // Both outlive it.
  StoreSource(const store::Store& store, const fhir::Definitions& definitions) : store_(store), definitions_(definitions) {}

  std::shared_ptr<const base::JsonValue> Find(std::string_view type, std::string_view url, std::string_view version) const override;
  std::vector<conformance::CanonicalName> Names(std::string_view type) const override;
  std::vector<std::string> Versions(std::string_view type, std::string_view url) const override;
  // Rises with a commit that touches a type that was asked for.
  uint64_t Generation() const override;

 private:
  struct Known {
    std::string version, id;
  };
  struct TypeIndex {
    const fhir::Type* type = nullptr;
    std::map<std::string, std::vector<Known>, std::less<>> by_url;  // the latest version first, of one version the newest
    std::map<std::string, std::string, std::less<>> urls;           // id -> url
  };

  // All with the mutex held.
  void Update() const;
  const TypeIndex* IndexOf(std::string_view type) const;
  bool Fill(TypeIndex& index, const store::Snapshot& snapshot) const;
  void Take(TypeIndex& index, const store::Snapshot& snapshot, const std::string& id, const store::VersionRecord& record) const;
  static void Drop(TypeIndex& index, const std::string& id);

  const store::Store& store_;
  const fhir::Definitions& definitions_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, TypeIndex, std::less<>> indexes_;
  mutable uint64_t seen_t_ = 0;      // entries up to here are in the indexes
  mutable uint64_t generation_ = 1;
};

}  // namespace heyi::interaction
