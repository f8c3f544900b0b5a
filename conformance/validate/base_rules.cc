#include "conformance/validate/base_rules.h"

#include "base/text.h"
#include "conformance/validate/codes.h"

namespace heyi::conformance {

using fhir::Constraint;
using fhir::Expression;
using fhir::PathValue;
using fhir::Type;

namespace {

// ref-1 is held by the structure check (conformance.contained), for every reference and without a walk.
bool IsHeldElsewhere(const Constraint& constraint) { return constraint.key == "ref-1"; }

// R4's own expressions that do not say what their texts do; HL7 has corrected them since, in these words or others alike.
struct Correction {
  std::string_view key, expression;
};
constexpr Correction kCorrections[] = {
    {"bdl-8", "fullUrl.exists() implies fullUrl.contains('/_history/').not()"},
    {"que-12", "enableWhen.count() > 1 implies enableBehavior.exists()"},
    {"que-7", "operator = 'exists' implies (answer is boolean)"},
};

std::string_view ExpressionOf(const Constraint& constraint) {
  for (const Correction& one : kCorrections) {
    if (one.key == constraint.key) return one.expression;
  }
  return constraint.expression;
}

}  // namespace

const Expression* LazyInvariant::Get(const fhir::Definitions& definitions) const {
  std::call_once(once_, [&] {
    auto compiled = Expression::Compile(ExpressionOf(constraint_), definitions, {.as = fhir::CompileOptions::As::kFilters});
    if (compiled.ok()) expression_ = std::move(*compiled);
  });
  return expression_ ? &*expression_ : nullptr;
}

void CheckInvariant(const Constraint& constraint, const Expression& expression, const PathValue& item, Session& session) {
  if (session.steps.left() == 0) {
    session.budget.Spend(UINT64_MAX);  // the end of it all
    return;
  }
  const auto holds = expression.EvaluateCondition(item, session.context, {.shared = &session.steps});
  if (!holds.ok()) return session.Report("conformance.invariant-unevaluated", item, constraint.key);
  if (holds->value_or(false)) return;
  session.Report(constraint.error ? "conformance.invariant" : "conformance.invariant-warning", item, constraint.key + ": " + constraint.human);
}

BaseRules::BaseRules(const fhir::Definitions& definitions) : definitions_(definitions) {
  std::unordered_map<const Constraint*, const LazyInvariant*> known;
  const auto add = [&](const std::vector<Constraint>& constraints, Invariants& to) {
    for (const Constraint& constraint : constraints) {
      if (IsHeldElsewhere(constraint)) continue;
      const LazyInvariant*& lazy = known[&constraint];
      if (lazy == nullptr) lazy = all_.emplace_back(std::make_unique<LazyInvariant>(constraint)).get();
      to.push_back(lazy);
    }
  };
  for (const auto& type : definitions.types()) {
    Invariants& of_type = of_types_[type.get()];
    for (const Type* base = type.get(); base != nullptr; base = base->base) add(base->constraints, of_type);
    for (const fhir::Element& element : type->elements) {
      if (!element.constraints.empty()) add(element.constraints, of_elements_[&element]);
    }
  }
}

void BaseRules::Run(const Invariants& invariants, const PathValue& item, Session& session) const {
  for (const LazyInvariant* invariant : invariants) {
    if (const Expression* expression = invariant->Get(definitions_)) CheckInvariant(invariant->constraint(), *expression, item, session);
  }
}

void BaseRules::Check(const PathValue& item, Session& session) const {
  if (const Type* type = item.type()) Run(of_types_.at(type), item, session);
  const fhir::Node place = item.node() ? item.node() : item.underscore();
  if (place.property() == nullptr) return;
  const fhir::Element& element = *place.property()->element;
  if (!element.constraints.empty()) Run(of_elements_.at(&element), item, session);
  if (!element.binding.strength.empty()) CheckBinding(item, element.binding, session);
  if (element.max_length > 0) CheckLength(item, element.max_length, session);
}

}  // namespace heyi::conformance
