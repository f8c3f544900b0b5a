#include "mapping/fml/run.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "fhir/path/navigate.h"
#include "fhir/path/value.h"
#include "mapping/fml/convert.h"
#include "mapping/fml/transforms.h"

namespace heyi::mapping {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;
using fhir::Collection;
using fhir::kNoNode;
using fhir::Node;
using fhir::NodeIndex;
using fhir::PathValue;

// What FHIRPath asks while an expression is evaluated: variables of the frame, constants, and the world.
class FmlRunner::Context : public fhir::LocalEvalContext {
 public:
  Context(FmlRunner& runner, const FmlExpression& expression, const FmlFrame& frame)
      : LocalEvalContext(runner.options_.now_ms), runner_(runner), expression_(expression), frame_(frame) {}

  const Collection* Variable(std::string_view name) const override {
    for (const auto& [known, slot] : expression_.slots) {
      if (known == name) return &frame_[slot].items;
    }
    for (const auto& [known, index] : expression_.constants) {
      if (known != name) continue;
      const auto value = runner_.Constant(index);
      if (value.ok()) return &(*value)->items;
      failure_ = value.error();
      return nullptr;
    }
    return nullptr;
  }

  // A constant that could not be evaluated.
  std::optional<Error> failure() const { return failure_; }

  // What a resource says of its own type needs no validator.
  std::optional<bool> ConformsTo(const PathValue& item, std::string_view profile) const override {
    constexpr std::string_view kBase = "http://hl7.org/fhir/StructureDefinition/";
    if (profile.starts_with(kBase) && item.type() != nullptr && runner_.program_.definitions.FindType(profile.substr(kBase.size())) != nullptr) {
      return item.type()->IsA(profile.substr(kBase.size()));
    }
    return world() == nullptr ? std::nullopt : world()->ConformsTo(item, profile);
  }

  std::optional<std::string> TypeOfReference(std::string_view reference, Node from) const override {
    return world() == nullptr ? LocalEvalContext::TypeOfReference(reference, from) : world()->TypeOfReference(reference, from);
  }
  const fhir::Tree* Resolve(std::string_view reference, Node from) const override {
    if (const fhir::Tree* local = LocalEvalContext::Resolve(reference, from)) return local;
    return world() == nullptr ? nullptr : world()->Resolve(reference, from);
  }
  std::optional<bool> MemberOf(Node coded, std::string_view value_set) const override {
    return world() == nullptr ? std::nullopt : world()->MemberOf(coded, value_set);
  }
  std::optional<bool> Subsumes(Node general, Node specific) const override {
    return world() == nullptr ? std::nullopt : world()->Subsumes(general, specific);
  }

 private:
  const fhir::EvalContext* world() const { return runner_.options_.world; }

  FmlRunner& runner_;
  const FmlExpression& expression_;
  const FmlFrame& frame_;
  mutable std::optional<Error> failure_;
};

FmlRunner::FmlRunner(const FmlProgram& program, const FmlRunOptions& options)
    : program_(program), options_(options), workspace_(program.models), budget_(options.steps_max),
      constants_(program.constants.size()), evaluating_(program.constants.size(), false) {}

Error FmlRunner::Fail(std::string_view rule_id, const std::string& place, std::string_view detail) const {
  std::string said(base::ClipUtf8(detail, 100));
  if (rule_ != nullptr && !rule_->name.empty()) said = fmt::format("\"{}\": {}", base::ClipUtf8(rule_->name, 64), said);
  return Error(ErrorKind::kInvalid, rule_id, place, said);
}

Error FmlRunner::At(Error error, const std::string& place) const {
  base::Outcome told;
  for (const base::Issue& issue : error.outcome.issues()) {
    if (!issue.expression.empty() && issue.rule.starts_with("fml.")) {  // told already
      told.Add(issue);
    } else {
      told.Append(Fail(issue.rule, place, issue.detail).outcome);
    }
  }
  return Error(error.kind, std::move(told));
}

Result<Done> FmlRunner::Spend(uint64_t steps) {
  budget_.Spend(steps);
  const std::string place = rule_ == nullptr ? std::string() : rule_->place;
  if (budget_.exhausted()) return Error(ErrorKind::kTooLarge, "fml.too-costly", place, std::to_string(options_.steps_max));
  if (workspace_.size() > kFmlNodesMax) return Error(ErrorKind::kTooLarge, "fml.too-costly", place, std::to_string(kFmlNodesMax));
  return Done{};
}

Result<FmlAnswer> FmlRunner::Run(std::span<const Node> sources) {
  const FmlGroup& entry = *program_.entry;
  FmlFrame inputs;
  std::vector<NodeIndex> roots;
  size_t next = 0;
  for (const FmlGroupInput& input : entry.inputs) {
    if (input.mode == StructureMap::InputMode::kTarget) {
      const fhir::Type* type = input.type;
      if (type != nullptr && type->is_primitive()) return Fail("fml.inputs", entry.map->file, input.name);
      roots.push_back(workspace_.MakeObject(type, true));
      inputs.push_back(ValueOf(roots.back()));
    } else {
      if (next >= sources.size()) return Fail("fml.inputs", entry.map->file, input.name);
      const Node source = sources[next++];
      if (!source) return Fail("fml.inputs", entry.map->file, input.name);
      // What the map is for, and what it was given.
      const bool known = !program_.models.IsOpen(input.type) && !program_.models.IsOpen(source.type());
      if (known && !source.type()->IsA(input.type->name)) {
        return Fail("fml.inputs", entry.map->file, input.name + " : " + input.type->name + " ≠ " + source.type()->name);
      }
      inputs.push_back(ValueOf(PathValue::OfNode(source)));
    }
  }
  if (next < sources.size()) return Fail("fml.inputs", entry.map->file, std::to_string(sources.size()));
  HEYI_CHECK(RunGroup(entry, std::move(inputs)));
  std::vector<NodeIndex> produced;
  for (const NodeIndex node : created_) {
    if (workspace_.IsLoose(node)) produced.push_back(node);
  }
  std::vector<NodeIndex> all = roots;
  all.insert(all.end(), produced.begin(), produced.end());
  workspace_.Finish(all);
  FmlAnswer answer;
  for (const NodeIndex root : roots) answer.targets.push_back(workspace_.Take(root));
  for (const NodeIndex node : produced) answer.produced.push_back(workspace_.Take(node));
  answer.log = std::move(log_);
  answer.steps = options_.steps_max - budget_.left();
  return answer;
}

Result<Done> FmlRunner::RunGroup(const FmlGroup& group, FmlFrame inputs) {
  if (depth_ >= kFmlRunDepthMax) return Fail("fml.too-deep", rule_ == nullptr ? group.map->file : rule_->place, std::to_string(kFmlRunDepthMax));
  ++depth_;
  const FmlRule* outer = rule_;
  HEYI_CHECK(Spend(1));
  if (group.base != nullptr) {
    FmlFrame base;
    for (const size_t slot : group.base_inputs) base.push_back(inputs[slot]);
    HEYI_CHECK(RunGroup(*group.base, std::move(base)));
  }
  FmlFrame frame = std::move(inputs);
  frame.resize(group.slots);
  for (const FmlRule& rule : group.rules) HEYI_CHECK(RunRule(rule, frame));
  rule_ = outer;
  --depth_;
  return Done{};
}

Result<Done> FmlRunner::RunRule(const FmlRule& rule, FmlFrame& frame) {
  if (depth_ >= kFmlRunDepthMax) return Fail("fml.too-deep", rule.place, std::to_string(kFmlRunDepthMax));
  ++depth_;
  const FmlRule* outer = rule_;
  rule_ = &rule;
  HEYI_CHECK(Spend(1));
  HEYI_CHECK(RunSources(rule, frame, 0));
  rule_ = outer;
  --depth_;
  return Done{};
}

// One source inside the other: each combination of their items runs the rest once.
Result<Done> FmlRunner::RunSources(const FmlRule& rule, FmlFrame& frame, size_t at) {
  if (at == rule.sources.size()) {
    HEYI_CHECK(Spend(1));
    if (rule.identity) return RunIdentity(rule, frame);
    return RunTargets(rule, frame, 0);
  }
  const FmlSourceStep& source = rule.sources[at];
  std::vector<NodeIndex> places;  // of items that are a target's
  HEYI_TRY(items, SourceItems(rule, source, frame, places));
  for (size_t i = 0; i < items.size(); ++i) {
    const size_t slot = source.variable != kNoSlot ? source.variable : kNoSlot;
    // Without a variable the targets may still need what the rule is about: its identity.
    FmlValue value{{std::move(items[i])}, i < places.size() ? places[i] : kNoNode};
    if (slot != kNoSlot) {
      frame[slot] = std::move(value);
      HEYI_CHECK(RunSources(rule, frame, at + 1));
    } else if (rule.identity) {
      frame.push_back(std::move(value));
      const auto ran = RunSources(rule, frame, at + 1);
      frame.pop_back();
      HEYI_CHECK(ran);
    } else {
      HEYI_CHECK(RunSources(rule, frame, at + 1));
    }
  }
  return Done{};
}

Result<Done> FmlRunner::Navigate(const PathValue& from, std::string_view name, Collection& out) {
  HEYI_CHECK(Spend(1));
  const Node node = from.node();
  const bool object = node && node.is_object();
  if (!object && name == "value" && (node || from.kind() != PathValue::Kind::kNode)) {
    out.push_back(from);  // of a primitive, itself
    return Done{};
  }
  const size_t before = out.size();
  fhir::AppendNamed(from, name, budget_, out);
  if (out.size() > before || !object || node.type() == nullptr) return Spend(0);
  // A choice by its JSON name.
  const fhir::Property* property = node.type()->Find(name);
  if (property == nullptr || !property->element->choice) return Done{};
  fhir::AppendNamed(from, property->element->name, budget_, out);
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(), [&](const PathValue& item) {
    const Node place = item.node() ? item.node() : item.underscore();
    return place.property() != property;
  }), out.end());
  return Spend(0);
}

Result<Collection> FmlRunner::SourceItems(const FmlRule& rule, const FmlSourceStep& source, FmlFrame& frame, std::vector<NodeIndex>& places) {
  const FmlValue* context = source.context != kNoSlot ? &frame[source.context] : nullptr;
  if (context == nullptr) {
    HEYI_TRY(constant, Constant(source.constant));
    context = constant;
  }
  Collection items = context->items;
  if (items.empty()) return items;
  const PathValue around = items[0];
  const NodeIndex place = context->target;
  for (const std::string& step : source.steps) {
    Collection below;
    for (const PathValue& item : items) HEYI_CHECK(Navigate(item, step, below));
    items = std::move(below);
  }
  if (!source.type_name.empty()) {
    std::erase_if(items, [&](const PathValue& item) {
      const fhir::Type* type = TypeOf(item);
      return type == nullptr || (type != source.type && !type->IsA(source.type->name));
    });
  }
  HEYI_CHECK(Spend(items.size()));
  const bool too_few = items.size() < source.min && !source.default_value;
  if (too_few || items.size() > source.max) {
    return Fail("fml.cardinality", source.place, fmt::format("{} ∉ {}..{}", items.size(), source.min, source.max == UINT32_MAX ? "*" : std::to_string(source.max)));
  }
  if (items.empty() && source.default_value) {
    auto value = Evaluate(*source.default_value, around, frame);
    if (!value.ok()) return At(std::move(value).error(), source.place);
    items = std::move(*value);
  }
  HEYI_CHECK(Filter(rule, source, frame, around, items));
  if (source.list_mode && !items.empty()) {
    switch (*source.list_mode) {
      case StructureMap::SourceListMode::kFirst: items.resize(1); break;
      case StructureMap::SourceListMode::kNotFirst: items.erase(items.begin()); break;
      case StructureMap::SourceListMode::kLast: items.erase(items.begin(), items.end() - 1); break;
      case StructureMap::SourceListMode::kNotLast: items.pop_back(); break;
      case StructureMap::SourceListMode::kOnlyOne:
        if (items.size() > 1) return Fail("fml.only-one", source.place, std::to_string(items.size()));
        break;
    }
  }
  // A target read as a source stays one.
  if (place != kNoNode) {
    for (const PathValue& item : items) {
      const Node node = item.kind() == PathValue::Kind::kNode ? item.node() : Node();
      places.push_back(node && node.tree() == &workspace_.tree() ? node.index() : kNoNode);
    }
  }
  return items;
}

// where, then check, then log, each on every item that is left, with the variable already on it.
Result<Done> FmlRunner::Filter(const FmlRule&, const FmlSourceStep& source, FmlFrame& frame, const PathValue& context, Collection& items) {
  if (!source.condition && !source.check && !source.log) return Done{};
  const auto focus = [&](const FmlExpression& expression, const PathValue& item) -> const PathValue& {
    // `src.i as i where (m < 2)`: a string has no m, so it is the context's.
    const bool primitive = item.kind() != PathValue::Kind::kNode || !item.node() || !item.node().is_object();
    return primitive && expression.names_members && !source.steps.empty() ? context : item;
  };
  const auto evaluate = [&](const FmlExpression& expression, const PathValue& item) -> Result<Collection> {
    if (source.variable != kNoSlot) frame[source.variable] = ValueOf(item);
    auto value = Evaluate(expression, focus(expression, item), frame);
    if (!value.ok()) return At(std::move(value).error(), source.place);
    return std::move(*value);
  };
  const auto holds = [](const Collection& value) {
    if (value.size() != 1) return !value.empty();
    const fhir::Scalar scalar = fhir::ScalarOf(value[0]);
    return scalar.kind != PathValue::Kind::kBoolean || scalar.text == "true";
  };
  if (source.condition) {
    Collection kept;
    for (PathValue& item : items) {
      HEYI_TRY(value, evaluate(*source.condition, item));
      if (holds(value)) kept.push_back(std::move(item));
    }
    items = std::move(kept);
  }
  for (const PathValue& item : items) {
    if (!source.check) break;
    HEYI_TRY(value, evaluate(*source.check, item));
    if (!holds(value)) return Fail("fml.check", source.place, source.check->path->text());
  }
  for (const PathValue& item : items) {
    if (!source.log) break;
    HEYI_TRY(value, evaluate(*source.log, item));
    std::string line;
    for (const PathValue& one : value) line += (line.empty() ? "" : ", ") + std::string(one.text());
    if (!line.empty() && log_.size() < kFmlLogMax) log_.emplace_back(base::ClipUtf8(line, 1'000));
  }
  return Done{};
}

Result<Done> FmlRunner::RunTargets(const FmlRule& rule, FmlFrame& frame, size_t at) {
  for (; at < rule.targets.size(); ++at) {
    const FmlTargetStep& target = rule.targets[at];
    HEYI_TRY(values, TargetValues(rule, target, frame));
    const bool named = target.variable != kNoSlot;
    if (values.size() > 1 && named) {
      // What follows runs once for each of them.
      for (FmlValue& value : values) {
        frame[target.variable] = std::move(value);
        HEYI_CHECK(RunTargets(rule, frame, at + 1));
      }
      return Done{};
    }
    if (named) frame[target.variable] = values.empty() ? FmlValue() : std::move(values[0]);
  }
  return RunDependents(rule, frame);
}

// What a target makes, in its place already: mostly one value; none where the transform gives nothing.
Result<std::vector<FmlValue>> FmlRunner::TargetValues(const FmlRule& rule, const FmlTargetStep& target, FmlFrame& frame) {
  HEYI_CHECK(Spend(1));
  NodeIndex object = kNoNode;
  if (target.context != kNoSlot) {
    const FmlValue& context = frame[target.context];
    if (context.empty()) return std::vector<FmlValue>();  // a transform gave nothing: so there is nothing here either
    if (!context.is_target()) return Fail("fml.not-a-target", target.place, target.steps.empty() ? "" : target.steps[0]);
    if (target.transform == FmlTransform::kNone && target.steps.empty()) return std::vector<FmlValue>{context};
    HEYI_TRY(place, PlaceOf(target, context.target, rule));
    object = place;
  }
  const std::string_view name = target.steps.empty() ? std::string_view() : std::string_view(target.steps.back());
  if (target.transform == FmlTransform::kNone) {
    HEYI_TRY(made, MakeElement(target, object, name, rule));
    return std::vector<FmlValue>{std::move(made)};
  }
  // What several rules share is made once.
  if (object != kNoNode && target.transform == FmlTransform::kCreate) {
    if (const auto shared = Shared(target, object, name)) return std::vector<FmlValue>{ValueOf(*shared)};
  }
  std::vector<FmlValue> arguments;
  for (const FmlParameter& parameter : target.parameters) {
    if (target.transform == FmlTransform::kEvaluate && &parameter == &target.parameters.back()) break;
    auto value = ParameterValue(parameter, frame);
    if (!value.ok()) return At(std::move(value).error(), target.place);
    arguments.push_back(std::move(*value));
  }
  const fhir::Property* property = object == kNoNode || name.empty() || IsPrimitivePlace(object) ? nullptr : workspace_.PropertyOf(object, name);
  const FmlSourceStep& first = rule.sources[0];
  const FmlValue* about = first.variable != kNoSlot ? &frame[first.variable] : first.steps.empty() && first.context != kNoSlot ? &frame[first.context] : nullptr;
  const PathValue focus = about == nullptr || about->empty() ? PathValue::OfNode(Node()) : about->items[0];
  auto values = RunTransform({*this, target, arguments, frame, focus, property});
  if (!values.ok()) return At(std::move(values).error(), target.place);
  HEYI_CHECK(Spend(values->size()));
  if (object == kNoNode) {
    for (const FmlValue& value : *values) {
      if (target.transform == FmlTransform::kCreate && value.is_target()) created_.push_back(value.target);
    }
    return values;
  }
  if (values->size() > 1 && property != nullptr && !program_.models.IsOpen(property->type) && !workspace_.IsList(object, *property)) {
    return Fail("fml.several", target.place, property->name);
  }
  for (FmlValue& value : *values) {
    HEYI_TRY(assigned, Assign(target, object, name, value, rule));
    value = std::move(assigned);
    if (target.transform == FmlTransform::kCreate) HEYI_CHECK(FillByDefault(rule, target, frame, value));
  }
  return values;
}

// What is made of one thing and then left alone is filled by the default group of the two, where there is one.
Result<Done> FmlRunner::FillByDefault(const FmlRule& rule, const FmlTargetStep& target, const FmlFrame& frame, const FmlValue& made) {
  if (rule.sources.size() != 1 || rule.targets.size() != 1 || !rule.calls.empty() || !rule.rules.empty()) return Done{};
  if (rule.sources[0].variable == kNoSlot) return Done{};
  const FmlValue& source = frame[rule.sources[0].variable];
  const FmlGroup* group = source.empty() ? nullptr : program_.DefaultFor(TypeOf(source.items[0]), target.type);
  return group == nullptr ? Result<Done>(Done{}) : RunGroup(*group, {source, made});
}

// `a.b -> c.d`: the default group of the two types, or a copy where they are the same.
Result<Done> FmlRunner::RunIdentity(const FmlRule& rule, FmlFrame& frame) {
  const FmlTargetStep& target = rule.targets[0];
  const FmlSourceStep& step = rule.sources[0];
  const FmlValue source = step.variable != kNoSlot ? frame[step.variable] : frame.back();
  const FmlValue& context = frame[target.context];
  if (context.empty() || source.empty()) return Done{};
  if (!context.is_target()) return Fail("fml.not-a-target", target.place, target.steps.empty() ? "" : target.steps[0]);
  const fhir::Type* from = TypeOf(source.items[0]);
  if (target.steps.empty()) {
    const FmlGroup* group = program_.DefaultFor(from, workspace_.At(context.target).type());
    if (group != nullptr) return RunGroup(*group, {source, context});
    HEYI_TRY(whole, AssignWhole(target, context.target, source));
    if (target.variable != kNoSlot) frame[target.variable] = std::move(whole);
    return Done{};
  }
  HEYI_TRY(object, PlaceOf(target, context.target, rule));
  const std::string& name = target.steps.back();
  const fhir::Property* property = IsPrimitivePlace(object) ? nullptr : workspace_.PropertyOf(object, name);
  const FmlGroup* group = nullptr;
  if (property != nullptr && from != nullptr && !program_.models.IsOpen(property->type)) {
    const std::vector<const fhir::Type*>& types = property->element->types;
    if (types.size() == 1) {
      group = program_.DefaultFor(from, types[0]);
    } else if (const FmlGroup* plus = program_.DefaultFor(from)) {
      if (std::find(types.begin(), types.end(), plus->inputs[1].type) != types.end()) group = plus;
    }
    for (size_t i = 0; group == nullptr && i < types.size(); ++i) group = program_.DefaultFor(from, types[i]);
  } else if (from != nullptr) {
    group = program_.DefaultFor(from);
  }
  if (group == nullptr) {
    HEYI_TRY(copied, Assign(target, object, name, source, rule));
    if (target.variable != kNoSlot) frame[target.variable] = std::move(copied);
    return Done{};
  }
  HEYI_TRY(made, MakeTyped(group->inputs[1].type, target, object, name, rule));
  if (target.variable != kNoSlot) frame[target.variable] = made;
  return RunGroup(*group, {source, made});
}

// Groups first, then the rules inside.
Result<Done> FmlRunner::RunDependents(const FmlRule& rule, FmlFrame& frame) {
  for (const FmlCall& call : rule.calls) HEYI_CHECK(RunCall(call, frame));
  for (const FmlRule& inner : rule.rules) HEYI_CHECK(RunRule(inner, frame));
  return Done{};
}

Result<Done> FmlRunner::RunCall(const FmlCall& call, const FmlFrame& frame) {
  FmlFrame inputs;
  for (size_t i = 0; i < call.parameters.size(); ++i) {
    auto value = ParameterValue(call.parameters[i], frame);
    if (!value.ok()) return At(std::move(value).error(), call.place);
    const FmlGroupInput& input = call.group->inputs[i];
    if (input.mode == StructureMap::InputMode::kTarget && !value->empty() && !value->is_target()) {
      return Fail("fml.not-a-target", call.place, input.name);
    }
    inputs.push_back(std::move(*value));
  }
  return RunGroup(*call.group, std::move(inputs));
}

Result<Collection> FmlRunner::Evaluate(const FmlExpression& expression, const PathValue& focus, const FmlFrame& frame) {
  const Context context(*this, expression, frame);
  fhir::EvalLimits limits;
  limits.steps_max = budget_.left();
  limits.shared = &budget_;
  auto value = expression.path->Evaluate(focus, context, limits);
  if (context.failure()) return *context.failure();
  HEYI_CHECK(Spend(0));
  return value;
}

Result<FmlValue> FmlRunner::ParameterValue(const FmlParameter& parameter, const FmlFrame& frame) {
  switch (parameter.kind) {
    case FmlParameter::Kind::kSlot: return frame[parameter.index];
    case FmlParameter::Kind::kConstant: {
      HEYI_TRY(value, Constant(parameter.index));
      return *value;
    }
    case FmlParameter::Kind::kLiteral: return FmlValue{parameter.literal, kNoNode};
    case FmlParameter::Kind::kExpression: break;
  }
  HEYI_TRY(items, Evaluate(parameter.expression, PathValue::OfNode(Node()), frame));
  if (items.size() > 1) return TransformError("fml.several", parameter.expression.path->text());
  return FmlValue{std::move(items), kNoNode};
}

// Evaluated when it is first asked for, and then kept.
Result<const FmlValue*> FmlRunner::Constant(size_t index) {
  std::optional<FmlValue>& known = constants_[index];
  if (known) return static_cast<const FmlValue*>(&*known);
  const FmlConstant& constant = program_.constants[index];
  if (evaluating_[index]) return Fail("fml.cycle", constant.place, constant.name);
  evaluating_[index] = true;
  const FmlFrame none;
  auto items = Evaluate(constant.expression, PathValue::OfNode(Node()), none);
  evaluating_[index] = false;
  if (!items.ok()) return At(std::move(items).error(), constant.place);
  known = FmlValue{std::move(*items), kNoNode};
  return static_cast<const FmlValue*>(&*known);
}

const fhir::Type* FmlRunner::TypeOf(const PathValue& item) const {
  if (item.kind() == PathValue::Kind::kNode) {
    const fhir::Type* type = item.type();
    if (type == nullptr || !type->is_primitive()) return type;
    return program_.definitions.FindType(PrimitiveName(*type));
  }
  const std::string_view name = item.kind() == PathValue::Kind::kQuantity ? "Quantity" : PrimitiveNameOf(item.kind());
  return name.empty() ? nullptr : program_.definitions.FindType(name);
}

std::string FmlRunner::NextUuid() { return base::UuidV5(options_.seed, fmt::format("fml/{}/{}", program_.maps[0]->url, ++uuids_)); }

Result<std::string> FmlRunner::ReferenceTo(const FmlValue& value) {
  const Node node = value.items.empty() ? Node() : value.items[0].node();
  if (!node || !node.is_object()) return TransformError("fml.value", "reference");
  const std::string_view name = node.type() != nullptr && !program_.models.IsOpen(node.type()) ? std::string_view(node.type()->name) : node.TextAt("resourceType");
  if (name.empty()) return TransformError("fml.value", "reference");
  std::string id(node.TextAt("id"));
  if (id.empty() && value.is_target()) {
    const fhir::Property* property = workspace_.PropertyOf(value.target, "id");
    if (property == nullptr) return TransformError("fml.unknown-element", "id");
    id = NextUuid();
    const NodeIndex text = workspace_.MakeScalar(property->type, fhir::NodeKind::kString, id);
    HEYI_CHECK(workspace_.Put(value.target, *property, text, std::nullopt, nullptr));
  }
  if (id.empty()) return TransformError("fml.value", "reference: id");
  return std::string(name) + "/" + id;
}

Result<FmlAnswer> CompiledMap::Run(std::span<const Node> sources, const FmlRunOptions& options) const {
  return FmlRunner(*program_, options).Run(sources);
}

}  // namespace heyi::mapping
