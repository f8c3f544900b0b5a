// https://hl7.org/fhirpath/N1/#tree-navigation
#include "fhir/path/functions.h"
#include "fhir/path/navigate.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;

Result<Collection> Children(Call& call) {
  Collection children;
  for (const PathValue& item : call.input) {
    AppendChildren(item, call.evaluator.budget(), children);
    HEYI_CHECK(call.evaluator.CheckCost(children.size()));
  }
  return children;
}

// Level by level: the list that is read is the list that grows.
Result<Collection> Descendants(Call& call) {
  HEYI_TRY(all, Children(call));
  for (size_t i = 0; i < all.size(); ++i) {
    const PathValue item = all[i];
    AppendChildren(item, call.evaluator.budget(), all);
    HEYI_CHECK(call.evaluator.CheckCost(all.size()));
  }
  return std::move(all);
}

constexpr Function kTreeFunctions[] = {
    {"children", 0, 0, Takes::kValues, false, Children},
    {"descendants", 0, 0, Takes::kValues, false, Descendants},
};

}  // namespace

std::span<const Function> TreeFunctions() { return kTreeFunctions; }

}  // namespace heyi::fhir
