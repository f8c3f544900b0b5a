// Codes held against value sets and code systems, and texts against bounds.
// https://hl7.org/fhir/R4/terminologies.html#strength
#pragma once

#include "conformance/validate/session.h"

namespace heyi::conformance {

// A coded item against a binding: required gives an error, extensible a warning, the others nothing. Where the
// terminology cannot tell (no such value set, no content), a warning says so.
void CheckBinding(const fhir::PathValue& item, const fhir::Binding& binding, Session& session);

// A Coding by itself: its code is in its system and its display is one of the code's. Nothing where the system is not known.
void CheckCoding(const fhir::PathValue& coding, Session& session);

size_t CharactersOf(std::string_view utf8);

// More than `characters` characters.
void CheckLength(const fhir::PathValue& item, uint32_t characters, Session& session);

}  // namespace heyi::conformance
