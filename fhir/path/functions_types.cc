// https://hl7.org/fhirpath/N1/#types
// is(), as() and ofType() become steps of the program (fhir/path/compile.cc), so that they are the same as the
// operators.
#include "fhir/path/functions.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using Takes = Function::Takes;

// https://hl7.org/fhirpath/STU3/#reflection: name and name space of each item's type.
base::Result<Collection> TypeOf(Call& call) {
  Collection types;
  for (const PathValue& item : call.input) {
    const Type* type = item.type();
    const bool system = type == nullptr || type->name.starts_with(kSystemTypePrefix);
    const std::string name = type == nullptr ? std::string(SystemTypeName(ScalarOf(item).kind))
                             : system        ? type->name.substr(kSystemTypePrefix.size())
                                             : type->name;
    types.push_back(PathValue::OfText(PathValue::Kind::kType, name, system ? "System" : "FHIR"));
    HEYI_CHECK(call.evaluator.CheckCost(types.size()));
  }
  return types;
}

constexpr Function kTypesFunctions[] = {
    {"is", 1, 1, Takes::kType, false, NeverCalled},
    {"as", 1, 1, Takes::kType, false, NeverCalled},
    {"ofType", 1, 1, Takes::kType, false, NeverCalled},
    {"type", 0, 0, Takes::kValues, false, TypeOf},
};

}  // namespace

std::span<const Function> TypeFunctions() { return kTypesFunctions; }

}  // namespace heyi::fhir
