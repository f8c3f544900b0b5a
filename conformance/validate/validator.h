// The validator: everything that can be said about a resource. https://hl7.org/fhir/R4/validation.html
//
// Structure first (conformance/structure.h); then, in one walk, the rules of FHIR's own types, extensions, codes and
// Bundles; then the profiles that resources declare and those that the caller names. All issues, not the first, each
// once. Thread-safe; nothing recurses on the depth of data.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/outcome.h"
#include "conformance/profile/profiles.h"
#include "conformance/validate/base_rules.h"
#include "fhir/model/tree.h"

namespace heyi::conformance {

class Terminology;

struct ValidationOptions {
  std::vector<std::string> profiles;  // canonicals to hold the resource to, beside those it declares
  bool structure = true;              // false: the caller has run CheckStructure on it and found no error
  bool declared_profiles = true;      // hold resources to their meta.profile
};

class Validator {
 public:
  // All outlive it. Without `terminology` codes are not looked up.
  Validator(const fhir::Definitions& definitions, const CanonicalSource& source, const Terminology* terminology);

  // `context` answers what invariants ask of the world (stored resources, the time); null: only what the tree tells.
  void Validate(const fhir::Tree& resource, const ValidationOptions& options, const fhir::EvalContext* context, base::TimeMs now_ms,
                base::Outcome& outcome) const;

  const Profiles& profiles() const { return profiles_; }

 private:
  void Walk(const fhir::Tree& resource, const ValidationOptions& options, Session& session) const;

  const fhir::Definitions& definitions_;
  const Profiles profiles_;
  const Terminology* const terminology_;
  const BaseRules base_rules_;
};

}  // namespace heyi::conformance
