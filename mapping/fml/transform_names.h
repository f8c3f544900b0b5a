// The transforms by name. https://build.fhir.org/ig/HL7/mapping-language-ig/transforms.html
#pragma once

#include <string_view>
#include <utility>

#include "mapping/fml/program.h"

namespace heyi::mapping {

// kNone where there is none of that name.
FmlTransform TransformNamed(std::string_view name);

// The fewest and the most parameters that it takes.
std::pair<size_t, size_t> ArgumentsOf(FmlTransform transform);

}  // namespace heyi::mapping
