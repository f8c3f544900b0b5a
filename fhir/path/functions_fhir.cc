// What FHIR adds. https://hl7.org/fhir/R4/fhirpath.html#functions
#include "fhir/path/functions.h"
#include "fhir/path/navigate.h"
#include "fhir/path/reference.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;

Result<Collection> Extension(Call& call) {
  HEYI_TRY(url, call.TextArgument(0));
  Collection found;
  if (!url) return found;
  for (const PathValue& item : call.input) {
    AppendNamed(item, "extension", call.evaluator.budget(), found);
    HEYI_CHECK(call.evaluator.CheckCost(found.size()));
  }
  std::erase_if(found, [&](const PathValue& item) { return !item.node() || item.node().TextAt("url") != *url; });
  return found;
}

Result<Collection> HasExtension(Call& call) {
  HEYI_TRY(found, Extension(call));
  return OneBoolean(!found.empty());
}

bool IsPrimitiveWithValue(const PathValue& item) {
  const Scalar scalar = ScalarOf(item);
  return scalar && (item.kind() != PathValue::Kind::kNode || !item.node().is_object());
}

Result<Collection> HasValue(Call& call) {
  return OneBoolean(call.input.size() == 1 && IsPrimitiveWithValue(call.input[0]));
}

Result<Collection> GetValue(Call& call) {
  if (call.input.size() != 1 || !IsPrimitiveWithValue(call.input[0])) return Collection();
  const Scalar scalar = ScalarOf(call.input[0]);
  return One(PathValue::OfText(scalar.kind, std::string(scalar.text)));
}

Result<Collection> ResolveAll(Call& call) {
  Collection found;
  for (const PathValue& item : call.input) {
    if (const Node target = Resolve(item, call.evaluator)) found.push_back(PathValue::OfNode(target));
    HEYI_CHECK(call.evaluator.CheckCost(found.size()));
  }
  return found;
}

Result<Collection> MemberOf(Call& call) {
  HEYI_TRY(value_set, call.TextArgument(0));
  HEYI_TRY(item, call.Single());
  if (!value_set || item == nullptr || item->kind() != PathValue::Kind::kNode || !item->node()) return Collection();
  const std::optional<bool> member = call.evaluator.context().MemberOf(item->node(), *value_set);
  return member ? OneBoolean(*member) : Collection();
}

constexpr Function kFhirFunctions[] = {
    {"extension", 1, 1, Takes::kValues, false, Extension}, {"hasExtension", 1, 1, Takes::kValues, false, HasExtension},
    {"hasValue", 0, 0, Takes::kValues, false, HasValue},   {"getValue", 0, 0, Takes::kValues, false, GetValue},
    {"resolve", 0, 0, Takes::kValues, false, ResolveAll},  {"memberOf", 1, 1, Takes::kValues, false, MemberOf},
};

}  // namespace

std::span<const Function> FhirFunctions() { return kFhirFunctions; }

}  // namespace heyi::fhir
