// https://hl7.org/fhirpath/N1/#aggregates and https://hl7.org/fhirpath/STU3/#aggregates
#include "fhir/path/equality.h"
#include "fhir/path/functions.h"
#include "fhir/path/operators.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;

Result<Collection> Aggregate(Call& call) {
  Collection total;
  if (call.arguments() > 1) {
    HEYI_TRY(start, call.Argument(1));
    total = std::move(start);
  }
  for (size_t i = 0; i < call.input.size(); ++i) {
    HEYI_TRY(next, call.ArgumentFor(0, call.For(&call.input[i], i, &total)));
    total = std::move(next);
    HEYI_CHECK(call.evaluator.CheckCost(total.size()));
  }
  return total;
}

bool LacksValue(const Collection& items) {
  for (const PathValue& item : items) {
    if (item.kind() == PathValue::Kind::kNode && !item.node()) return true;
  }
  return false;
}

Result<Collection> SumOf(Call& call) {
  if (call.input.empty() || LacksValue(call.input)) return Collection();
  Collection sum = One(call.input.front());
  for (size_t i = 1; i < call.input.size() && !sum.empty(); ++i) {
    HEYI_TRY(next, Binary(Operator::kAdd, sum, One(call.input[i]), call.evaluator.budget()));
    sum = std::move(next);
    HEYI_CHECK(call.evaluator.CheckCost(1));
  }
  return sum;
}

// min(), max(): empty where two of the items do not compare.
template <int kWanted>
Result<Collection> Extreme(Call& call) {
  if (call.input.empty() || LacksValue(call.input)) return Collection();
  const PathValue* best = &call.input.front();
  for (const PathValue& item : call.input) {
    HEYI_TRY(order, CompareItems(item, *best));
    if (!order) return Collection();
    if (*order == kWanted) best = &item;
    HEYI_CHECK(call.evaluator.CheckCost(1));
  }
  return One(*best);
}

Result<Collection> Average(Call& call) {
  const auto count = static_cast<int64_t>(call.input.size());
  HEYI_TRY(sum, SumOf(call));
  if (sum.empty()) return Collection();
  return Binary(Operator::kDivide, sum, One(MakeInteger(count)), call.evaluator.budget());
}

constexpr Function kAggregateFunctions[] = {
    {"aggregate", 1, 2, Takes::kItems, false, Aggregate}, {"sum", 0, 0, Takes::kValues, false, SumOf},
    {"min", 0, 0, Takes::kValues, true, Extreme<-1>},     {"max", 0, 0, Takes::kValues, true, Extreme<1>},
    {"avg", 0, 0, Takes::kValues, false, Average},
};

}  // namespace

std::span<const Function> AggregateFunctions() { return kAggregateFunctions; }

}  // namespace heyi::fhir
