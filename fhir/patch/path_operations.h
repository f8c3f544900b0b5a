// A FHIRPath Patch as it is sent: Parameters taken apart. https://hl7.org/fhir/R4/fhirpatch.html
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "fhir/model/tree.h"

namespace heyi::fhir {

// What an operation puts into the resource: a value[x], a resource, or the parts of a type that has no name.
struct PatchValue {
  Node value;       // of valueX or resource
  Node underscore;  // of _valueX
  Node parts;       // the list of parts, each a name and a value
};

// The value of one Parameters.parameter or part; nullopt where it has none.
std::optional<PatchValue> ValueOfPart(Node part);

enum class PathVerb : uint8_t { kAdd, kInsert, kDelete, kReplace, kMove };

struct PathOperation {
  PathVerb verb = PathVerb::kAdd;
  std::string path;
  std::string name;                    // add
  size_t index = 0;                    // insert
  size_t source = 0, destination = 0;  // move
  PatchValue value;                    // add, insert, replace
  std::string expression;              // "Parameters.parameter[2]"
};

//   errors  kMalformed patch.parameters, patch.member, patch.operation; kInvalid patch.index for what is no number;
//           kTooLarge patch.too-costly over `operations_max`
//   The operations live no longer than `patch`.
base::Result<std::vector<PathOperation>> ReadPathOperations(const Tree& patch, size_t operations_max);

}  // namespace heyi::fhir
