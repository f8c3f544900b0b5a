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
  const Scope scope = call.For(item, 0);
  HEYI_TRY(criterion, call.ArgumentFor(0, scope));
  const bool boolean = criterion.size() == 1 && ScalarOf(criterion[0]).kind == Kind::kBoolean;
  const bool absent = criterion.empty() || (criterion.size() == 1 && !ScalarOf(criterion[0]) && !criterion[0].node());
  if (!boolean && !absent) return PathFailure("a criterion of iif() that is neither true nor false");
  if (boolean && ScalarOf(criterion[0]).text == "true") return call.ArgumentFor(1, scope);
  return call.arguments() > 2 ? call.ArgumentFor(2, scope) : Collection();
}

// Where to is the context's business; the input goes on unchanged.
Result<Collection> Trace(Call& call) {
  HEYI_TRY(name, call.TextArgument(0));
  if (!name) return PathFailure("trace() needs a name");
  if (call.arguments() < 2) {
    call.evaluator.context().Trace(*name, call.input);
    return std::move(call.input);
  }
  Collection shown;
  for (size_t i = 0; i < call.input.size(); ++i) {
    HEYI_TRY(items, call.ArgumentFor(1, call.For(i)));
    for (PathValue& item : items) shown.push_back(std::move(item));
    HEYI_CHECK(call.evaluator.CheckCost(shown.size()));
  }
  call.evaluator.context().Trace(*name, shown);
  return std::move(call.input);
}

// The first of the arguments that is not empty. https://hl7.org/fhirpath/STU3/#coalesce
Result<Collection> Coalesce(Call& call) {
  for (size_t i = 0; i < call.arguments(); ++i) {
    HEYI_TRY(items, call.Argument(i));
    if (!items.empty()) return std::move(items);
  }
  return Collection();
}

Result<Collection> NowText(Call& call, Kind kind, size_t from, size_t count) {
  return One(PathValue::OfText(kind, base::FormatInstant(call.evaluator.context().NowMs()).substr(from, count)));
}

Result<Collection> Now(Call& call) {
  return NowText(call, Kind::kDateTime, 0, std::string::npos);
}
Result<Collection> Today(Call& call) {
  return NowText(call, Kind::kDate, 0, 10);
}
Result<Collection> TimeOfDay(Call& call) {
  return NowText(call, Kind::kTime, 11, 12);
}

constexpr Function kUtilityFunctions[] = {
    {"iif", 2, 3, Takes::kItems, false, Iif},
    {"trace", 1, 2, Takes::kItems, true, Trace},
    {"defineVariable", 1, 2, Takes::kDefinition, true, NeverCalled},
    {"coalesce", 1, 16, Takes::kValues, false, Coalesce},
    {"now", 0, 0, Takes::kValues, false, Now},
    {"today", 0, 0, Takes::kValues, false, Today},
    {"timeOfDay", 0, 0, Takes::kValues, false, TimeOfDay},
};

}  // namespace

std::span<const Function> UtilityFunctions() { return kUtilityFunctions; }

}  // namespace heyi::fhir
