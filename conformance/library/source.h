// Where canonical resources (StructureDefinition, ValueSet, CodeSystem, ConceptMap …) come from: the base library,
// installed packages, the store, a request's own parameters. https://hl7.org/fhir/R4/references.html#canonical
//
// They are given as JSON, not as trees: a guide may hold what no R4 tree can, and its readers compile it anyway.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"

namespace heyi::conformance {

// "url|version" taken apart; no version where none is named. A "#fragment" stays with neither.
struct Canonical {
  std::string_view url;
  std::string_view version;

  static Canonical Of(std::string_view text);
};

struct CanonicalName {
  std::string url;
  std::string version;  // empty where the resource has none
};

class CanonicalSource {
 public:
  virtual ~CanonicalSource() = default;

  // The resource of that type ("ValueSet") and url; of several versions the latest where `version` is empty.
  //   returns  null where there is none; stays valid as long as it is held
  //   cost     may read and parse: keep what was compiled from it
  virtual std::shared_ptr<const base::JsonValue> Find(std::string_view type, std::string_view url, std::string_view version) const = 0;

  // All that are known, sorted by url, then by version, the latest first.
  virtual std::vector<CanonicalName> Names(std::string_view type) const = 0;
  // The versions of one, the latest first; a resource without a version counts as "".
  virtual std::vector<std::string> Versions(std::string_view type, std::string_view url) const = 0;

  // Rises whenever an earlier answer may have become another; what was compiled before is then stale.
  virtual uint64_t Generation() const = 0;
};

// Orders versions as people mean them: numbers by value ("2.10" after "2.9"), "1.0.0-beta" before "1.0.0", dates by text.
//   returns  < 0, 0, > 0
int CompareVersions(std::string_view a, std::string_view b);

// Does `version` fit what was asked: equal, or `asked` is a prefix at a point ("1.2" fits "1.2.3") or has a wildcard ("1.x", "1.2.*").
bool VersionFits(std::string_view asked, std::string_view version);

}  // namespace heyi::conformance
