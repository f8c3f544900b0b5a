// A map's FHIRPath as FHIRPath's own engine reads it.
//
// In a map the names of variables stand without `%`, primitives have a `value`, and R4's choices are also called by their
// JSON names. The text is made what the specification of FHIRPath has for that; nothing else of it is touched.
// https://build.fhir.org/ig/HL7/mapping-language-ig/transforms.html
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "fhir/model/definitions.h"

namespace heyi::mapping {

// R4's choices by JSON name: "valueString" -> value, string.
class ChoiceNames {
 public:
  explicit ChoiceNames(const fhir::Definitions& definitions);
  const fhir::Property* Find(std::string_view name) const;

 private:
  std::unordered_map<std::string_view, const fhir::Property*> by_name_;
};

struct PathText {
  std::string text;
  std::vector<std::string> variables;  // that it names, each once, as the map calls them
  // It begins a path with a member: what it says of a primitive it can only mean of what that stands in.
  bool names_members = false;
};

// FHIRPath's own variables are `resource`, `context` … and a map's may be, too: so these have names of their own there.
std::string PathVariable(std::string_view name);

// `is_variable` tells the names that are in scope, `is_type` those of types.
//   errors  kInvalid path.syntax
base::Result<PathText> AsFhirPath(std::string_view text, const std::function<bool(std::string_view)>& is_variable,
                                  const std::function<bool(std::string_view)>& is_type, const ChoiceNames& choices);

}  // namespace heyi::mapping
