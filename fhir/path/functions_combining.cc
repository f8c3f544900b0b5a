// https://hl7.org/fhirpath/N1/#combining
#include "fhir/path/equality.h"
#include "fhir/path/functions.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;

Result<Collection> Union(Call& call) {
  HEYI_TRY(other, call.Argument(0));
  ItemSet all(call.evaluator.budget());
  for (const PathValue& item : call.input) all.Add(item);
  for (const PathValue& item : other) all.Add(item);
  return all.Take();
}

Result<Collection> Combine(Call& call) {
  HEYI_TRY(other, call.Argument(0));
  for (PathValue& item : other) call.input.push_back(std::move(item));
  return std::move(call.input);
}

constexpr Function kCombiningFunctions[] = {
    {"union", 1, 1, Takes::kValues, false, Union},
    {"combine", 1, 1, Takes::kValues, false, Combine},
};

}  // namespace

std::span<const Function> CombiningFunctions() { return kCombiningFunctions; }

}  // namespace heyi::fhir
