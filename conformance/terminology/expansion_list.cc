#include "conformance/terminology/expansion_list.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "conformance/limits.h"
#include "conformance/terminology/issues.h"

namespace heyi::conformance {
namespace {

std::string_view VersionOf(const ListedCode& code) {
  return code.include->system == nullptr ? std::string_view(code.include->definition->version) : std::string_view(code.include->system->version());
}

std::string KeyOf(const ListedCode& code, bool with_version) {
  std::string key = code.include->definition->system;
  key.push_back('\n');
  if (with_version) key.append(VersionOf(code));
  key.push_back('\n');
  return key.append(code.code);
}

// Each code once; where versions do not count, that of the latest.
void MakeUnique(std::vector<ListedCode>& list, bool across_versions) {
  std::unordered_map<std::string, size_t> seen;
  size_t kept = 0;
  for (const ListedCode& code : list) {
    const auto [at, fresh] = seen.emplace(KeyOf(code, !across_versions), kept);
    if (fresh) list[kept++] = code;
    else if (CompareVersions(VersionOf(code), VersionOf(list[at->second])) > 0) list[at->second] = code;
  }
  list.resize(kept);
}

}  // namespace

std::optional<bool> VersionsMatched(const ResolvedValueSet& value_set) {
  if (value_set.definition->versions_match) return *value_set.definition->versions_match ? std::optional<bool>(true) : std::nullopt;
  for (const ResolvedInclude& exclude : value_set.exclude) {
    for (const ResolvedInclude& include : value_set.include) {
      const bool both = exclude.system != nullptr && include.system != nullptr && exclude.system->url() == include.system->url();
      if (both && exclude.system->version() != include.system->version()) return true;
    }
  }
  return std::nullopt;
}

std::optional<TxFailure> ExpansionList::TooMany(const ResolvedValueSet& value_set, size_t more) {
  codes_ += more;
  if (codes_ <= kExpandedCodesMax) return std::nullopt;
  return issues::TooCostly(value_set.definition->Canonical(), kExpandedCodesMax);
}

TxAnswer<std::shared_ptr<const std::vector<ListedCode>>> ExpansionList::Of(const std::shared_ptr<const ResolvedValueSet>& value_set) {
  {
    const std::lock_guard<std::mutex> held(value_set->list_mutex);
    if (value_set->list != nullptr) return value_set->list;
  }
  List list;
  for (const ResolvedInclude& include : value_set->include) {
    if (auto failure = Gather(include, *value_set, list)) return *std::move(failure);
  }
  MakeUnique(list, value_set->definition->versions_match.value_or(false));
  if (!value_set->exclude.empty()) {
    const bool across = ExcludesAcrossVersions(*value_set->definition);
    List excluded;
    for (const ResolvedInclude& exclude : value_set->exclude) {
      if (auto failure = Gather(exclude, *value_set, excluded)) return *std::move(failure);
    }
    std::unordered_set<std::string> keys;
    for (const ListedCode& code : excluded) keys.insert(KeyOf(code, !across));
    std::erase_if(list, [&](const ListedCode& code) { return keys.contains(KeyOf(code, !across)); });
  }
  if (value_set->definition->without_inactive) {
    std::erase_if(list, [](const ListedCode& code) { return code.concept_ != CodeSystem::kNone && code.include->system->inactive(code.concept_); });
  }
  auto made = std::make_shared<const List>(std::move(list));
  const std::lock_guard<std::mutex> held(value_set->list_mutex);
  value_set->list = made;
  return made;
}

std::optional<TxFailure> ExpansionList::Gather(const ResolvedInclude& include, const ResolvedValueSet& value_set, List& out) {
  List found;
  size_t others = 0;  // imports from here on must have it too
  if (!include.definition->system.empty()) {
    if (auto failure = GatherOwn(include, value_set, found)) return failure;
  } else if (!include.imports.empty()) {
    auto first = Of(include.imports.front());
    if (!first.ok()) return *std::move(first.failure);
    found = **first.value;
    for (ListedCode& code : found) code.nests = false;
    others = 1;
  }
  if (auto failure = TooMany(value_set, found.size())) return failure;
  for (size_t i = others; i < include.imports.size(); ++i) {
    bool too_costly = false;
    std::erase_if(found, [&](const ListedCode& code) {
      if (too_costly || steps_ > kExpansionStepsMax) return true;
      MembershipSearch one(MembershipSearch::Inactive::kAsDefined);
      const bool none = one.Find(*include.imports[i], code.include->definition->system, code.code).empty();
      steps_ += one.steps();
      too_costly = one.too_costly();
      return none;
    });
    if (too_costly || steps_ > kExpansionStepsMax) return issues::TooCostly(value_set.definition->Canonical(), kExpandedCodesMax);
  }
  out.insert(out.end(), found.begin(), found.end());
  return std::nullopt;
}

std::optional<TxFailure> ExpansionList::GatherOwn(const ResolvedInclude& include, const ResolvedValueSet&, List& out) const {
  const ValueSetDefinition::Include& definition = *include.definition;
  if (definition.listed.empty()) {
    if (include.grammar) return issues::SystemNotEnumerable(definition.system);
    if (include.missing) {
      return issues::SystemUnknownForExpansion(definition.system, include.wanted, terminology_.source().Versions("CodeSystem", definition.system));
    }
  }
  if (!include.refused_by.empty()) return issues::VersionNotAllowed(definition.system, include.system->version(), include.refused_by);
  for (const ValueSetDefinition::Listed& listed : definition.listed) {
    ResolvedInclude::Entry entry;
    if (!include.Has(listed.code, entry)) continue;
    const bool known = include.system != nullptr && entry.concept_ != CodeSystem::kNone;
    out.push_back({&include, entry.concept_, entry.listed, known ? include.system->code(entry.concept_) : std::string_view(listed.code), false});
  }
  if (!definition.listed.empty() || include.system == nullptr) return std::nullopt;
  const CodeSystem& system = *include.system;
  for (uint32_t i = 0; i < system.size(); ++i) {
    if (include.filtered.empty() || include.filtered[i]) out.push_back({&include, i, nullptr, system.code(i), system.hierarchical()});
  }
  return std::nullopt;
}

}  // namespace heyi::conformance
