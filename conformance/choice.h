// Choices in the JSON of definitions: the member that is a stem and a type's name, fixedCode, valueQuantity, answerCoding.
// https://hl7.org/fhir/R4/formats.html#choice
#pragma once

#include <string_view>

#include "base/json/value.h"

namespace heyi::conformance {

const base::JsonValue::Member* ChosenMember(const base::JsonValue& object, std::string_view stem);  // null where there is none
const base::JsonValue& ChosenJson(const base::JsonValue& object, std::string_view stem);            // its value, or a null value

}  // namespace heyi::conformance
