// https://hl7.org/fhirpath/N1/#utility-functions
#include "fhir/path/functions.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;
using Kind = PathValue::Kind;

Result<Collection> Iif(Call& call) {
  HEYI_TRY(item, call.Single());
  const Scope scope{item, 0, call.scope().total};
  HEYI_TRY(holds, call.ConditionFor(0, scope));
  if (holds.value_or(false)) return call.ArgumentFor(1, scope);
  return call.arguments() > 2 ? call.ArgumentFor(2, scope) : Collection();
}

// Where to is the evaluator's caller's business; here the input goes on unchanged.
Result<Collection> Trace(Call& call) {
  HEYI_TRY(name, call.TextArgument(0));
  if (!name) return PathFailure("trace() needs a name");
  return std::move(call.input);
}

Result<Collection> Now(Call& call) {
  return One(PathValue::OfText(Kind::kDateTime, base::FormatInstant(call.evaluator.context().NowMs())));
}
Result<Collection> Today(Call& call) {
  return One(PathValue::OfText(Kind::kDate, base::FormatInstant(call.evaluator.context().NowMs()).substr(0, 10)));
}
Result<Collection> TimeOfDay(Call& call) {
  return One(PathValue::OfText(Kind::kTime, base::FormatInstant(call.evaluator.context().NowMs()).substr(11, 12)));
}

constexpr Function kUtilityFunctions[] = {
    {"iif", 2, 3, Takes::kItems, false, Iif},
    {"trace", 1, 2, Takes::kValues, true, Trace},
    {"now", 0, 0, Takes::kValues, false, Now},
    {"today", 0, 0, Takes::kValues, false, Today},
    {"timeOfDay", 0, 0, Takes::kValues, false, TimeOfDay},
};

}  // namespace

std::span<const Function> UtilityFunctions() { return kUtilityFunctions; }

}  // namespace heyi::fhir
