// What differs between two versions of a resource, value by value: for dry runs and for comparing maps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fhir/model/tree.h"

namespace heyi::mapping {

// Each value of a resource by its place, in document order: "name[0].text" and its text. Without id and meta.
std::vector<std::pair<std::string, std::string>> ValuesOf(const fhir::Tree& resource);

// Whether a place is `above` or stands within it; everything is within the empty one.
bool IsAtOrBelow(std::string_view place, std::string_view above);

struct Difference {
  std::string path;          // "name[0].text"
  std::string before, after; // empty: it does not stand there
};

// In document order, what is gone or changed before what is new. Null: a resource that is not there.
std::vector<Difference> Differences(const fhir::Tree* before, const fhir::Tree* after);

}  // namespace heyi::mapping
