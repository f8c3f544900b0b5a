// What a profile says of references: types and profiles of their targets, and how they may be held.
// https://hl7.org/fhir/R4/references.html
#pragma once

#include <string>

#include "conformance/validate/session.h"

namespace heyi::conformance {

void CheckReferenceRule(const fhir::PathValue& reference, const TypeRule& rule, Session& session);

// The type of what a reference points to, by its text, the tree around it, or what the context knows; empty where unknown.
std::string TargetTypeOf(const fhir::PathValue& reference, Session& session);

// The resource type of a target profile: "Patient" of a profile of Patient, and of FHIR's own Patient.
std::string TypeOfTarget(std::string_view canonical, Session& session);

}  // namespace heyi::conformance
