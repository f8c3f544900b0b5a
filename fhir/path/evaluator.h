// Runs a compiled expression over a resource. https://hl7.org/fhirpath/N1/
//
// Recursion follows the nesting of the expression, which the parser caps, never the data; every item made and every
// node visited takes a step off the budget.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "fhir/path/budget.h"
#include "fhir/path/path.h"
#include "fhir/path/program.h"

namespace heyi::fhir {

// What defineVariable() has defined before a place, the last one first.
struct Variable {
  std::string name;
  Collection value;
  const Variable* before = nullptr;
};

// What $this, $index, $total and variables mean in a place.
struct Scope {
  const PathValue* self = nullptr;
  size_t index = 0;
  const Collection* total = nullptr;
  const Variable* variables = nullptr;
  const Collection* all = nullptr;  // $this is all of these and not `self`
};

// The resource around a node: the node itself, or the nearest above it.
Node ResourceAround(Node node);

class Evaluator {
 public:
  // All of these outlive the evaluator.
  Evaluator(const Definitions& definitions, const PathValue& focus, const EvalContext& context,
            const EvalLimits& limits)
      : definitions_(definitions), focus_(focus), context_(context), limits_(limits), budget_(steps_) {}

  // The first and only one of these; what it used is taken from what is shared.
  base::Result<Collection> Run(const Op& op) {
    auto answer = Eval(op, Top());
    Settle();
    return answer;
  }
  base::Result<std::optional<bool>> RunCondition(const Op& op) {
    auto answer = EvalCondition(op, Top());
    Settle();
    return answer;
  }

  base::Result<Collection> Eval(const Op& op, const Scope& scope);
  // As a boolean; a single item that is none counts as true. path.execution where there are several.
  base::Result<std::optional<bool>> EvalCondition(const Op& op, const Scope& scope);

  // An error once the budget or the room for items is used up.
  base::Result<base::Done> CheckCost(size_t items);

  Budget& budget() { return budget_; }
  const EvalContext& context() const { return context_; }
  const Definitions& definitions() const { return definitions_; }
  // Where the focus stands in its tree; false-y where it is computed.
  Node focus() const { return focus_.node() ? focus_.node() : focus_.underscore(); }

  // What %resource is: what the context says, else the resource around the focus.
  Node ResourceInScope() const {
    const Node said = context_.ResourceInScope();
    return said ? said : ResourceAround(focus());
  }

 private:
  static uint64_t StepsOf(const EvalLimits& limits) { return limits.shared == nullptr ? limits.steps_max : std::min(limits.steps_max, limits.shared->left()); }
  void Settle() {
    if (limits_.shared != nullptr) limits_.shared->Spend(steps_ - budget_.left());
  }

  Scope Top() const { return {.self = HasFocus() ? &focus_ : nullptr}; }
  bool HasFocus() const { return focus_.kind() != PathValue::Kind::kNode || focus(); }
  base::Result<Collection> EvalVariable(const Op& op, const Scope& scope);
  Collection Copy(const PathValue& value);  // on the budget
  // As Eval, but a literal is given where it stands; `room` holds what had to be made.
  base::Result<const Collection*> Operand(const Op& op, const Scope& scope, Collection& room);
  // `steps`: those of `op`, or all but the last.
  base::Result<Collection> EvalPath(const Op& op, std::span<const Step> steps, const Scope& scope);
  base::Result<std::optional<bool>> EvalLogical(const Op& op, const Scope& scope);
  base::Result<Collection> EvalSteps(std::span<const Step> steps, Collection items, const Scope& scope);
  base::Result<Collection> ApplyStep(const Step& step, Collection input, const Scope& scope);
  base::Result<Variable> Define(const Step& step, const Collection& input, const Scope& scope);
  base::Result<Collection> EvalUnion(const Op& op, const Scope& scope);
  base::Result<Collection> EvalBinary(const Op& op, const Scope& scope);

  const Definitions& definitions_;
  const PathValue& focus_;
  const EvalContext& context_;
  const EvalLimits& limits_;
  const uint64_t steps_ = StepsOf(limits_);  // to begin with
  Budget budget_;
};

base::Result<std::optional<bool>> BooleanOf(const Collection& items);

}  // namespace heyi::fhir
