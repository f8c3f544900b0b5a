// What differs between two versions of a resource, value by value: for dry runs and for comparing maps.
#pragma once

#include <string>
#include <vector>

#include "fhir/model/tree.h"

namespace heyi::mapping {

struct Difference {
  std::string path;          // "Patient.name[0].text"
  std::string before, after; // empty: it does not stand there
};

// In document order, what is gone before what is new. `meta` is not compared. A false-y node is a resource that is not there.
std::vector<Difference> Differences(fhir::Node before, fhir::Node after);

}  // namespace heyi::mapping
