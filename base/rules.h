// The table of all rules, gathered at build time from the rooms' rules.tsv.
#pragma once

#include <span>
#include <string_view>

#include "base/outcome.h"

namespace heyi::base {

struct Rule {
  std::string_view id;
  Severity severity;
  std::string_view code;     // FHIR issue-type
  std::string_view english;  // `{}` stands for the detail
  std::string_view chinese;
};

std::span<const Rule> AllRules();                // sorted by id
const Rule* LookUpRule(std::string_view id);     // null where unknown
const Rule& FindRule(std::string_view id);       // aborts where unknown

}  // namespace heyi::base
