// What a rule makes of its sources. https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html#rules
#include <algorithm>

#include "mapping/fml/run.h"
#include "mapping/fml/transforms.h"

namespace heyi::mapping {

using base::Done;
using base::Result;
using fhir::kNoNode;
using fhir::Node;
using fhir::NodeIndex;
using fhir::PathValue;

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
Result<std::vector<FmlValue>> FmlRunner::TargetValues(const FmlRule& rule, const FmlTargetStep& target,
    FmlFrame& frame) {
  HEYI_CHECK(Spend(1));
  NodeIndex object = kNoNode;
  if (target.context != kNoSlot) {
    const FmlValue& context = frame[target.context];
    if (context.empty()) return std::vector<FmlValue>();  // a transform gave nothing: so there is nothing here either
    if (!context.is_target()) {
      return Fail("fml.not-a-target", target.place, target.steps.empty() ? "" : target.steps[0]);
    }
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
  const fhir::Property* property = object == kNoNode || name.empty() || IsPrimitivePlace(object) ? nullptr
      : workspace_.PropertyOf(object, name);
  const FmlValue& about = frame[rule.sources[0].variable];
  const PathValue focus = about.empty() ? PathValue::OfNode(Node()) : about.items[0];
  auto values = RunTransform({*this, target, arguments, frame, focus, property});
  if (!values.ok()) return At(std::move(values).error(), target.place);
  for (const FmlValue& value : *values) {
    HEYI_CHECK(Spend(1 + (value.empty() ? 0 : value.items[0].text().size() / kFmlBytesPerStep)));
  }
  if (object == kNoNode) {
    for (const FmlValue& value : *values) {
      if (target.transform == FmlTransform::kCreate && value.is_target()) created_.push_back(value.target);
    }
    return values;
  }
  if (values->size() > 1 && property != nullptr && !program_.models.IsOpen(property->type) &&
      !workspace_.IsList(object, *property)) {
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
Result<Done> FmlRunner::FillByDefault(const FmlRule& rule, const FmlTargetStep& target, const FmlFrame& frame,
    const FmlValue& made) {
  if (rule.sources.size() != 1 || rule.targets.size() != 1 || !rule.calls.empty() || !rule.rules.empty()) return Done{};
  const FmlValue& source = frame[rule.sources[0].variable];
  const FmlGroup* group = source.empty() ? nullptr : program_.DefaultFor(TypeOf(source.items[0]), target.type);
  return group == nullptr ? Result<Done>(Done{}) : RunGroup(*group, {source, made});
}

// `a.b -> c.d`: the default group of the two types, or a copy where they are the same.
Result<Done> FmlRunner::RunIdentity(const FmlRule& rule, FmlFrame& frame) {
  const FmlTargetStep& target = rule.targets[0];
  const FmlValue source = frame[rule.sources[0].variable];
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

}  // namespace heyi::mapping
