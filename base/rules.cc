#include "base/rules.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace heyi::base {
namespace {

constexpr Rule kRules[] = {
#include "rules.inc"
};

}  // namespace

std::span<const Rule> AllRules() { return kRules; }

const Rule* LookUpRule(std::string_view id) {
  const Rule* found = std::lower_bound(std::begin(kRules), std::end(kRules), id,
                                       [](const Rule& rule, std::string_view wanted) { return rule.id < wanted; });
  return found != std::end(kRules) && found->id == id ? found : nullptr;
}

const Rule& FindRule(std::string_view id) {
  if (const Rule* rule = LookUpRule(id)) return *rule;
  std::fprintf(stderr, "heyi: rule %.*s stands in no rules.tsv\n", static_cast<int>(id.size()), id.data());
  std::abort();
}

}  // namespace heyi::base
