// What only a terminology or a validator can answer; the context knows, or the answer is empty.
// https://hl7.org/fhir/R4/fhirpath.html#functions
#include "fhir/path/functions.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;

Node NodeOf(const PathValue* item) {
  return item != nullptr && item->kind() == PathValue::Kind::kNode ? item->node() : Node();
}

Result<Collection> MemberOf(Call& call) {
  HEYI_TRY(value_set, call.TextArgument(0));
  HEYI_TRY(item, call.Single());
  const Node node = NodeOf(item);
  if (!value_set || !node) return Collection();
  return OneOrNone(call.evaluator.context().MemberOf(node, *value_set));
}

// `subsumes(code)`: is the input the argument or above it; subsumedBy() the other way round.
template <bool kBy>
Result<Collection> Subsumes(Call& call) {
  HEYI_TRY(others, call.Argument(0));
  HEYI_TRY(item, call.Single());
  if (others.size() > 1) return PathFailure(call.name() + "() with several items");
  const Node node = NodeOf(item);
  const Node other = others.empty() ? Node() : NodeOf(&others[0]);
  if (!node || !other) return Collection();
  return OneOrNone(kBy ? call.evaluator.context().Subsumes(other, node) : call.evaluator.context().Subsumes(node, other));
}

constexpr std::string_view kBase = "http://hl7.org/fhir/StructureDefinition/";

// Of the specification's own types the definitions know enough: an instance is of the type, or it is not.
std::optional<bool> ConformsToBase(const PathValue& item, std::string_view structure, const Definitions& definitions) {
  structure = structure.substr(0, structure.find('|'));
  if (!structure.starts_with(kBase)) return std::nullopt;
  const Type* type = definitions.FindType(structure.substr(kBase.size()));
  if (type == nullptr || item.type() == nullptr) return std::nullopt;
  return item.type()->IsA(type->name);
}

// The context is asked first: it may check more than the type. What nobody knows is no profile: an error.
Result<Collection> ConformsTo(Call& call) {
  HEYI_TRY(structure, call.TextArgument(0));
  HEYI_TRY(item, call.Single());
  if (!structure || item == nullptr) return Collection();
  std::optional<bool> conforms = call.evaluator.context().ConformsTo(*item, *structure);
  if (!conforms) conforms = ConformsToBase(*item, *structure, call.evaluator.definitions());
  if (!conforms) return PathFailure("conformsTo() of an unknown profile: " + *structure);
  return OneBoolean(*conforms);
}

Result<Collection> ElementDefinition(Call& call) {
  Collection found;
  for (const PathValue& item : call.input) {
    if (const Node node = call.evaluator.context().ElementDefinitionOf(item)) found.push_back(PathValue::OfNode(node));
    HEYI_CHECK(call.evaluator.CheckCost(found.size()));
  }
  return found;
}

Result<Collection> Slice(Call& call) {
  HEYI_TRY(structure, call.TextArgument(0));
  HEYI_TRY(name, call.TextArgument(1));
  Collection kept;
  if (!structure || !name) return kept;
  for (const PathValue& item : call.input) {
    if (call.evaluator.context().InSlice(item, *structure, *name).value_or(false)) kept.push_back(item);
    HEYI_CHECK(call.evaluator.CheckCost(kept.size()));
  }
  return kept;
}

constexpr Function kTerminologyFunctions[] = {
    {"memberOf", 1, 1, Takes::kValues, false, MemberOf},
    {"subsumes", 1, 1, Takes::kValues, false, Subsumes<false>},
    {"subsumedBy", 1, 1, Takes::kValues, false, Subsumes<true>},
    {"conformsTo", 1, 1, Takes::kValues, false, ConformsTo},
    {"elementDefinition", 0, 0, Takes::kValues, false, ElementDefinition},
    {"slice", 2, 2, Takes::kValues, true, Slice},
};

}  // namespace

std::span<const Function> TerminologyFunctions() { return kTerminologyFunctions; }

}  // namespace heyi::fhir
