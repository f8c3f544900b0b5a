#include "mapping/pair/targets.h"

#include <fmt/format.h>

#include <set>

#include "base/ids.h"
#include "mapping/limits.h"
#include "mapping/pair/lens.h"
#include "mapping/pair/path.h"

namespace heyi::mapping {
namespace {

// Numbers of persons do not go into logs and acknowledgements whole.
std::string Masked(const std::string& text) {
  return text.size() < 12 ? "********" : text.substr(0, 6) + "********" + text.substr(text.size() - 4);
}

class Finder {
 public:
  // `targets` are those found before.
  Finder(const MessageReader& reader, TargetSource& source, const std::vector<Target>& targets, base::Outcome& outcome)
      : reader_(reader), source_(source), targets_(targets), outcome_(outcome) {}

  base::Result<base::Done> Find(Target& target) {
    const ResourceRule& rule = *target.rule;
    if (rule.guard && !reader_.Holds(*rule.guard, target.scope)) return base::Done{};
    std::string where;  // the field that is to blame where nothing is found
    HEYI_CHECK(ByIdentifiers(target, where));
    if (!target.found) HEYI_CHECK(ById(target, where));
    target.where = where;
    if (target.found) {
      target.id = target.found->tree.id();
      target.present = true;
    } else if (!rule.missing_rule.empty()) {
      outcome_.Add(rule.missing_rule, where);
    } else if (target.id.empty() && rule.role == ResourceRule::Role::kMade) {
      if (rule.unnamed_rule.empty()) {
        outcome_.Add("map.no-key", where, rule.name);
      } else {
        outcome_.Add(rule.unnamed_rule, where);
      }
    } else {
      target.present = !target.id.empty();
    }
    return base::Done{};
  }

 private:
  base::Result<base::Done> ByIdentifiers(Target& target, std::string& where) {
    for (const FindLine& find : target.rule->finds) {
      if (find.guard && !reader_.Holds(*find.guard, target.scope)) continue;
      const MessageValue read = reader_.Read(find.source, target.scope);
      if (where.empty()) where = read.where();
      if (!read.present()) continue;
      const std::string within = find.lens.within ? reader_.Read(*find.lens.within, target.scope).text : std::string();
      const std::optional<std::string> value = ThroughLens(find.lens, read.text, within, nullptr);
      if (!value) {
        outcome_.Add("map.value", read.where(), find.lens.kind == Lens::Kind::kIdentityNumber ? Masked(read.text) : read.text);
        continue;
      }
      if (target.value.empty()) {
        target.system = find.system;
        target.value = *value;
      }
      HEYI_CHECK(Look(target, find.system, *value, read.where()));
    }
    return base::Done{};
  }

  base::Result<base::Done> Look(Target& target, const std::string& system, const std::string& value, const std::string& where) {
    base::Result<std::optional<TargetSource::Found>> found = source_.ByIdentifier(target.rule->type->name, system, value);
    if (!found.ok()) {
      if (found.error().kind != base::ErrorKind::kConflict) return std::move(found).error();
      if (MustBelong(target)) return base::Done{};  // the number is several people's: it does not tell which is meant
      outcome_.Add("map.ambiguous", where, target.rule->type->name);
      return base::Done{};
    }
    if (!*found || (MustBelong(target) && !Belongs(target, (*found)->tree))) return base::Done{};
    if (!target.found) {
      target.found = std::move(*found);
    } else if (target.found->tree.id() != (*found)->tree.id()) {
      outcome_.Add("map.conflicting-targets", where, target.rule->type->name);  // never merged by guess
    }
    return base::Done{};
  }

  base::Result<base::Done> ById(Target& target, std::string& where) {
    for (const IdLine& line : target.rule->ids) {
      std::string key;
      bool all = true;
      for (const Source& part : line.parts) {
        const MessageValue read = reader_.Read(part, target.scope);
        if (where.empty()) where = read.where();
        all = all && read.present();
        key += (key.empty() ? "" : "|") + read.text;
      }
      if (!all) continue;
      target.id = base::UuidV5(line.scope, key);
      if (target.rule->role == ResourceRule::Role::kReferred) return base::Done{};
      HEYI_TRY(found, source_.ById(target.rule->type->name, target.id));
      target.found = std::move(found);
      return base::Done{};
    }
    return base::Done{};
  }

  // `check same` of what is only referred to: by a number that others use, too, another's is not meant.
  static bool MustBelong(const Target& target) { return target.rule->role == ResourceRule::Role::kReferred && !target.rule->sames.empty(); }
  bool Belongs(const Target& target, const fhir::Tree& tree) const {
    for (const Rule& same : target.rule->sames) {
      const Target* to = TargetNamed(targets_, same.reference, target.scope);
      const fhir::Node place = FindPlace(tree.root(), same.path);
      if (to == nullptr || !place || place.TextAt("reference") != to->reference()) return false;
    }
    return true;
  }

  const MessageReader& reader_;
  TargetSource& source_;
  const std::vector<Target>& targets_;
  base::Outcome& outcome_;
};

// One scope, or one an item of the list.
std::vector<Scope> ScopesOf(const ResourceRule& rule, const MessageReader& reader) {
  if (rule.each.empty()) return {Scope()};
  std::vector<Scope> scopes;
  if (const base::JsonValue* list = reader.List(rule.each)) {
    for (size_t i = 0; i < list->items().size(); ++i) scopes.push_back({rule.each, i, &list->items()[i]});
  }
  return scopes;
}

}  // namespace

base::Result<std::vector<Target>> FindTargets(const MapProgram& program, const MessageReader& reader, TargetSource& source,
                                              base::Outcome& outcome) {
  std::vector<Target> targets;
  std::set<std::string> made;
  Finder finder(reader, source, targets, outcome);
  for (const ResourceRule& rule : program.resources) {
    if (rule.role == ResourceRule::Role::kOutward) continue;
    for (Scope& scope : ScopesOf(rule, reader)) {
      if (targets.size() >= kResourcesMax) {
        outcome.Add("map.too-many", {}, fmt::format("{}", kResourcesMax));
        return targets;
      }
      Target target;
      target.rule = &rule;
      target.scope = std::move(scope);
      HEYI_CHECK(finder.Find(target));
      if (target.present && rule.role == ResourceRule::Role::kMade && !made.insert(target.reference()).second) {
        outcome.Add("map.duplicate-target", reader.PlaceOf(target.scope), rule.type->name);
        target.present = false;
      }
      targets.push_back(std::move(target));
    }
  }
  return targets;
}

const Target* TargetNamed(const std::vector<Target>& targets, std::string_view name, const Scope& scope) {
  for (const Target& target : targets) {
    if (target.rule->name != name) continue;
    if (target.rule->each.empty() || (target.rule->each == scope.list && target.scope.position == scope.position)) {
      return target.present ? &target : nullptr;
    }
  }
  return nullptr;
}

}  // namespace heyi::mapping
