// A QuestionnaireResponse held to its Questionnaire: which items, how many, answered how, enabled or not.
// https://hl7.org/fhir/R4/questionnaireresponse.html
#pragma once

#include "conformance/validate/session.h"

namespace heyi::conformance {

// Where the Questionnaire (contained, or by its canonical) is not to be had, a warning says so.
void CheckQuestionnaireResponse(fhir::Node response, Session& session);

}  // namespace heyi::conformance
