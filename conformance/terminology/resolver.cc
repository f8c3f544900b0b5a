#include "conformance/terminology/resolver.h"

#include <algorithm>

#include "base/text.h"
#include "conformance/limits.h"
#include "conformance/terminology/filters.h"
#include "conformance/terminology/grammar_systems.h"
#include "conformance/terminology/issues.h"

namespace heyi::conformance {
namespace {

const SystemVersion* RuleFor(const std::vector<SystemVersion>& rules, std::string_view system) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const SystemVersion& rule) { return rule.first == system; });
  return found == rules.end() ? nullptr : &*found;
}

void NoteIf(bool is, const char* what, const char* type, const std::string& canonical, ResolvedValueSet& out) {
  if (!is) return;
  out.used.emplace(std::string("warning-") + what, canonical);
  out.standings.insert({what, type, canonical});
}

std::string Joined(const SystemVersion& rule) { return rule.second.empty() ? rule.first : rule.first + "|" + rule.second; }

}  // namespace

TxAnswer<std::shared_ptr<const ResolvedValueSet>> Resolver::Run(const ValueSetChoice& choice) {
  std::shared_ptr<const base::JsonValue> resource = choice.resource;
  if (resource == nullptr) {
    if (choice.url.empty()) return issues::ValueSetNeeded();
    std::string version = choice.version;
    if (const SystemVersion* rule = RuleFor(rules_.value_sets, choice.url); rule != nullptr && version.empty()) {
      version = rule->second;
      root_rule_ = Joined(*rule);
    }
    resource = FindValueSet(choice.url, version);
    if (resource == nullptr) return issues::ValueSetUnknown(version.empty() ? choice.url : choice.url + "|" + version);
  }
  if (auto failure = SortSupplements(terminology_.source(), rules_.supplements, supplements_)) return *std::move(failure);
  auto definition = ValueSetDefinition::Of(resource);
  if (!definition.ok()) return *std::move(definition.failure);
  return ResolveOne(*definition.value);
}

std::shared_ptr<const base::JsonValue> Resolver::FindValueSet(std::string_view url, std::string_view version) const {
  const std::vector<std::string> versions = terminology_.source().Versions("ValueSet", url);
  const std::string* picked = terminology_.PickVersion(versions, version);
  return picked == nullptr ? nullptr : terminology_.source().Find("ValueSet", url, *picked);
}

std::optional<TxFailure> SortSupplements(const CanonicalSource& source, const std::vector<std::string>& canonicals,
                                         std::map<std::string, std::vector<std::string>, std::less<>>& out) {
  std::vector<std::string> missing;
  for (const std::string& text : canonicals) {
    const Canonical canonical = Canonical::Of(text);
    const auto found = source.Find("CodeSystem", canonical.url, canonical.version);
    if (found == nullptr || found->StringAt("content") != "supplement") {
      missing.push_back(text);
      continue;
    }
    std::vector<std::string>& of = out[std::string(Canonical::Of(found->StringAt("supplements")).url)];
    if (std::find(of.begin(), of.end(), text) == of.end()) of.push_back(text);
  }
  if (missing.empty()) return std::nullopt;
  return issues::SupplementsMissing(missing);
}

Resolver::Answer Resolver::ResolveOne(const std::shared_ptr<const ValueSetDefinition>& definition) {
  const std::string canonical = definition->Canonical();
  if (!canonical.empty()) {
    if (const auto known = done_.find(canonical); known != done_.end()) return known->second;
    if (std::find(path_.begin(), path_.end(), canonical) != path_.end()) return issues::Circular(canonical, path_);
  }
  if (path_.size() >= kImportDepthMax || ++resolved_ > kImportsResolvedMax) return issues::TooCostly(canonical, kImportsResolvedMax);
  auto out = std::make_shared<ResolvedValueSet>();
  if (path_.empty() && !root_rule_.empty()) out->rules.emplace("default-valueset-version", root_rule_);
  path_.push_back(canonical);
  out->definition = definition;
  NoteIf(definition->standing.withdrawn, "withdrawn", "ValueSet", canonical, *out);
  NoteIf(definition->standing.deprecated, "deprecated", "ValueSet", canonical, *out);
  std::optional<TxFailure> failure = SortSupplements(terminology_.source(), definition->supplements, supplements_);
  if (!failure) failure = ResolveIncludes(definition, definition->include, out->include, *out);
  if (!failure) failure = ResolveIncludes(definition, definition->exclude, out->exclude, *out);
  path_.pop_back();
  if (failure) return *std::move(failure);
  std::shared_ptr<const ResolvedValueSet> made = std::move(out);
  if (!canonical.empty()) done_[canonical] = made;
  return made;
}

std::optional<TxFailure> Resolver::ResolveIncludes(const std::shared_ptr<const ValueSetDefinition>& definition,
                                                   const std::vector<ValueSetDefinition::Include>& from, std::vector<ResolvedInclude>& to,
                                                   ResolvedValueSet& out) {
  for (const ValueSetDefinition::Include& item : from) {
    ResolvedInclude include;
    include.definition = &item;
    if (auto failure = CheckFilters(item)) return failure;
    if (!item.system.empty()) {
      if (auto failure = BindSystem(include, out)) return failure;
    }
    if (auto failure = BindImports(definition, include, out)) return failure;
    to.push_back(std::move(include));
  }
  return std::nullopt;
}

std::optional<TxFailure> Resolver::BindSystem(ResolvedInclude& include, ResolvedValueSet& out) {
  using Origin = ResolvedInclude::Origin;
  const ValueSetDefinition::Include& item = *include.definition;
  const SystemVersion* check = RuleFor(rules_.checks, item.system);
  include.wanted = item.version;
  include.origin = item.version.empty() ? Origin::kNone : Origin::kInclude;
  const auto decide = [&](const char* name, const SystemVersion& rule, Origin origin) {
    include.wanted = rule.second;
    include.origin = origin;
    out.rules.emplace(name, Joined(rule));
  };
  if (const SystemVersion* force = RuleFor(rules_.forces, item.system)) {
    decide("force-system-version", *force, Origin::kForce);
  } else if (item.version.empty()) {
    const SystemVersion* standard = RuleFor(rules_.defaults, item.system);
    if (standard != nullptr) decide("system-version", *standard, Origin::kDefault);
    else if (check != nullptr) decide("check-system-version", *check, Origin::kCheck);
  }

  const std::vector<std::string> versions = terminology_.source().Versions("CodeSystem", item.system);
  const std::string* picked = terminology_.PickVersion(versions, include.wanted);
  if (preferred_ != nullptr && preferred_->system == item.system && !preferred_->version.empty()) {
    // The coding's own version, where that is here and the value set leaves it open.
    const std::string* given = terminology_.PickVersion(versions, preferred_->version);
    if (given != nullptr && terminology_.PickVersion({*given}, include.wanted) != nullptr) picked = given;
  }
  if (picked != nullptr) {
    static const std::vector<std::string> kNoSupplements;
    const auto supplements = supplements_.find(item.system);
    include.system = terminology_.SystemWith(item.system, *picked, supplements == supplements_.end() ? kNoSupplements : supplements->second);
  }
  if (include.system != nullptr && include.system->content() == ContentMode::kNotPresent && include.system->size() == 0) include.system = nullptr;
  if (include.system == nullptr) {
    include.grammar = IsGrammarSystem(item.system);
    include.missing = !include.grammar;
  } else {
    const CodeSystem& system = *include.system;
    if (check != nullptr && terminology_.PickVersion({system.version()}, check->second) == nullptr) include.refused_by = check->second;
    out.used.emplace("used-codesystem", system.Canonical());
    for (const std::string& supplement : system.used_supplements()) out.used.emplace("used-supplement", supplement);
    const Standing& mine = out.definition->standing;
    NoteIf(system.standing().deprecated, "deprecated", "CodeSystem", system.Canonical(), out);
    NoteIf(system.standing().withdrawn, "withdrawn", "CodeSystem", system.Canonical(), out);
    NoteIf(system.standing().experimental && !mine.experimental, "experimental", "CodeSystem", system.Canonical(), out);
    NoteIf(system.standing().draft && !mine.draft, "draft", "CodeSystem", system.Canonical(), out);
    if (!item.filters.empty()) {
      auto filtered = FilteredConcepts(system, item, work_);
      if (!filtered.ok()) return *std::move(filtered.failure);
      include.filtered = *std::move(filtered.value);
    }
  }
  const bool folds = include.system != nullptr && !include.system->case_sensitive();
  if (folds) include.folded.reserve(item.listed.size());
  for (uint32_t i = 0; i < item.listed.size(); ++i) {
    if (folds) include.folded.push_back(base::AsciiLower(item.listed[i].code));
    include.listed.emplace(folds ? std::string_view(include.folded.back()) : std::string_view(item.listed[i].code), i);
  }
  return std::nullopt;
}

std::optional<TxFailure> Resolver::BindImports(const std::shared_ptr<const ValueSetDefinition>& definition, ResolvedInclude& include,
                                               ResolvedValueSet& out) {
  for (const std::string& text : include.definition->value_sets) {
    std::shared_ptr<const base::JsonValue> resource;
    const bool contained = text.starts_with('#');
    std::string name;
    if (contained) {
      const auto found = definition->contained.find(text);
      // It lives as long as the resource that contains it.
      if (found != definition->contained.end()) resource = std::shared_ptr<const base::JsonValue>(definition->resource, found->second);
    } else {
      const Canonical canonical = Canonical::Of(text);
      std::string version(canonical.version);
      if (const SystemVersion* rule = RuleFor(rules_.value_sets, canonical.url); rule != nullptr && version.empty()) {
        version = rule->second;
        out.rules.emplace("default-valueset-version", Joined(*rule));
      }
      name = std::string(canonical.url) + "|" + version;
      if (const auto known = imported_.find(name); known != imported_.end()) {
        TakeImport(known->second, contained, include, out);
        continue;
      }
      resource = FindValueSet(canonical.url, version);
      if (resource == nullptr && version != canonical.version) {
        out.missing_value_sets.insert(name);
        continue;
      }
    }
    if (resource == nullptr) {
      out.missing_value_sets.insert(text);
      continue;
    }
    auto read = ValueSetDefinition::Of(resource);
    if (!read.ok()) return *std::move(read.failure);
    auto import = ResolveOne(*read.value);
    if (!import.ok()) return *std::move(import.failure);
    if (!contained) imported_[name] = *import.value;
    TakeImport(*import.value, contained, include, out);
  }
  return std::nullopt;
}

void Resolver::TakeImport(const std::shared_ptr<const ResolvedValueSet>& resolved, bool contained, ResolvedInclude& include, ResolvedValueSet& out) {
  include.imports.push_back(resolved);
  if (!contained) out.used.emplace("used-valueset", resolved->definition->Canonical());
  out.used.insert(resolved->used.begin(), resolved->used.end());
  out.rules.insert(resolved->rules.begin(), resolved->rules.end());
  out.standings.insert(resolved->standings.begin(), resolved->standings.end());
  out.missing_value_sets.insert(resolved->missing_value_sets.begin(), resolved->missing_value_sets.end());
}

}  // namespace heyi::conformance
