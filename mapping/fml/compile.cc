// StructureMap -> FmlProgram.
#include <algorithm>

#include <fmt/format.h>

#include "mapping/fml/engine.h"
#include "mapping/fml/imports.h"
#include "mapping/fml/lexer.h"
#include "mapping/fml/name_scope.h"
#include "mapping/fml/path_text.h"
#include "mapping/fml/program.h"
#include "mapping/fml/transform_names.h"

namespace heyi::mapping {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;
using Map = StructureMap;

class FmlCompiler {
 public:
  FmlCompiler(FmlProgram& program, const FmlSource& source)
      : program_(program), source_(source), choices_(program.definitions) {}

  Result<Done> Run(const Map& map) {
    program_.maps = GatherMaps(map, source_, outcome_);
    HEYI_CHECK(Stop());
    for (const auto& one : program_.maps) Types(*one);
    HEYI_CHECK(Stop());
    for (const auto& one : program_.maps) Constants(*one);
    for (const auto& one : program_.maps) {
      for (const Map::Group& group : one->groups) Declare(*one, group);
    }
    if (program_.groups.empty()) Fail("fml.unknown-group", map.url, "");
    HEYI_CHECK(Stop());
    program_.entry = program_.groups[0].get();
    for (size_t i = 0; i < program_.groups.size(); ++i) Fill(*program_.groups[i], *declared_[i]);
    CheckBases();
    HEYI_CHECK(Stop());
    return Done{};
  }

 private:
  Result<Done> Stop() {
    if (outcome_.empty()) return Done{};
    return Error(ErrorKind::kInvalid, std::move(outcome_));
  }

  void Fail(std::string_view rule, std::string place, std::string_view detail) {
    if (outcome_.issues().size() < kFmlIssuesMax) outcome_.Add(rule, std::move(place), detail);
  }

  std::string Place(FmlPosition position) const {
    return position.line == 0 ? map_->file : FmlPlace(map_->file, position);
  }

  // The models that a map uses, under their aliases.
  void Types(const Map& map) {
    map_ = &map;
    auto& aliases = aliases_[&map];
    std::vector<const fhir::Type*> types;
    for (const Map::Structure& structure : map.structures) {
      const auto type = program_.models.ByUrl(structure.url, structure.alias);
      if (!type.ok()) outcome_.Append(type.error().outcome);
      types.push_back(type.ok() ? *type : nullptr);
      if (type.ok() && !structure.alias.empty()) aliases.emplace(structure.alias, *type);
    }
    // Behind the aliases, what the types are called otherwise.
    for (const fhir::Type* type : types) {
      if (type != nullptr) aliases.emplace(type->name, type);
    }
    for (size_t i = 0; i < types.size(); ++i) {
      const std::string& url = map.structures[i].url;
      if (types[i] != nullptr) aliases.emplace(url.substr(url.rfind('/') + 1), types[i]);
    }
  }

  // A type by alias or name; null where there is none.
  const fhir::Type* TypeNamed(std::string_view name) const {
    const auto& aliases = aliases_.at(map_);
    if (const auto alias = aliases.find(name); alias != aliases.end()) return alias->second;
    if (name.starts_with("FHIR.")) name.remove_prefix(5);
    if (name.find("://") != std::string_view::npos) name = name.substr(name.rfind('/') + 1);
    return program_.models.ByName(name);
  }

  const fhir::Type* TypeAt(const std::string& name, const std::string& place) {
    if (name.empty()) return nullptr;
    const fhir::Type* type = TypeNamed(name);
    if (type == nullptr) Fail("fml.unknown-type", place, name);
    return type;
  }

  void Constants(const Map& map) {
    map_ = &map;
    auto& own = constants_[&map];
    const size_t first = program_.constants.size();
    for (const Map::Constant& constant : map.constants) {
      const std::string place = Place(constant.position);
      if (!own.emplace(constant.name, program_.constants.size()).second) {
        Fail("fml.duplicate-name", place, constant.name);
      }
      program_.constants.push_back({constant.name, {}, place});
    }
    NameScope none;
    for (size_t i = 0; i < map.constants.size(); ++i) {
      Path(map.constants[i].expression, none, program_.constants[first + i].place,
          program_.constants[first + i].expression);
    }
  }

  size_t ConstantNamed(std::string_view name) const {
    const auto& own = constants_.at(map_);
    const auto found = own.find(name);
    return found == own.end() ? kNoSlot : found->second;
  }

  void Path(const std::string& text, const NameScope& scope, const std::string& place, FmlExpression& out) {
    const auto is_variable = [&](std::string_view name) { return scope.Find(name) != kNoSlot ||
        ConstantNamed(name) != kNoSlot; };
    const auto is_type = [&](std::string_view name) { return TypeNamed(name) != nullptr; };
    const auto rewritten = AsFhirPath(text, is_variable, is_type, choices_);
    if (!rewritten.ok()) return FailPath(rewritten.error(), place, text);
    for (const std::string& name : rewritten->variables) {
      const size_t slot = scope.Find(name);
      if (slot != kNoSlot) out.slots.emplace_back(PathVariable(name), slot);
      else out.constants.emplace_back(PathVariable(name), ConstantNamed(name));
    }
    out.text = text;
    out.names_members = rewritten->names_members;
    fhir::CompileOptions options;
    options.as = fhir::CompileOptions::As::kFilters;
    options.types_beside = [this](std::string_view name) { return TypeNamed(name); };
    for (const std::string& name : rewritten->variables) options.variables.push_back(PathVariable(name));
    auto compiled = fhir::Expression::Compile(rewritten->text, program_.definitions, options);
    if (!compiled.ok()) return FailPath(compiled.error(), place, text);
    out.path = std::make_unique<fhir::Expression>(std::move(*compiled));
  }

  void FailPath(const Error& error, const std::string& place, std::string_view text) {
    for (const base::Issue& issue : error.outcome.issues()) {
      Fail(issue.rule, place, issue.detail.empty() ? text : issue.detail);
    }
  }

  void OptionalPath(const std::string& text, const NameScope& scope, const std::string& place,
      std::optional<FmlExpression>& out) {
    if (!text.empty()) Path(text, scope, place, out.emplace());
  }

  void Declare(const Map& map, const Map::Group& group) {
    map_ = &map;
    const std::string place = Place(group.position);
    auto made = std::make_unique<FmlGroup>();
    made->name = group.name;
    made->map = &map;
    for (const Map::Input& input : group.inputs) {
      for (const FmlGroupInput& before : made->inputs) {
        if (before.name == input.name) Fail("fml.duplicate-name", place, input.name);
      }
      made->inputs.push_back({input.name, input.mode, TypeAt(input.type, place)});
    }
    made->slots = made->inputs.size();
    if (!by_name_[&map].emplace(group.name, made.get()).second) Fail("fml.duplicate-group", place, group.name);
    if (group.type_mode != Map::TypeMode::kNone) Default(group, *made, place);
    program_.groups.push_back(std::move(made));
    declared_.push_back(&group);
  }

  // https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html: default mapping groups
  void Default(const Map::Group& group, const FmlGroup& made, const std::string& place) {
    const bool fits = made.inputs.size() == 2 && made.inputs[0].mode == Map::InputMode::kSource &&
                      made.inputs[1].mode == Map::InputMode::kTarget && made.inputs[0].type != nullptr &&
                          made.inputs[1].type != nullptr;
    if (!fits) return Fail("fml.default-inputs", place, group.name);
    const auto pair = std::pair(made.inputs[0].type, made.inputs[1].type);
    const auto [known, added] = program_.by_types.emplace(pair, &made);
    // What the map that is run says itself goes before what it imports.
    if (!added && (known->second->map == made.map || known->second->map != program_.maps[0].get())) {
      Fail("fml.ambiguous-group", place, group.name + ", " + known->second->name);
    }
    if (group.type_mode == Map::TypeMode::kTypePlus) {
      const auto [plus, first] = program_.by_source.emplace(pair.first, &made);
      if (!first && plus->second->map == made.map) {
        Fail("fml.ambiguous-group", place, group.name + ", " + plus->second->name);
      }
    }
  }

  // Of the same map, else of any other that is at hand.
  const FmlGroup* GroupNamed(const std::string& name, const std::string& place) {
    const auto& own = by_name_[map_];
    if (const auto found = own.find(name); found != own.end()) return found->second;
    const FmlGroup* other = nullptr;
    for (const auto& group : program_.groups) {
      if (group->name != name) continue;
      if (other != nullptr) {
        Fail("fml.ambiguous-group", place, name);
        break;
      }
      other = group.get();
    }
    if (other == nullptr) Fail("fml.unknown-group", place, name);
    return other;
  }

  void Fill(FmlGroup& group, const Map::Group& from) {
    map_ = group.map;
    NameScope scope;
    scope.slots = &group.slots;
    for (size_t i = 0; i < group.inputs.size(); ++i) scope.names.emplace_back(group.inputs[i].name, i);
    if (!from.extends.empty()) Extend(group, from);
    for (const Map::Rule& rule : from.rules) group.rules.push_back(Rule(rule, scope));
  }

  // The base's inputs are ours by name; by place where it calls them otherwise.
  void Extend(FmlGroup& group, const Map::Group& from) {
    const std::string place = Place(from.position);
    group.base = GroupNamed(from.extends, place);
    if (group.base == nullptr) return;
    for (size_t i = 0; i < group.base->inputs.size(); ++i) {
      const FmlGroupInput& wanted = group.base->inputs[i];
      size_t at = i;
      for (size_t j = 0; j < group.inputs.size(); ++j) {
        if (group.inputs[j].name == wanted.name) at = j;
      }
      if (at >= group.inputs.size() || group.inputs[at].mode != wanted.mode) {
        return Fail("fml.arguments", place, from.extends);
      }
      group.base_inputs.push_back(at);
    }
  }

  void CheckBases() {
    for (const auto& group : program_.groups) {
      size_t steps = 0;
      for (const FmlGroup* base = group->base; base != nullptr; base = base->base) {
        if (base != group.get() && ++steps <= program_.groups.size()) continue;
        Fail("fml.cycle", group->map->file, group->name);
        return;
      }
    }
  }

  FmlRule Rule(const Map::Rule& from, NameScope scope) {
    FmlRule rule;
    rule.place = Place(from.position);
    rule.name = from.name;
    if (from.sources.empty() || from.sources.size() > kFmlSourcesMax || from.targets.size() > kFmlTargetsMax) {
      Fail("fml.too-large", rule.place, std::to_string(from.sources.empty() ? 0 : kFmlTargetsMax));
      return rule;
    }
    for (const Map::Source& source : from.sources) rule.sources.push_back(Source(source, scope, rule.place));
    for (const Map::Target& target : from.targets) {
      if (target.context.empty() && !target.transform.empty() &&
          TransformNamed(target.transform) == FmlTransform::kNone) {
        // A target may just call a group.
        rule.calls.push_back(Call({target.transform, target.parameters, target.position}, scope, rule.place));
        continue;
      }
      rule.targets.push_back(Target(target, scope, rule.place));
    }
    for (const Map::Dependent& dependent : from.dependents) rule.calls.push_back(Call(dependent, scope, rule.place));
    for (const Map::Rule& inner : from.rules) rule.rules.push_back(Rule(inner, scope));
    rule.identity = rule.sources.size() == 1 && rule.targets.size() == 1 && rule.calls.empty() && rule.rules.empty() &&
                    rule.targets[0].context != kNoSlot &&
                    (rule.targets[0].transform == FmlTransform::kNone ||
                     (rule.targets[0].transform == FmlTransform::kCreate && rule.targets[0].parameters.empty()));
    // `src as x -> tgt as y` names things; there is nothing to copy.
    if (rule.identity && rule.targets[0].steps.empty() && !IsIdentity(from)) rule.identity = false;
    return rule;
  }

  FmlSourceStep Source(const Map::Source& from, NameScope& scope, const std::string& rule_place) {
    FmlSourceStep source;
    source.place = from.position.line == 0 ? rule_place : Place(from.position);
    source.context = scope.Find(from.context);
    if (source.context == kNoSlot) {
      source.constant = ConstantNamed(from.context);
      if (source.constant == kNoSlot) Fail("fml.unknown-variable", source.place, from.context);
    }
    source.steps = ElementSteps(from.element);
    source.type_name = from.type;
    source.type = TypeAt(from.type, source.place);
    source.min = from.min.value_or(0);
    if (!from.max.empty() && from.max != "*") source.max = static_cast<uint32_t>(std::stoul(from.max));
    source.list_mode = from.list_mode;
    OptionalPath(from.default_value, scope, source.place, source.default_value);
    source.variable = from.variable.empty() ? (*scope.slots)++ : scope.Add(from.variable);
    OptionalPath(from.condition, scope, source.place, source.condition);
    OptionalPath(from.check, scope, source.place, source.check);
    OptionalPath(from.log_message, scope, source.place, source.log);
    return source;
  }

  FmlTargetStep Target(const Map::Target& from, NameScope& scope, const std::string& rule_place) {
    FmlTargetStep target;
    target.place = from.position.line == 0 ? rule_place : Place(from.position);
    if (!from.context.empty()) {
      target.context = scope.Find(from.context);
      if (target.context == kNoSlot) Fail("fml.unknown-variable", target.place, from.context);
    }
    target.steps = ElementSteps(from.element);
    target.transform = TransformNamed(from.transform);
    if (!from.transform.empty() && target.transform == FmlTransform::kNone) {
      Fail("fml.unknown-transform", target.place, from.transform);
    }
    const auto [least, most] = ArgumentsOf(target.transform);
    if (from.parameters.size() < least || from.parameters.size() > most) {
      Fail("fml.arguments", target.place, from.transform);
    }
    for (const Map::Parameter& parameter : from.parameters) {
      target.parameters.push_back(Parameter(parameter, scope, target.place));
    }
    Resolve(target, from);
    if (from.list_modes.size() > 1) Fail("fml.list-mode", target.place, WordOf(from.list_modes[1]));
    if (!from.list_modes.empty()) target.list_mode = from.list_modes[0];
    target.share = from.list_rule_id;
    if (!from.variable.empty()) target.variable = scope.Add(from.variable);
    return target;
  }

  // Types and tables that a literal names.
  void Resolve(FmlTargetStep& target, const Map::Target& from) {
    const auto literal = [&](size_t i) -> const std::string* {
      if (from.parameters.size() <= i || from.parameters[i].kind != Map::Parameter::Kind::kString) return nullptr;
      return &from.parameters[i].text;
    };
    const std::string* type = target.transform == FmlTransform::kCreate ? literal(0)
        : target.transform == FmlTransform::kCast ? literal(1) : nullptr;
    if (type != nullptr) {
      target.type_name = *type;
      target.type = TypeAt(*type, target.place);
    }
    if (target.transform == FmlTransform::kTranslate) {
      if (const std::string* canonical = literal(1)) target.table = Table(*canonical, target.place);
    }
  }

  const ConceptTable* Table(const std::string& canonical, const std::string& place) {
    auto& table = program_.tables[canonical.starts_with('#') ? map_->url + canonical : canonical];
    if (table == nullptr) table = FindConceptTable(canonical, *map_, program_.maps, source_);
    if (table == nullptr) Fail("fml.unknown-table", place, canonical);
    return table.get();
  }

  FmlParameter Parameter(const Map::Parameter& from, const NameScope& scope, const std::string& place) {
    using Kind = Map::Parameter::Kind;
    using Value = fhir::PathValue::Kind;
    FmlParameter parameter;
    const auto literal = [&](Value kind) { parameter.literal.push_back(fhir::PathValue::OfText(kind, from.text)); };
    switch (from.kind) {
      case Kind::kId:
        parameter.kind = FmlParameter::Kind::kSlot;
        parameter.index = scope.Find(from.text);
        if (parameter.index != kNoSlot) break;
        parameter.kind = FmlParameter::Kind::kConstant;
        parameter.index = ConstantNamed(from.text);
        if (parameter.index == kNoSlot) Fail("fml.unknown-variable", place, from.text);
        break;
      case Kind::kExpression:
        parameter.kind = FmlParameter::Kind::kExpression;
        Path(from.text, scope, place, parameter.expression);
        break;
      case Kind::kString: literal(Value::kString); break;
      case Kind::kBoolean: literal(Value::kBoolean); break;
      case Kind::kInteger: literal(Value::kInteger); break;
      case Kind::kDecimal: literal(Value::kDecimal); break;
      case Kind::kDate: literal(Value::kDate); break;
      case Kind::kDateTime: literal(Value::kDateTime); break;
      case Kind::kTime: literal(Value::kTime); break;
    }
    return parameter;
  }

  FmlCall Call(const Map::Dependent& from, const NameScope& scope, const std::string& rule_place) {
    FmlCall call;
    call.place = from.position.line == 0 ? rule_place : Place(from.position);
    call.group = GroupNamed(from.name, call.place);
    for (const Map::Parameter& parameter : from.parameters) {
      call.parameters.push_back(Parameter(parameter, scope, call.place));
    }
    if (call.group != nullptr && call.group->inputs.size() != call.parameters.size()) {
      Fail("fml.arguments", call.place, from.name);
    }
    return call;
  }

  FmlProgram& program_;
  const FmlSource& source_;
  const ChoiceNames choices_;
  base::Outcome outcome_;
  const Map* map_ = nullptr;  // whose parts are compiled
  std::map<const Map*, std::map<std::string, const fhir::Type*, std::less<>>> aliases_;
  std::map<const Map*, std::map<std::string, size_t, std::less<>>> constants_;
  std::map<const Map*, std::map<std::string, const FmlGroup*, std::less<>>> by_name_;
  std::vector<const Map::Group*> declared_;  // beside program_.groups
};

}  // namespace

Result<CompiledMap> CompiledMap::Compile(const StructureMap& map, const fhir::Definitions& definitions,
    const FmlSource& source) {
  auto program = std::make_unique<FmlProgram>(definitions, source);
  HEYI_CHECK(FmlCompiler(*program, source).Run(map));
  return CompiledMap(std::move(program));
}

}  // namespace heyi::mapping
