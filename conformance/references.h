// Where references may point, as far as the resource itself tells: types, and "#id" into its own contained resources.
// https://hl7.org/fhir/R4/references.html
#pragma once

#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "fhir/model/tree.h"

namespace heyi::conformance {

// The type of a relative reference, "Patient" of "Patient/1"; empty where no id follows, and for URLs, "urn:", "#id", "Patient?…" and the like.
std::string_view TypeOfRelative(std::string_view reference);

// The contained resources of each resource met, looked up once.
class ContainedIds {
 public:
  // `reference` is "#" or "#id" and stands at `from`: does it point to something?
  bool Resolves(std::string_view reference, fhir::Node from);

 private:
  std::unordered_map<fhir::NodeIndex, std::unordered_set<std::string_view>> of_;  // by the containing resource
};

// The nearest resource around `node` that is not itself contained; `node` itself where it is one.
fhir::Node ContainerOf(fhir::Node node);

// A resource in another's `contained`.
bool IsContained(fhir::Node resource);

}  // namespace heyi::conformance
