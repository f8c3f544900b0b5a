// One validation under way: what it asks, where its findings go, how much is left to spend.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/outcome.h"
#include "conformance/limits.h"
#include "conformance/profile/profiles.h"
#include "conformance/terminology/terminology.h"
#include "fhir/path/budget.h"
#include "fhir/path/path.h"

namespace heyi::conformance {

struct Session {
  const fhir::Definitions& definitions;
  const Profiles& profiles;
  const Terminology* terminology;    // null: codes are not looked up
  const fhir::EvalContext& context;  // of invariants
  fhir::Budget& budget;              // nodes visited, over all passes
  fhir::Budget& steps;               // of all evaluations of invariants
  base::Outcome& outcome;
  // Profiles in use stay while their rules are pointed at.
  std::set<std::shared_ptr<const Profiles::Found>>& held;
  int depth = 0;                     // profiles within profiles
  fhir::Node resource = {};          // %resource of the invariants, where it is not the resource around their item

  // The same with other findings: to ask whether something would conform.
  Session Aside(base::Outcome& findings) const {
    return {definitions, profiles, terminology, context, budget, steps, findings, held, depth + 1};
  }

  void Report(std::string_view rule, const fhir::PathValue& at, std::string_view detail);
  void Report(std::string_view rule, fhir::Node at, std::string_view detail);

  const Profiles::Found& FindOut(std::string_view canonical);  // held
  const Profile* Find(std::string_view canonical) { return FindOut(canonical).profile.get(); }  // null where it is not known
};

// The FHIRPath of an item, also of one that has extensions only.
std::string PlaceOf(const fhir::PathValue& item);

// The node that carries an item's own members: the object, or the `_name` of a primitive; may be false-y.
fhir::Node MembersOf(const fhir::PathValue& item);

// The values of one element of `parent` ("value" for value[x]), primitives joined with their extensions.
fhir::Collection ValuesOf(const fhir::PathValue& parent, std::string_view element, fhir::Budget& budget);

}  // namespace heyi::conformance
