// What an Attachment says of its own data. https://hl7.org/fhir/R4/datatypes.html#Attachment
#pragma once

#include "conformance/validate/session.h"

namespace heyi::conformance {

// Its size and its SHA-1 are those of the data that stands in it.
void CheckAttachment(fhir::Node attachment, Session& session);

}  // namespace heyi::conformance
