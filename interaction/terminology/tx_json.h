// Terminology answers as JSON: what the operations have in common.
#pragma once

#include <string>
#include <string_view>

#include "base/json/value.h"
#include "conformance/terminology/answers.h"
#include "interaction/operations.h"
#include "interaction/parameters_json.h"

namespace heyi::interaction {

base::JsonValue CodingJson(const conformance::TxCoding& coding);
// ("valueCode", value) of a property.
std::pair<std::string_view, base::JsonValue> PropertyValue(const conformance::ExpandedProperty& property);

base::JsonValue OutcomeOf(const std::vector<conformance::TxIssue>& issues);
base::JsonValue OutcomeOf(const conformance::TxFailure& failure);
OperationAnswer AnswerOf(const conformance::TxFailure& failure);
OperationAnswer AnswerOf(const base::JsonValue& resource);

}  // namespace heyi::interaction
