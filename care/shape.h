// Small readers and makers of FHIR shapes that care/ uses over and over.
#pragma once

#include <string>
#include <string_view>

#include "fhir/model/tree.h"

namespace heyi::care {

// The code of `system` in a CodeableConcept (any system where empty); empty where it has none.
std::string_view CodeOf(fhir::Node concept_node, std::string_view system);
// The first CodeableConcept of a list, or the concept itself.
fhir::Node FirstOf(fhir::Node member);
// "Location/b1" -> "b1" when the type is that; else empty.
std::string_view IdOfReference(std::string_view reference, std::string_view type);

// Sets a member to a plain value, making or replacing it.
void SetText(fhir::Tree& tree, fhir::NodeIndex object, std::string_view name, std::string_view text);
// {"reference": text}
void SetReference(fhir::Tree& tree, fhir::NodeIndex object, std::string_view name, std::string_view reference);
// {"coding":[{"system","code"}]}, replacing what was there.
void SetConcept(fhir::Tree& tree, fhir::NodeIndex object, std::string_view name, std::string_view system, std::string_view code);
void RemoveMember(fhir::Tree& tree, fhir::NodeIndex object, std::string_view name);

}  // namespace heyi::care
