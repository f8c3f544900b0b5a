#include "fhir/path/evaluator.h"

#include <algorithm>
#include <forward_list>

#include <fmt/format.h>

#include "fhir/path/equality.h"
#include "fhir/path/factory.h"
#include "fhir/path/functions.h"
#include "fhir/path/navigate.h"
#include "fhir/path/operators.h"
#include "fhir/path/reference.h"
#include "fhir/path/value.h"

namespace heyi::fhir {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;

Node ResourceAround(Node node) {
  while (node && node.parent() && !(node.is_object() && node.type() != nullptr && node.type()->is_resource())) {
    node = node.parent();
  }
  return node;
}

Result<std::optional<bool>> BooleanOf(const Collection& items) {
  if (items.empty()) return std::optional<bool>();
  if (items.size() > 1) return PathFailure("several items where one true or false is due");
  const PathValue& item = items.front();
  const Type* type = item.type();
  // A boolean of which only extensions are known is none; any other item counts as true by being there.
  if (IsWithoutValue(item) && (type == nullptr || type->name == "boolean")) return std::optional<bool>();
  const Scalar scalar = ScalarOf(item);
  return std::optional(scalar.kind != PathValue::Kind::kBoolean || scalar.text == "true");
}

Collection Evaluator::Copy(const PathValue& value) {
  budget_.Spend(value.text().size() / kTextBytesPerStep);
  return One(value);
}

Result<Done> Evaluator::CheckCost(size_t items) {
  if (budget_.Spend(1) && items <= limits_.items_max) return Done{};
  const bool steps = budget_.exhausted();
  const std::string what = steps ? fmt::format("{} steps", limits_.steps_max) : fmt::format("{} items", items);
  return Error(ErrorKind::kInvalid, "path.too-costly", {}, what);
}

Result<Collection> Evaluator::Eval(const Op& op, const Scope& scope) {
  HEYI_CHECK(CheckCost(0));
  switch (op.kind) {
    case Op::Kind::kEmpty: return Collection();
    case Op::Kind::kLiteral: return Copy(op.literal.front());
    case Op::Kind::kThis:
      if (scope.all != nullptr) return *scope.all;
      return scope.self == nullptr ? Collection() : Copy(*scope.self);
    case Op::Kind::kIndex: return One(MakeInteger(static_cast<int64_t>(scope.index)));
    case Op::Kind::kTotal:
      if (scope.total == nullptr) return Collection();
      for (const PathValue& item : *scope.total) budget_.Spend(1 + item.text().size() / kTextBytesPerStep);
      return *scope.total;
    case Op::Kind::kContext: return HasFocus() ? One(focus_) : Collection();
    case Op::Kind::kVariable: return EvalVariable(op, scope);
    case Op::Kind::kFactory: return EvalFactory(op, scope, *this);
    case Op::Kind::kResource: {
      const Node resource = ResourceInScope();
      return resource ? One(PathValue::OfNode(resource)) : Collection();
    }
    case Op::Kind::kRootResource: {
      Node resource = ResourceInScope();
      const bool contained = resource && resource.property() != nullptr && resource.property()->name == "contained";
      if (contained) resource = ResourceAround(resource.parent());
      return resource ? One(PathValue::OfNode(resource)) : Collection();
    }
    case Op::Kind::kPath: return EvalPath(op, op.steps, scope);
    case Op::Kind::kUnion: return EvalUnion(op, scope);
    case Op::Kind::kBinary: return EvalBinary(op, scope);
    case Op::Kind::kNegate: {
      HEYI_TRY(operand, Eval(op.operands[0], scope));
      return Negate(operand);
    }
  }
  return Collection();
}

Result<Collection> Evaluator::EvalVariable(const Op& op, const Scope& scope) {
  const Collection* value = nullptr;
  for (const Variable* known = scope.variables; known != nullptr && value == nullptr; known = known->before) {
    if (known->name == op.name) value = &known->value;
  }
  if (value == nullptr) value = context_.Variable(op.name);
  if (value == nullptr) return Collection();
  for (const PathValue& item : *value) budget_.Spend(1 + item.text().size() / kTextBytesPerStep);
  return *value;
}

Result<const Collection*> Evaluator::Operand(const Op& op, const Scope& scope, Collection& room) {
  if (op.kind == Op::Kind::kLiteral) return &op.literal;
  HEYI_TRY(items, Eval(op, scope));
  room = std::move(items);
  return &room;
}

Result<std::optional<bool>> Evaluator::EvalCondition(const Op& op, const Scope& scope) {
  // The usual condition, `member = 'text'`, without making collections of what is only looked at.
  if (op.kind == Op::Kind::kBinary && op.operators.size() == 1 && op.operators[0] == Operator::kEqual) {
    Collection left_room;
    Collection right_room;
    HEYI_TRY(left, Operand(op.operands[0], scope, left_room));
    HEYI_TRY(right, Operand(op.operands[1], scope, right_room));
    const std::optional<bool> equal = CollectionsEqual(*left, *right, budget_);
    HEYI_CHECK(CheckCost(0));
    return equal;
  }
  if (op.kind == Op::Kind::kBinary && IsLogical(op.operators[0])) return EvalLogical(op, scope);
  if (op.kind == Op::Kind::kPath && !op.steps.empty() && !op.defines) {
    const Step& last = op.steps.back();
    if (last.kind == Step::Kind::kCall && last.function->condition != nullptr) {
      HEYI_TRY(items, EvalPath(op, std::span(op.steps).first(op.steps.size() - 1), scope));
      Call call(*this, last, scope, std::move(items));
      return last.function->condition(call);
    }
  }
  HEYI_TRY(items, Eval(op, scope));
  return BooleanOf(items);
}

// A chain is of operators of one precedence, so if one is logical all are.
Result<std::optional<bool>> Evaluator::EvalLogical(const Op& op, const Scope& scope) {
  HEYI_CHECK(CheckCost(0));
  HEYI_TRY(first, EvalCondition(op.operands[0], scope));
  std::optional<bool> left = first;
  for (size_t i = 0; i < op.operators.size(); ++i) {
    if (SettledByLeft(op.operators[i], left)) {
      left = op.operators[i] != Operator::kAnd;
      continue;
    }
    HEYI_TRY(right, EvalCondition(op.operands[i + 1], scope));
    left = Logical(op.operators[i], left, right);
  }
  return left;
}

namespace {

// The members at the front that one walk takes.
std::span<const Step> MembersAhead(std::span<const Step> steps) {
  size_t count = 0;
  while (count < steps.size() && steps[count].kind == Step::Kind::kMember && count < kWalkStepsMax) ++count;
  return steps.first(count);
}

bool IsPlain(const PathValue& item) {
  return item.kind() == PathValue::Kind::kNode && item.node() && item.node().is_object() && item.type() == nullptr;
}

// The root itself, where its resourceType says so, else its member of that name.
void AppendPlainHead(const PathValue& root, const std::string& name, Budget& budget, Collection& out) {
  if (root.node().TextAt("resourceType") == name) return out.push_back(root);
  AppendNamed(root, name, budget, out);
}

}  // namespace

Result<Collection> Evaluator::EvalPath(const Op& op, std::span<const Step> steps, const Scope& scope) {
  Collection items;
  if (!op.implicit_focus) {
    HEYI_TRY(head, Eval(op.operands[0], scope));
    items = std::move(head);
  } else if (scope.all != nullptr) {
    items = *scope.all;
  } else {
    if (scope.self == nullptr) return items;
    const PathValue& self = *scope.self;
    bool taken = false;
    if (!steps.empty() && steps[0].kind == Step::Kind::kTypeHead) {
      if (IsPlain(self)) {
        AppendPlainHead(self, steps[0].name, budget_, items);
        taken = true;
      } else if (!steps[0].target.MatchesType(self.type())) {
        return items;
      }
      steps = steps.subspan(1);
    }
    if (!taken) {
      if (const auto run = MembersAhead(steps); !run.empty()) {
        AppendMembers(self, run, budget_, items);
        steps = steps.subspan(run.size());
      } else {
        items.push_back(self);
      }
    }
  }
  return EvalSteps(steps, std::move(items), scope);
}

Result<Collection> Evaluator::EvalSteps(std::span<const Step> steps, Collection items, const Scope& scope) {
  Scope here = scope;
  std::forward_list<Variable> defined;  // does not move what it holds
  while (!steps.empty()) {
    HEYI_CHECK(CheckCost(items.size()));
    if (const auto run = MembersAhead(steps); !run.empty()) {
      steps = steps.subspan(run.size());
      if (items.empty()) continue;
      Collection next;
      for (const PathValue& item : items) AppendMembers(item, run, budget_, next);
      items = std::move(next);
      continue;
    }
    const Step& step = steps.front();
    steps = steps.subspan(1);
    if (step.kind == Step::Kind::kCall && step.function->takes == Function::Takes::kDefinition) {
      HEYI_TRY(variable, Define(step, items, here));
      here.variables = &defined.emplace_front(std::move(variable));
      continue;
    }
    HEYI_TRY(next, ApplyStep(step, std::move(items), here));
    items = std::move(next);
  }
  HEYI_CHECK(CheckCost(items.size()));
  return items;
}

// https://hl7.org/fhirpath/STU3/#definevariable: what follows in the path sees the variable.
Result<Variable> Evaluator::Define(const Step& step, const Collection& input, const Scope& scope) {
  HEYI_TRY(names, Eval(step.arguments[0], scope));
  const Scalar name = names.size() == 1 ? ScalarOf(names[0]) : Scalar{};
  if (name.kind != PathValue::Kind::kString) return PathFailure("a variable needs one name");
  Variable variable{std::string(name.text), {}, scope.variables};
  for (const Variable* known = scope.variables; known != nullptr; known = known->before) {
    if (known->name == variable.name) return PathFailure("a variable that is defined already");
  }
  if (step.arguments.size() > 1) {
    Scope all = scope;
    all.self = input.empty() ? nullptr : &input.front();
    all.all = &input;
    HEYI_TRY(value, Eval(step.arguments[1], all));
    variable.value = std::move(value);
  } else {
    for (const PathValue& item : input) budget_.Spend(1 + item.text().size() / kTextBytesPerStep);
    variable.value = input;
  }
  return variable;
}

Result<Collection> Evaluator::ApplyStep(const Step& step, Collection input, const Scope& scope) {
  switch (step.kind) {
    case Step::Kind::kMember: break;  // taken by EvalPath
    case Step::Kind::kAs:
      if (input.size() > 1) return PathFailure("\"as\" of several items");
      [[fallthrough]];
    case Step::Kind::kTypeHead:
    case Step::Kind::kOfType:
      std::erase_if(input, [&](const PathValue& item) { return !step.target.Matches(item); });
      return input;
    case Step::Kind::kIndexer: {
      HEYI_TRY(position, Eval(step.arguments[0], scope));
      if (position.empty()) return Collection();
      const Scalar scalar = position.size() == 1 ? ScalarOf(position[0]) : Scalar{};
      if (scalar.kind != PathValue::Kind::kInteger) return PathFailure("an index that is no integer");
      const std::optional<Decimal> number = Decimal::Parse(scalar.text);
      const std::optional<int64_t> index = number ? number->ToInteger() : std::nullopt;
      if (!index || *index < 0 || static_cast<uint64_t>(*index) >= input.size()) return Collection();
      return One(std::move(input[static_cast<size_t>(*index)]));
    }
    case Step::Kind::kIs:
      if (input.empty()) return input;
      if (input.size() > 1) return PathFailure("\"is\" of several items");
      return OneBoolean(step.target.Matches(input[0]));
    case Step::Kind::kResolveIs: {
      if (input.empty()) return input;
      if (input.size() > 1) return PathFailure("\"is\" of several items");
      const Type* type = TypeReferredTo(input[0], *this);
      return type == nullptr ? Collection() : OneBoolean(step.target.MatchesType(type));
    }
    case Step::Kind::kCall: {
      Call call(*this, step, scope, std::move(input));
      return step.function->body(call);
    }
  }
  return input;
}

Result<Collection> Evaluator::EvalUnion(const Op& op, const Scope& scope) {
  ItemSet items(budget_);
  for (const Op& operand : op.operands) {
    HEYI_TRY(branch, Eval(operand, scope));
    for (const PathValue& item : branch) items.Add(item);
    HEYI_CHECK(CheckCost(items.items().size()));
  }
  return items.Take();
}

Result<Collection> Evaluator::EvalBinary(const Op& op, const Scope& scope) {
  if (IsLogical(op.operators[0])) {
    HEYI_TRY(value, EvalLogical(op, scope));
    return value ? OneBoolean(*value) : Collection();
  }
  HEYI_TRY(first, Eval(op.operands[0], scope));
  Collection left = std::move(first);
  for (size_t i = 0; i < op.operators.size(); ++i) {
    Collection room;
    HEYI_TRY(right, Operand(op.operands[i + 1], scope, room));
    HEYI_TRY(result, Binary(op.operators[i], left, *right, budget_));
    left = std::move(result);
    HEYI_CHECK(CheckCost(left.size()));
  }
  return left;
}

}  // namespace heyi::fhir
