// What a reference points to: in the resource itself, in the Bundle around it, or wherever the context knows.
// https://hl7.org/fhir/R4/references.html and https://hl7.org/fhir/R4/bundle.html#references
#pragma once

#include <string>
#include <string_view>

#include "fhir/path/evaluator.h"
#include "fhir/path/path.h"

namespace heyi::fhir {

// The text of a Reference, canonical, uri or string item; empty where there is none.
std::string_view ReferenceText(const PathValue& item);

// The contained resource ("#id") or Bundle entry that `reference`, standing at `from`, points to; false-y where it is
// neither.
Node FindInTree(std::string_view reference, Node from, Budget& budget);

// "Patient" of "Patient/1", "http://host/Patient/1/_history/2"; empty where the text does not say.
std::string_view TypeInReference(std::string_view reference);

// The type of what `item` refers to; nullptr where it cannot be known.
const Type* TypeReferredTo(const PathValue& item, Evaluator& evaluator);

// The resource that `item` refers to; false-y where it is not to be had.
Node Resolve(const PathValue& item, Evaluator& evaluator);

}  // namespace heyi::fhir
