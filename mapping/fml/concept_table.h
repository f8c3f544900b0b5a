// A ConceptMap for translate(): codes of one system to codes of another. https://hl7.org/fhir/R4/conceptmap.html
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json/value.h"

namespace heyi::mapping {

struct ConceptTarget {
  std::string system, code, display;
  bool exact = false;  // equal or equivalent
};

class ConceptTable {
 public:
  // R4's form and R5's (relationship for equivalence). Codes that are said to have no counterpart are left out.
  explicit ConceptTable(const base::JsonValue& concept_map);

  // What a code becomes: the exact counterparts where there are any, else what is related. `system` empty: of any.
  std::vector<ConceptTarget> Translate(std::string_view system, std::string_view code) const;

 private:
  struct Group {
    std::string source, target;
    std::unordered_map<std::string, std::vector<ConceptTarget>> codes;
    std::string unmapped;  // provided, fixed; empty = none
    ConceptTarget fixed;
  };
  std::vector<Group> groups_;
};

}  // namespace heyi::mapping
