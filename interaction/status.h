// The one table from kinds of failure to HTTP, and failures as OperationOutcomes.
// https://hl7.org/fhir/R4/http.html#Status-Codes
#pragma once

#include <string>

#include "base/result.h"
#include "interaction/request.h"

namespace heyi::interaction {

int HttpStatus(base::ErrorKind kind);

// https://hl7.org/fhir/R4/operationoutcome.html; `details.coding` holds the permanent rule id, `details.text` the
// English, an extension the Chinese text.
std::string OutcomeJson(const base::Outcome& outcome);

Response ErrorResponse(const base::Error& error);

}  // namespace heyi::interaction
