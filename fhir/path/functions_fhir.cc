// What FHIR adds. https://hl7.org/fhir/R4/fhirpath.html#functions
#include <algorithm>

#include "fhir/path/functions.h"
#include "fhir/path/navigate.h"
#include "fhir/path/reference.h"
#include "fhir/path/value.h"
#include "fhir/xml/narrative.h"

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
  if (item.kind() == PathValue::Kind::kNode) return scalar && !item.node().is_object();
  return scalar && scalar.kind != PathValue::Kind::kQuantity;
}

Result<std::optional<bool>> HasValue(Call& call) {
  return std::optional(call.input.size() == 1 && IsPrimitiveWithValue(call.input[0]));
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

// The input, unless an item has a modifier extension that is none of those named: then nobody may read it.
Result<Collection> CheckModifiers(Call& call) {
  std::vector<std::string> known;
  for (size_t i = 0; i < call.arguments(); ++i) {
    HEYI_TRY(url, call.TextArgument(i));
    if (url) known.push_back(*std::move(url));
  }
  Collection modifiers;
  for (const PathValue& item : call.input) {
    AppendNamed(item, "modifierExtension", call.evaluator.budget(), modifiers);
    HEYI_CHECK(call.evaluator.CheckCost(modifiers.size()));
  }
  for (const PathValue& modifier : modifiers) {
    const std::string_view url = modifier.node() ? modifier.node().TextAt("url") : std::string_view();
    if (std::find(known.begin(), known.end(), url) == known.end()) {
      return PathFailure("an unknown modifier extension: " + std::string(url));
    }
  }
  return std::move(call.input);
}

// https://hl7.org/fhir/R4/narrative.html#rules
Result<Collection> HtmlChecks(Call& call) {
  HEYI_TRY(item, call.Single());
  const Scalar scalar = item == nullptr ? Scalar{} : ScalarOf(*item);
  if (scalar.kind != PathValue::Kind::kString) return Collection();
  if (!call.evaluator.budget().Spend(scalar.text.size() / kTextBytesPerStep)) return Collection();
  return OneBoolean(IsNarrativeXhtml(scalar.text));
}

constexpr Function kFhirFunctions[] = {
    {"extension", 1, 1, Takes::kValues, false, Extension}, {"hasExtension", 1, 1, Takes::kValues, false, HasExtension},
    {"hasValue", 0, 0, Takes::kValues, false, Answer<HasValue>, HasValue},   {"getValue", 0, 0, Takes::kValues, false, GetValue},
    {"resolve", 0, 0, Takes::kValues, false, ResolveAll},
    {"checkModifiers", 1, 16, Takes::kValues, true, CheckModifiers},
    {"htmlChecks", 0, 0, Takes::kValues, false, HtmlChecks},
};

}  // namespace

std::span<const Function> FhirFunctions() { return kFhirFunctions; }

}  // namespace heyi::fhir
