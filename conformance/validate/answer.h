// One answer held to the item of the Questionnaire that it answers: its type, its options, its bounds.
// https://hl7.org/fhir/R4/questionnaire.html
#pragma once

#include "conformance/validate/session.h"

namespace heyi::conformance {

// The value of an extension of a Questionnaire's item; a null value where it is absent.
const base::JsonValue& ItemExtension(const base::JsonValue& item, std::string_view url);

// The value[x] of an answer, or of any object that has one; an item that is nothing where it has none.
fhir::PathValue ChosenValue(fhir::Node object);

// `value` is what `wanted` (an answerOption, or an enableWhen) says by its `stem` member: "value" or "answer".
//   returns  < 0, 0, > 0; nullopt where the two cannot be compared. Codings are the same or not: 0 or 1.
std::optional<int> CompareWith(const fhir::PathValue& value, const base::JsonValue& wanted, std::string_view stem);

// Issues for an answer that its item does not allow. Value sets that the Questionnaire itself contains are not looked into.
void CheckAnswer(fhir::Node answer, const base::JsonValue& item, Session& session);

}  // namespace heyi::conformance
