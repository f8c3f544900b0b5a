// Terminology answers as JSON: what the operations have in common.
#pragma once

#include <string>
#include <string_view>

#include "base/json/value.h"
#include "conformance/terminology/answers.h"
#include "interaction/operations.h"

namespace heyi::interaction {

// A parameter with a primitive value: Parameter("result", "valueBoolean", JsonValue::OfBool(true)).
base::JsonValue Parameter(std::string_view name, std::string_view value_name, base::JsonValue value);
base::JsonValue TextParameter(std::string_view name, std::string_view value_name, std::string_view text);
base::JsonValue ResourceParameter(std::string_view name, base::JsonValue resource);
base::JsonValue PartsParameter(std::string_view name, std::vector<base::JsonValue> parts);
base::JsonValue ParametersOf(std::vector<base::JsonValue> parameters);

base::JsonValue CodingJson(const conformance::TxCoding& coding);
// ("valueCode", value) of a property.
std::pair<std::string_view, base::JsonValue> PropertyValue(const conformance::ExpandedProperty& property);

base::JsonValue OutcomeOf(const std::vector<conformance::TxIssue>& issues);
base::JsonValue OutcomeOf(const conformance::TxFailure& failure);
OperationAnswer AnswerOf(const conformance::TxFailure& failure);
OperationAnswer AnswerOf(const base::JsonValue& resource);

}  // namespace heyi::interaction
