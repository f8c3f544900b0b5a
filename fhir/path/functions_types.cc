// https://hl7.org/fhirpath/N1/#types: is(), as() and ofType() become steps of the program (fhir/path/compile.cc), so that
// they are the same as the operators; as() filters, as R4's search parameters need.
#include "fhir/path/functions.h"

namespace heyi::fhir {
namespace {

base::Result<Collection> NeverCalled(Call&) { return PathFailure("a type step that was not compiled"); }

constexpr auto kType = Function::Takes::kType;
constexpr Function kFunctions[] = {
    {"is", 1, 1, kType, false, NeverCalled},
    {"as", 1, 1, kType, false, NeverCalled},
    {"ofType", 1, 1, kType, false, NeverCalled},
};

}  // namespace

std::span<const Function> TypeFunctions() { return kFunctions; }

}  // namespace heyi::fhir
