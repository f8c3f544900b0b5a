// The departments' message models as FHIR logical models, so that any FHIR tool can read and validate by them.
// https://hl7.org/fhir/R4/structuredefinition.html
#pragma once

#include <string>
#include <vector>

#include "adapters/logical_model.h"
#include "base/json/value.h"

namespace heyi::adapters {

// The models that are published: every message type of its own shape; types that share one are told in its description.
std::vector<const LogicalModel*> PublishedModels();

// "https://heyi.example/fhir/StructureDefinition/civil-affairs-ELDER"
std::string ModelUrl(const LogicalModel& model);

// StructureDefinition, kind logical. An element a field, under the field's own name; a list has max *. What FHIR's types
// cannot hold as the department writes it (times without a zone, flags as 0 and 1) is a string; codes, digits and groups
// of which one must stand are told in words.
base::JsonValue ModelDefinition(const LogicalModel& model);

}  // namespace heyi::adapters
