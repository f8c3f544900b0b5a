// A resource as JSON that says the same of two trees if and only if they are the same, whatever the order of members.
#pragma once

#include <string>

#include "fhir/model/tree.h"

namespace heyi::cli {

// Members by name, without the root's meta and any narrative's div: HL7's pairs of XML and JSON differ in those.
// Empty where the tree cannot be read again from its own JSON.
std::string WithoutOrder(const fhir::Tree& tree);

}  // namespace heyi::cli
