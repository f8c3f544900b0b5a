// Release profiles: what of a resource may leave for whom. By recipient department and purpose (and, where said, under
// which kind of agreement) a profile names for each resource type the elements that go, and those that go masked;
// everything else is cut. A type that a profile does not name does not go at all.
//
// Loaded once from text (policy/release.profiles, or the district's own; docs/release.md has the grammar). Every type,
// path and mask is checked against the definitions, and so is that what is left can be valid: what FHIR requires, and
// what changes the meaning of the rest, is kept or cut by name.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fhir/model/definitions.h"
#include "policy/mask.h"

namespace heyi::policy {

// One step of a path, and what stands below it. Of the root the name is the type's, and `keep` means all of it.
struct ReleaseRule {
  std::string name;           // an element ("deceased"), or one type of a choice ("deceasedDateTime")
  std::string member, value;  // only items whose member has that value; empty = all
  bool keep = false, cut = false;
  Mask mask;
  std::vector<ReleaseRule> below;
};

class ReleaseProfile {
 public:
  const std::string& id() const { return id_; }
  const std::string& recipient() const { return recipient_; }  // department
  const std::string& agreement() const { return agreement_; }  // the kind it is for; empty = needs none
  bool IsFor(std::string_view purpose) const;
  const ReleaseRule* RulesOf(std::string_view type) const;  // null: nothing of that type goes

 private:
  friend class ReleaseReader;  // policy/release_parse.cc
  std::string id_, recipient_, agreement_;
  std::vector<std::string> purposes_;
  std::vector<ReleaseRule> types_;
};

class ReleaseProfiles {
 public:
  // errors  kInvalid release.syntax with "file:line" as expression, all of them (kPolicyErrorsMax)
  static base::Result<ReleaseProfiles> Parse(std::string_view file_name, std::string_view text, const fhir::Definitions& definitions);
  static ReleaseProfiles Default(const fhir::Definitions& definitions);  // policy/release.profiles, built in

  const ReleaseProfile* Find(std::string_view id) const;
  // The first for that recipient and purpose that knows the type, under an agreement of that kind where one is given;
  // null: nothing may leave.
  const ReleaseProfile* For(std::string_view recipient, std::string_view purpose, std::string_view type, std::string_view agreement) const;
  const std::vector<ReleaseProfile>& all() const { return profiles_; }

 private:
  friend class ReleaseReader;
  std::vector<ReleaseProfile> profiles_;
};

}  // namespace heyi::policy
