// https://hl7.org/fhirpath/N1/#filtering-and-projection
#include "fhir/path/equality.h"
#include "fhir/path/functions.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;

Result<Collection> Where(Call& call) {
  Collection kept;
  for (size_t i = 0; i < call.input.size(); ++i) {
    HEYI_TRY(holds, call.ConditionFor(0, call.For(i)));
    if (holds.value_or(false)) kept.push_back(call.input[i]);
  }
  return kept;
}

Result<Collection> Select(Call& call) {
  Collection all;
  for (size_t i = 0; i < call.input.size(); ++i) {
    HEYI_TRY(items, call.ArgumentFor(0, call.For(i)));
    for (PathValue& item : items) all.push_back(std::move(item));
    HEYI_CHECK(call.evaluator.CheckCost(all.size()));
  }
  return all;
}

// What is new goes through the projection in its turn, until nothing is new.
Result<Collection> Repeat(Call& call) {
  ItemSet seen(call.evaluator.budget());
  const auto project = [&](const PathValue& item, size_t index) -> Result<base::Done> {
    HEYI_TRY(items, call.ArgumentFor(0, call.For(&item, index)));
    for (const PathValue& found : items) seen.Add(found);
    return call.evaluator.CheckCost(seen.items().size());
  };
  for (size_t i = 0; i < call.input.size(); ++i) HEYI_CHECK(project(call.input[i], i));
  for (size_t i = 0; i < seen.items().size(); ++i) {
    const PathValue item = seen.items()[i];  // the list grows meanwhile
    HEYI_CHECK(project(item, i));
  }
  return seen.Take();
}

// As repeat(), but what comes twice stays twice; only the budget ends a circle. https://hl7.org/fhirpath/STU3/#repeatall
Result<Collection> RepeatAll(Call& call) {
  Collection all;
  const auto project = [&](const PathValue& item, size_t index) -> Result<base::Done> {
    HEYI_TRY(items, call.ArgumentFor(0, call.For(&item, index)));
    for (PathValue& found : items) all.push_back(std::move(found));
    return call.evaluator.CheckCost(all.size());
  };
  for (size_t i = 0; i < call.input.size(); ++i) HEYI_CHECK(project(call.input[i], i));
  for (size_t i = 0; i < all.size(); ++i) {
    const PathValue item = all[i];  // the list grows meanwhile
    HEYI_CHECK(project(item, i));
  }
  return all;
}

constexpr Function kFilteringFunctions[] = {
    {"where", 1, 1, Takes::kItems, true, Where},
    {"select", 1, 1, Takes::kItems, false, Select},
    {"repeat", 1, 1, Takes::kGrowingItems, false, Repeat},
    {"repeatAll", 1, 1, Takes::kGrowingItems, false, RepeatAll},
};

}  // namespace

std::span<const Function> FilteringFunctions() { return kFilteringFunctions; }

}  // namespace heyi::fhir
