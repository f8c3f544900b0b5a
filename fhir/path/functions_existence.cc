// https://hl7.org/fhirpath/N1/#existence
#include <algorithm>

#include "fhir/path/equality.h"
#include "fhir/path/functions.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;

using Condition = Result<std::optional<bool>>;

Condition Empty(Call& call) { return std::optional(call.input.empty()); }

Condition Exists(Call& call) {
  if (call.arguments() == 0) return std::optional(!call.input.empty());
  for (size_t i = 0; i < call.input.size(); ++i) {
    HEYI_TRY(holds, call.ConditionFor(0, call.For(i)));
    if (holds.value_or(false)) return std::optional(true);
  }
  return std::optional(false);
}

Condition All(Call& call) {
  for (size_t i = 0; i < call.input.size(); ++i) {
    HEYI_TRY(holds, call.ConditionFor(0, call.For(i)));
    if (!holds.value_or(false)) return std::optional(false);
  }
  return std::optional(true);
}

// allTrue, anyTrue, allFalse, anyFalse.
template <bool kAll, bool kWanted>
Result<Collection> Booleans(Call& call) {
  for (const PathValue& item : call.input) {
    const Scalar scalar = ScalarOf(item);
    if (scalar.kind != PathValue::Kind::kBoolean) return PathFailure("this function is for true and false only");
    const bool wanted = (scalar.text == "true") == kWanted;
    if (wanted != kAll) return OneBoolean(!kAll);
  }
  return OneBoolean(kAll);
}

Result<bool> IsSubset(const Collection& part, const Collection& whole, Evaluator& evaluator) {
  ItemSet set(evaluator.budget());
  for (const PathValue& item : whole) set.Add(item);
  const bool subset = std::all_of(part.begin(), part.end(), [&](const PathValue& item) { return set.Contains(item); });
  HEYI_CHECK(evaluator.CheckCost(0));
  return subset;
}

Result<Collection> SubsetOf(Call& call) {
  HEYI_TRY(other, call.Argument(0));
  HEYI_TRY(subset, IsSubset(call.input, other, call.evaluator));
  return OneBoolean(subset);
}

Result<Collection> SupersetOf(Call& call) {
  HEYI_TRY(other, call.Argument(0));
  HEYI_TRY(subset, IsSubset(other, call.input, call.evaluator));
  return OneBoolean(subset);
}

Result<Collection> Count(Call& call) { return One(MakeInteger(static_cast<int64_t>(call.input.size()))); }

Result<Collection> Distinct(Call& call) {
  ItemSet set(call.evaluator.budget());
  for (const PathValue& item : call.input) set.Add(item);
  return set.Take();
}

Result<Collection> IsDistinct(Call& call) {
  const size_t count = call.input.size();
  HEYI_TRY(distinct, Distinct(call));
  return OneBoolean(distinct.size() == count);
}

Condition Not(Call& call) {
  HEYI_TRY(value, BooleanOf(call.input));
  return value ? std::optional(!*value) : std::nullopt;
}

constexpr Function kExistenceFunctions[] = {
    {"empty", 0, 0, Takes::kValues, false, Answer<Empty>, Empty},
    {"exists", 0, 1, Takes::kItems, false, Answer<Exists>, Exists},
    {"all", 1, 1, Takes::kItems, false, Answer<All>, All},
    {"allTrue", 0, 0, Takes::kValues, false, Booleans<true, true>},
    {"anyTrue", 0, 0, Takes::kValues, false, Booleans<false, true>},
    {"allFalse", 0, 0, Takes::kValues, false, Booleans<true, false>},
    {"anyFalse", 0, 0, Takes::kValues, false, Booleans<false, false>},
    {"subsetOf", 1, 1, Takes::kValues, false, SubsetOf},
    {"supersetOf", 1, 1, Takes::kValues, false, SupersetOf},
    {"count", 0, 0, Takes::kValues, false, Count},
    {"distinct", 0, 0, Takes::kValues, true, Distinct},
    {"isDistinct", 0, 0, Takes::kValues, false, IsDistinct},
    {"not", 0, 0, Takes::kValues, false, Answer<Not>, Not},
};

}  // namespace

std::span<const Function> ExistenceFunctions() { return kExistenceFunctions; }

}  // namespace heyi::fhir
