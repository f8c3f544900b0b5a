// Weak evidence: another Patient of the same name, birth date, sex and telephone, but with another identity number or
// none. That is never enough to make them one; a Task asks somebody to look, once for each pair.
// https://hl7.org/fhir/R4/task.html
#pragma once

#include "interaction/plan.h"

namespace heyi::exchange {

// To be called for a Patient that the plan has written. Returns the Tasks made.
base::Result<std::vector<interaction::Plan::Put>> AskForReview(interaction::Plan& plan, std::string_view patient_id);

}  // namespace heyi::exchange
