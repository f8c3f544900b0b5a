// Is a code in a value set, in a system: for bindings, without expanding anything.
#include <algorithm>

#include "base/text.h"
#include "conformance/terminology/grammar_systems.h"
#include "conformance/terminology/resolve.h"

namespace heyi::conformance {

bool ResolvedInclude::Has(std::string_view code, Entry& entry) const {
  if (grammar) {
    if (definition->listed.empty()) return definition->filters.empty() && FitsGrammar(definition->system, code);
    const auto found = listed.find(code);
    if (found == listed.end()) return false;
    entry.listed = &definition->listed[found->second];
    return true;
  }
  if (system != nullptr) entry.concept_ = system->Find(code);
  if (!definition->listed.empty()) {
    const bool folds = system != nullptr && !system->case_sensitive();
    const auto found = folds ? listed.find(base::AsciiLower(code)) : listed.find(code);
    if (found == listed.end()) return false;
    entry.listed = &definition->listed[found->second];
    // What a whole code system does not have is in no value set of it, listed or not.
    return entry.concept_ != CodeSystem::kNone || system == nullptr || system->content() != ContentMode::kComplete;
  }
  if (entry.concept_ == CodeSystem::kNone) return false;
  return filtered.empty() || filtered[entry.concept_];
}

size_t ResolvedValueSet::bytes() const {
  size_t sum = 1'000;
  for (const auto* includes : {&include, &exclude}) {
    for (const ResolvedInclude& one : *includes) {
      constexpr size_t kListedCodeBytes = 50;  // of the list that an expansion leaves behind
      const size_t codes = one.listed.empty() && one.system != nullptr ? one.system->size() : one.listed.size();
      sum += 500 + one.filtered.size() / 8 + one.listed.size() * 300 + codes * kListedCodeBytes;
    }
  }
  return sum;
}

bool ExcludesAcrossVersions(const ValueSetDefinition& definition) { return definition.versions_match.value_or(true); }

std::vector<Hit> MembershipSearch::Find(const ResolvedValueSet& value_set, std::string_view system, std::string_view code) {
  std::vector<Hit> hits;
  for (const ResolvedInclude& include : value_set.include) FindIn(include, system, code, hits);
  const bool without_inactive = inactive_ == Inactive::kNever || (inactive_ == Inactive::kAsDefined && value_set.definition->without_inactive);
  std::erase_if(hits, [&](const Hit& hit) {
    const bool known = hit.include->system != nullptr && hit.entry.concept_ != CodeSystem::kNone;
    if (without_inactive && known && hit.include->system->inactive(hit.entry.concept_)) return true;
    return !value_set.exclude.empty() && Excluded(value_set, hit, code);
  });
  return hits;
}

void MembershipSearch::FindIn(const ResolvedInclude& include, std::string_view system, std::string_view code, std::vector<Hit>& hits) {
  if (++steps_ > kMembershipStepsMax) return;
  const std::string& own = include.definition->system;
  if (!own.empty()) {
    if (!system.empty() && system != own) return;
    Hit hit{&include, {}};
    if (!include.Has(code, hit.entry)) return;
    for (const auto& import : include.imports) {
      if (Find(*import, own, code).empty()) return;
    }
    hits.push_back(hit);
    return;
  }
  if (include.imports.empty()) return;
  std::vector<Hit> found = Find(*include.imports.front(), system, code);
  for (size_t i = 1; i < include.imports.size() && !found.empty(); ++i) {
    std::erase_if(found, [&](const Hit& hit) { return Find(*include.imports[i], hit.include->definition->system, code).empty(); });
  }
  hits.insert(hits.end(), found.begin(), found.end());
}

bool MembershipSearch::Excluded(const ResolvedValueSet& value_set, const Hit& hit, std::string_view code) {
  std::vector<Hit> others;
  for (const ResolvedInclude& exclude : value_set.exclude) FindIn(exclude, hit.include->definition->system, code, others);
  const bool across = ExcludesAcrossVersions(*value_set.definition);
  return std::any_of(others.begin(), others.end(), [&](const Hit& other) { return across || other.include->system == hit.include->system; });
}

}  // namespace heyi::conformance
