// A value set's definition bound to the code systems and value sets that it names, in the versions that were asked for.
// From it both membership and expansion follow.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "conformance/limits.h"
#include "conformance/terminology/answers.h"
#include "conformance/terminology/terminology.h"
#include "conformance/terminology/value_set.h"

namespace heyi::conformance {

struct ResolvedValueSet;
struct ListedCode;  // expansion_list.h

struct ResolvedInclude {
  // Where the version that was looked for comes from.
  enum class Origin : uint8_t { kNone, kInclude, kDefault, kCheck, kForce };

  const ValueSetDefinition::Include* definition = nullptr;
  std::shared_ptr<const CodeSystem> system;  // null where it names none, where it is not here, or is a grammar
  bool grammar = false;
  bool missing = false;                      // it names a code system that is not here
  Origin origin = Origin::kNone;
  std::string wanted;                        // the version looked for, perhaps with wildcards
  std::string refused_by;                    // a version check that its version does not pass
  std::vector<bool> filtered;                // concepts that the filters let through; empty where there are none
  std::unordered_map<std::string_view, uint32_t> listed;  // code (folded where case does not count) -> which of the definition
  std::vector<std::shared_ptr<const ResolvedValueSet>> imports;
  std::vector<std::string> folded;           // what keys of `listed` point into, where they are folded

  // The entry for that code; false where the include (its imports apart) does not have it.
  struct Entry {
    uint32_t concept_ = CodeSystem::kNone;
    const ValueSetDefinition::Listed* listed = nullptr;
  };
  bool Has(std::string_view code, Entry& entry) const;
};

struct ResolvedValueSet {
  std::shared_ptr<const ValueSetDefinition> definition;
  std::vector<ResolvedInclude> include, exclude;
  std::set<std::string> missing_value_sets;                         // canonicals; of imports too
  std::set<std::pair<std::string, std::string>> used;               // "used-codesystem", "url|version"; of imports too
  std::set<std::pair<std::string, std::string>> rules;              // version rules that decided something
  std::set<std::array<std::string, 3>> standings;                   // "deprecated", "CodeSystem", "url|version"

  size_t bytes() const;                                             // about; without imports

  // All its codes, once somebody has asked for them; made and kept by ExpansionList.
  mutable std::mutex list_mutex;
  mutable std::shared_ptr<const std::vector<ListedCode>> list;
};

// A code found in a value set: by which include.
struct Hit {
  const ResolvedInclude* include = nullptr;
  ResolvedInclude::Entry entry;
};

// Looks for codes in a resolved value set; counts its steps, for imports may be many ways to the same.
class MembershipSearch {
 public:
  enum class Inactive : uint8_t { kAsDefined, kNever, kAlways };  // whether inactive codes count
  explicit MembershipSearch(Inactive inactive) : inactive_(inactive) {}

  // All hits of the code; of any code system where `system` is empty. Excluded ones are left out.
  std::vector<Hit> Find(const ResolvedValueSet& value_set, std::string_view system, std::string_view code);
  bool too_costly() const { return steps_ > kMembershipStepsMax; }
  uint64_t steps() const { return steps_; }

 private:
  void FindIn(const ResolvedInclude& include, std::string_view system, std::string_view code, std::vector<Hit>& hits);
  bool Excluded(const ResolvedValueSet& value_set, const Hit& hit, std::string_view code);

  const Inactive inactive_;
  uint64_t steps_ = 0;
};

// May a code be excluded by an entry of another version of its code system: as the value set says, by default yes.
bool ExcludesAcrossVersions(const ValueSetDefinition& definition);

}  // namespace heyi::conformance
