// The two halves of a primitive: its value, and the `_name` that carries its id and extensions.
// https://hl7.org/fhir/R4/json.html#primitive
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "fhir/model/tree.h"

namespace heyi::conformance {

// Halves of one tree; lists are paired once, so that asking for each of their items stays linear.
class Halves {
 public:
  // "_birthDate" of "birthDate" and the other way round, in lists by position; false-y where there is none, or a null.
  fhir::Node Of(fhir::Node half);

 private:
  std::unordered_set<fhir::NodeIndex> lists_;                     // paired
  std::unordered_map<fhir::NodeIndex, fhir::Node> of_items_;
};

}  // namespace heyi::conformance
