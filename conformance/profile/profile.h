// A profile compiled: what it says of each element, ready to be held against data.
// https://hl7.org/fhir/R4/profiling.html
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "conformance/profile/element_tree.h"
#include "fhir/model/definitions.h"
#include "fhir/path/path.h"

namespace heyi::conformance {

struct TypeRule {
  std::string code;                     // "Reference", "Quantity"; System types are left out
  std::vector<std::string> profiles;    // canonicals; the value conforms to one of them
  std::vector<std::string> targets;     // of a Reference or canonical
  std::vector<std::string> aggregation; // contained | referenced | bundled; empty = any
};

enum class DiscriminatorKind : uint8_t { kValue, kExists, kPattern, kType, kProfile };

struct Discriminator {
  DiscriminatorKind kind = DiscriminatorKind::kValue;
  std::string path;                                   // "$this", "code.coding", "resolve()"
  std::shared_ptr<const fhir::Expression> expression; // of the path; null for "$this"
};

struct Slicing {
  enum class Rules : uint8_t { kClosed, kOpen, kOpenAtEnd };
  std::vector<Discriminator> discriminators;
  Rules rules = Rules::kOpen;
  bool ordered = false;
};

// An invariant that the base types do not already state.
struct Invariant {
  fhir::Constraint constraint;
  std::shared_ptr<const fhir::Expression> expression;
};

struct ElementRule {
  std::string path;    // "Patient.contact"
  std::string name;    // "value" for value[x]
  std::string slice;
  bool choice = false;
  uint32_t min = 0;
  uint32_t max = UINT32_MAX;
  std::vector<TypeRule> types;
  base::JsonValue fixed, pattern;                // null where there is none
  base::JsonValue min_value, max_value;
  uint32_t max_length = 0;
  uint32_t min_length = 0;                       // by the extension minLength
  fhir::Binding binding;
  std::string max_value_set;                     // by the extension maxValueSet: binds as required
  bool must_have_value = false;                  // by the extension mustHaveValue of R5
  std::vector<std::string> value_alternatives;   // by that of R5: no value without one of these extensions
  std::vector<Invariant> invariants;
  std::optional<Slicing> slicing;
  std::vector<ElementRule> children, slices;

  const ElementRule* Child(std::string_view child_name) const;
};

struct Profile {
  std::string url, version;
  std::string type;          // "Patient", "Extension"
  std::string kind;          // resource | complex-type | primitive-type | logical
  bool is_abstract = false;
  ElementRule root;
  // Of an extension: where it may stand (https://hl7.org/fhir/R4/defining-extensions.html#context); both empty otherwise.
  struct Context {
    std::string type;        // element | extension | fhirpath
    std::string expression;
  };
  std::vector<Context> contexts;
  std::vector<std::string> context_invariants;
  bool modifier = false;     // of an extension: it changes the meaning of what it stands on

  bool is_extension() const { return type == "Extension"; }
};

// `tree` is the snapshot of `definition`. Invariants whose FHIRPath does not compile are reported in `problems` and left out.
Profile CompileProfile(const base::JsonValue& definition, const ElementNode& tree, const fhir::Definitions& definitions, base::Outcome& problems);

}  // namespace heyi::conformance
