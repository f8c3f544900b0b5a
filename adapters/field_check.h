// One value of a message against its field: kind, length, code set, and whether it exists (dates, check characters).
#pragma once

#include <string>

#include "adapters/logical_model.h"

namespace heyi::adapters {

// `value` is not absent. What is wrong is added to `outcome` at `expression`.
void CheckValue(const Field& field, const base::JsonValue& value, const std::string& expression, base::Outcome& outcome);

}  // namespace heyi::adapters
