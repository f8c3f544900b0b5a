// Places in FHIR resources: read from text against the definitions, found in a tree, and made in it.
//
//   path     = step ("." step)*
//   step     = member [ "[" number "]" | "[" condition ("," condition)* "]" ]
//   condition= member ("." member)* "=" value          value: a word, or $name of mapping/systems.tsv
// A member is a JSON name ("valueQuantity"). Every list on the way needs its brackets.
#pragma once

#include <string>
#include <string_view>

#include "base/outcome.h"
#include "fhir/model/tree.h"
#include "mapping/pair/program.h"

namespace heyi::mapping {

// What is wrong is added to `outcome` at `place` (file:line): map.unknown-path, map.needs-selector, map.unknown-system.
// With `whole_list`, the last step is a list itself, written "name[]".
std::optional<FhirPath> ReadPath(std::string_view text, const fhir::Type& type, bool whole_list, const std::string& place,
                                 base::Outcome& outcome);

// The first place below `from` that fits; false-y where there is none.
fhir::Node FindPlace(fhir::Node from, const FhirPath& path);

// The place below `object`, made where it is missing. Other values of a choice element give way.
fhir::NodeIndex EnsurePlace(fhir::Tree& tree, fhir::NodeIndex object, const FhirPath& path);

// Takes away what stands there, and what would be left empty by it.
void RemovePlace(fhir::Tree& tree, fhir::NodeIndex object, const FhirPath& path);

// A member of an object, made where it is missing, its text set.
fhir::NodeIndex SetMember(fhir::Tree& tree, fhir::NodeIndex object, const fhir::Property& property, std::string_view text);
fhir::NodeIndex SetMember(fhir::Tree& tree, fhir::NodeIndex object, std::string_view name, std::string_view text);

}  // namespace heyi::mapping
