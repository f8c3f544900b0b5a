// A profile held against data: cardinality, types, fixed values and patterns, bounds, bindings, invariants, slices.
// https://hl7.org/fhir/R4/profiling.html
//
// What FHIR's base types say already is not said again (base_rules.h, conformance/structure.h). Recursion follows the
// profile, whose depth the snapshot bounds; profiles within profiles end at kProfileDepthMax.
#pragma once

#include "conformance/validate/session.h"

namespace heyi::conformance {

void CheckProfile(const fhir::PathValue& item, const Profile& profile, Session& session);

// The same by canonical; a profile that is not known is a warning.
void CheckProfile(const fhir::PathValue& item, std::string_view canonical, Session& session);

// Whether it would conform, without findings. nullopt where the profile is not known.
std::optional<bool> Conforms(const fhir::PathValue& item, std::string_view canonical, Session& session);

// One value against one rule and the rules below it; the value is one of the element's (or slice's).
void CheckValue(const fhir::PathValue& item, const ElementRule& rule, Session& session);

}  // namespace heyi::conformance
