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
    if (profile.starts_with(kBase) && item.type() != nullptr &&
        runner_.program_.definitions.FindType(profile.substr(kBase.size())) != nullptr) {
      return item.type()->IsA(profile.substr(kBase.size()));
    }
    return world() == nullptr ? std::nullopt : world()->ConformsTo(item, profile);
  }

  std::optional<std::string> TypeOfReference(std::string_view reference, Node from) const override {
    return world() == nullptr ? LocalEvalContext::TypeOfReference(reference, from)
        : world()->TypeOfReference(reference, from);
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
  if (budget_.exhausted()) {
    return Error(ErrorKind::kTooLarge, "fml.too-costly", place, std::to_string(options_.steps_max));
  }
  if (workspace_.size() > options_.nodes_max) {
    return Error(ErrorKind::kTooLarge, "fml.too-costly", place, std::to_string(options_.nodes_max));
  }
  return Done{};
}

// What a copy costs: its nodes and its text.
Result<Done> FmlRunner::SpendOn(const PathValue& item) {
  uint64_t steps = 1 + item.text().size() / kFmlBytesPerStep;
  const Node top = item.kind() == PathValue::Kind::kNode ? item.node() : Node();
  Node at = top ? top.first_child() : Node();
  while (at) {
    steps += 1 + at.text().size() / kFmlBytesPerStep;
    if (steps > budget_.left()) break;
    if (at.first_child()) {
      at = at.first_child();
      continue;
    }
    while (at && at != top && !at.next()) at = at.parent();
    at = !at || at == top ? Node() : at.next();
  }
  return Spend(steps);
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
      if (type != nullptr && type->kind == fhir::Type::Kind::kAbstractResource) {
        return Fail("fml.ambiguous-type", entry.map->file, input.name);
      }
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
  if (depth_ >= kFmlRunDepthMax) {
    return Fail("fml.too-deep", rule_ == nullptr ? group.map->file : rule_->place, std::to_string(kFmlRunDepthMax));
  }
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
  HEYI_CHECK(Spend(budget_.left() == 0 ? 1 : 0));  // what FHIRPath could not end is the run's cost
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
  if (items.size() > 1) return TransformError("fml.several", parameter.expression.text);
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

std::string FmlRunner::NextUuid() { return base::UuidV5(options_.seed,
    fmt::format("fml/{}/{}", program_.maps[0]->url, ++uuids_)); }

Result<std::string> FmlRunner::ReferenceTo(const FmlValue& value) {
  const Node node = value.items.empty() ? Node() : value.items[0].node();
  if (!node || !node.is_object()) return TransformError("fml.value", "reference");
  const std::string_view name = node.type() != nullptr && !program_.models.IsOpen(node.type())
      ? std::string_view(node.type()->name) : node.TextAt("resourceType");
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

}  // namespace heyi::mapping
