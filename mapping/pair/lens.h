// Lenses: a text of the message <-> a value of a resource.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/outcome.h"
#include "fhir/model/tree.h"
#include "mapping/pair/program.h"

namespace heyi::mapping {

// The text as FHIR has it (codes: still the department's; PutValue looks them up). Nullopt where the lens cannot read
// it. `within` is the value before the hyphen, for kWithin.
std::optional<std::string> ThroughLens(const Lens& lens, std::string_view text, std::string_view within, const fhir::Type* end);

// Writes `text` at `place`: a primitive, or through a table a Coding or CodeableConcept.
//   false with an issue in `outcome` at `expression` (of the message): map.value, map.unmapped-code; the warning
//   map.code-kept-as-text goes with true
bool PutValue(fhir::Tree& tree, fhir::NodeIndex place, const Lens& lens, std::string_view text, const std::string& expression,
              base::Outcome& outcome);

// Whether PutValue would take `text`; nothing is made where it would not.
bool MayPut(const fhir::Type& type, const Lens& lens, std::string_view text, const std::string& expression, base::Outcome& outcome);

// The value at `place` as the message's `kind` has it; nullopt where there is none. An issue names the resource's place.
std::optional<std::string> GetValue(fhir::Node place, const Lens& lens, adapters::FieldKind kind, base::Outcome& outcome);

}  // namespace heyi::mapping
