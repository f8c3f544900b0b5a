// The cutter: a resource by a release profile, as it may leave. Pure: no I/O, no clock, any thread.
//
// A valid resource comes out valid or not at all. Extensions go only where a rule names their url (or all of the
// resource, or of an extension, goes); a modifierExtension that would have to be cut refuses the whole; a resource
// within (contained, in a Bundle) goes by the rules of its own type, and what refers to a contained one that does not
// go, does not go either; the narrative, which tells all, goes only where nothing is cut or masked.
// https://hl7.org/fhir/R4/extensibility.html#modifierExtension
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "fhir/model/tree.h"
#include "policy/release.h"

namespace heyi::policy {

struct Released {
  fhir::Tree tree;
  std::vector<std::string> cut;     // elements of which something was cut, without positions: "Patient.telecom"; sorted
  std::vector<std::string> masked;  // … masked
};

// What may leave of `resource`, which is structurally valid.
//
//   errors  kForbidden release.no-profile: the profile does not know the type; release.modifier: what would be cut changes
//           the meaning of what is left; release.incomplete: something that FHIR requires would be missing;
//           release.too-deep
base::Result<Released> Release(const ReleaseProfile& profile, const fhir::Tree& resource);

}  // namespace heyi::policy
