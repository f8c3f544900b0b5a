// The registry of FHIRPath functions: one file a family (functions_<family>.cc), one row a function.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "fhir/path/evaluator.h"

namespace heyi::fhir {

// One call being evaluated.
class Call {
 public:
  Call(Evaluator& runs, const Step& step, const Scope& scope, Collection applied_to)
      : input(std::move(applied_to)), evaluator(runs), step_(step), scope_(scope) {}

  Collection input;
  Evaluator& evaluator;

  size_t arguments() const { return step_.arguments.size(); }
  const TypeTarget& type() const { return step_.target; }  // of a function that takes a type
  const Scope& scope() const { return scope_; }

  // The scope of an item of the input; `total` where the function has one of its own.
  Scope For(const PathValue* item, size_t index, const Collection* total = nullptr) const {
    return {item, index, total == nullptr ? scope_.total : total, scope_.variables, nullptr};
  }
  Scope For(size_t index) const { return For(&input[index], index); }
  const std::string& name() const { return step_.name; }
  const std::shared_ptr<const PathRegex>& regex() const { return step_.regex; }  // null where it is not known yet
  const std::vector<bool>& descending() const { return step_.descending; }  // sort(): of each argument

  // Arguments are evaluated where the call stands, or for one item of the input.
  base::Result<Collection> Argument(size_t i) { return evaluator.Eval(step_.arguments[i], scope_); }
  base::Result<Collection> ArgumentFor(size_t i, const Scope& item) { return evaluator.Eval(step_.arguments[i], item); }
  base::Result<std::optional<bool>> ConditionFor(size_t i, const Scope& item) {
    return evaluator.EvalCondition(step_.arguments[i], item);
  }
  // nullopt where the argument is empty; path.execution where it is no single text / integer.
  base::Result<std::optional<std::string>> TextArgument(size_t i);
  base::Result<std::optional<int64_t>> IntegerArgument(size_t i);

  // The input as one item: null where it is empty, path.execution where there are several.
  base::Result<const PathValue*> Single() const;
  // The input as one text; nullopt where it is empty or its item is none.
  base::Result<std::optional<std::string_view>> SingleText() const;

 private:
  const Step& step_;
  const Scope& scope_;
};

using FunctionBody = base::Result<Collection> (*)(Call& call);
using ConditionBody = base::Result<std::optional<bool>> (*)(Call& call);

struct Function {
  enum class Takes : unsigned char {
    kValues,        // arguments are evaluated where the call stands
    kItems,         // arguments are evaluated for each item of the input, as $this
    kGrowingItems,  // as kItems, and again for what they give
    kType,          // the one argument is the name of a type
    kDefinition,    // defineVariable: a name, and a value made of the whole input
  };
  std::string_view name;
  size_t arguments_min;
  size_t arguments_max;
  Takes takes;
  bool keeps_type;  // gives only items of its input
  FunctionBody body;
  ConditionBody condition = nullptr;  // the same of those that conditions end in, without making a collection
};

// nullptr where there is no such function: the compiler refuses it.
const Function* FindFunction(std::string_view name);

// The families.
std::span<const Function> ExistenceFunctions();
std::span<const Function> FilteringFunctions();
std::span<const Function> SubsettingFunctions();
std::span<const Function> CombiningFunctions();
std::span<const Function> ConversionFunctions();
std::span<const Function> StringFunctions();
std::span<const Function> MathFunctions();
std::span<const Function> TypeFunctions();
std::span<const Function> TreeFunctions();
std::span<const Function> UtilityFunctions();
std::span<const Function> FhirFunctions();
std::span<const Function> AggregateFunctions();
std::span<const Function> BoundaryFunctions();
std::span<const Function> DateFunctions();
std::span<const Function> EncodingFunctions();
std::span<const Function> OrderFunctions();
std::span<const Function> TerminologyFunctions();

// Shorthands of the families.
inline Collection One(PathValue value) {
  Collection result;
  result.push_back(std::move(value));
  return result;
}
inline Collection OneBoolean(bool value) { return One(PathValue::OfBoolean(value)); }
inline Collection OneOrNone(std::optional<bool> value) { return value ? OneBoolean(*value) : Collection(); }

// Of names that stand in the registry for their arguments' sake and are compiled to steps of their own.
base::Result<Collection> NeverCalled(Call& call);
// The body of a function that is a condition.
template <ConditionBody kCondition>
base::Result<Collection> Answer(Call& call) {
  HEYI_TRY(value, kCondition(call));
  return value ? OneBoolean(*value) : Collection();
}
inline base::Error PathFailure(std::string_view what) {
  return base::Error(base::ErrorKind::kInvalid, "path.execution", {}, what);
}

}  // namespace heyi::fhir
