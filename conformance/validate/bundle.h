// Bundles beyond their invariants: full URLs, and the links between entries of documents and messages.
// https://hl7.org/fhir/R4/bundle.html
#pragma once

#include "conformance/validate/session.h"

namespace heyi::conformance {

void CheckBundle(fhir::Node bundle, Session& session);

}  // namespace heyi::conformance
