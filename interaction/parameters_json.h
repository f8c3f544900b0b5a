// Parameters resources as operations answer them. https://hl7.org/fhir/R4/parameters.html
#pragma once

#include <string_view>
#include <vector>

#include "base/json/value.h"

namespace heyi::interaction {

// A parameter with a primitive value: Parameter("result", "valueBoolean", JsonValue::OfBool(true)).
base::JsonValue Parameter(std::string_view name, std::string_view value_name, base::JsonValue value);
base::JsonValue TextParameter(std::string_view name, std::string_view value_name, std::string_view text);
base::JsonValue ResourceParameter(std::string_view name, base::JsonValue resource);
base::JsonValue PartsParameter(std::string_view name, std::vector<base::JsonValue> parts);
base::JsonValue ParametersOf(std::vector<base::JsonValue> parameters);

}  // namespace heyi::interaction
