// What becomes of a resource that is written and not right. https://hl7.org/fhir/R4/validation.html
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "conformance/validate/validator.h"
#include "fhir/model/tree.h"

namespace heyi::interaction {

struct WriteRules {
  enum class Mode : uint8_t {
    kStructure,  // types, cardinality, formats, references: refused where wrong; nothing else is looked at
    kReject,     // any error of the validator is a refusal: invariants, bindings, declared and configured profiles too
    kTag,        // structure as above; other errors are stored with a tag that says so
    kWarn,       // everything that can be parsed is stored, and errors are told in the answer's OperationOutcome
  };
  Mode mode = Mode::kStructure;
  std::map<std::string, std::vector<std::string>, std::less<>> profiles;  // by resource type, beside those declared

  static constexpr std::string_view kTagSystem = "https://heyi.example/fhir/cs/validation";
  static constexpr std::string_view kTagCode = "invalid";
};

// Holds `tree` to the rules; may tag it. What is wrong and does not refuse is added to `told`.
//   errors  kInvalid with all issues
base::Result<base::Done> ApplyWriteRules(const WriteRules& rules, const fhir::Definitions& definitions, const conformance::Validator* validator,
                                         base::TimeMs now_ms, fhir::Tree& tree, base::Outcome& told);

}  // namespace heyi::interaction
