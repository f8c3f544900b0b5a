// FHIRPath: compiled as it may be, evaluated over one Patient.
#include "fhir/path/path.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace heyi;
  const fhir::LocalEvalContext context(fuzz::kNowMs);
  const std::string text = fuzz::Text(data, size);
  for (const auto as : {fhir::CompileOptions::As::kOneItem, fhir::CompileOptions::As::kFilters}) {
    const auto expression = fhir::Expression::Compile(text, fuzz::Definitions(), {.as = as});
    if (!expression.ok()) continue;
    (void)expression->Evaluate(fuzz::FixedPatient().root(), context, {.steps_max = 20'000, .items_max = 5'000});
    (void)expression->EvaluateCondition(fhir::PathValue::OfNode(fuzz::FixedPatient().root()), context, {.steps_max = 20'000, .items_max = 5'000});
  }
  return 0;
}
