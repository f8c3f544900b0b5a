// A pair map in plain words: which field goes where, through what, and what does not come back.
#pragma once

#include <string>
#include <vector>

#include "mapping/pair_map.h"

namespace heyi::mapping {

struct ExplainedRule {
  int line = 0;
  std::string field;     // "mdtrtinfo.psn_no", "%move", "\"active\"", "@patient"
  std::string chinese;   // the field's name in the logical model; empty for what is no field
  std::string arrow;     // <->, ->, ?->, <-, clear
  std::string place;     // "Patient.identifier[system=$psn_no].value"
  std::string through;   // lens; empty = copied as it is
  std::string guard;     // "when diag_type = 1"; empty = always
};

struct ExplainedResource {
  std::string role, name, type, each;
  std::vector<std::string> known_by;  // "found by $uscc taxId", "else id organization/taxId"
  std::vector<ExplainedRule> rules;
};

struct ExplainedMap {
  std::vector<ExplainedResource> resources;
  std::vector<std::pair<std::string, std::string>> ignored;  // field, reason
  std::vector<std::string> lost;      // fields of the message that the way back does not write; each is declared by its arrow
};

ExplainedMap Explain(const PairMap& map);

}  // namespace heyi::mapping
