// https://hl7.org/fhirpath/N1/#types
// is(), as() and ofType() become steps of the program (fhir/path/compile.cc), so that they are the same as the
// operators; as() filters, as R4's search parameters need.
#include "fhir/path/functions.h"

namespace heyi::fhir {
namespace {

using Takes = Function::Takes;

base::Result<Collection> NeverCalled(Call&) { return PathFailure("a type step that was not compiled"); }

constexpr Function kTypesFunctions[] = {
    {"is", 1, 1, Takes::kType, false, NeverCalled},
    {"as", 1, 1, Takes::kType, false, NeverCalled},
    {"ofType", 1, 1, Takes::kType, false, NeverCalled},
};

}  // namespace

std::span<const Function> TypeFunctions() { return kTypesFunctions; }

}  // namespace heyi::fhir
