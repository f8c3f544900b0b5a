// What the infix operators do with their operands. https://hl7.org/fhirpath/N1/#operations
#pragma once

#include <optional>

#include "base/result.h"
#include "fhir/path/budget.h"
#include "fhir/path/program.h"

namespace heyi::fhir {

// and, or, xor, implies: three-valued.
bool IsLogical(Operator op);
// Whether the left side alone decides: false and …, true or …, false implies ….
bool SettledByLeft(Operator op, std::optional<bool> left);
std::optional<bool> Logical(Operator op, std::optional<bool> a, std::optional<bool> b);

// All others. Empty in, empty out, but for `~`, `&` and membership.
//   errors  kInvalid path.execution: several items where one is due, or values of kinds that do not go together
base::Result<Collection> Binary(Operator op, const Collection& a, const Collection& b, Budget& budget);

base::Result<Collection> Negate(const Collection& operand);

}  // namespace heyi::fhir
