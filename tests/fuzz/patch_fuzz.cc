// Patches of one Patient: JSON Patch where the input is a list, FHIRPath Patch where it is a resource. What comes out and
// is FHIR is written and read again.
#include "base/json/value.h"
#include "fhir/patch/json_patch.h"
#include "fhir/patch/path_patch.h"
#include "fhir/path/path.h"
#include "tests/fuzz/fuzzing.h"

namespace {

using namespace heyi;

void HoldsTogether(const fhir::Tree& tree) {
  const std::string written = fhir::WriteJson(tree);
  const auto again = fhir::ParseResource(written, fuzz::Definitions());
  fuzz::Must(again.ok(), "what was patched is read again");
  fuzz::Must(fhir::WriteJson(*again) == written, "and is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = fuzz::Text(data, size);
  const fhir::PatchLimits limits{.result_bytes_max = 1 << 16, .values_max = 20'000, .work_max = 100'000, .path_steps_max = 100'000};
  if (text.starts_with('[')) {
    const auto patch = base::ParseJson(text);
    static const auto document = base::ParseJson(fhir::WriteJson(fuzz::FixedPatient()));
    if (!patch.ok()) return 0;
    const auto patched = fhir::ApplyJsonPatch(*document, *patch, limits);
    if (!patched.ok()) return 0;
    const auto tree = fhir::ParseResource(base::WriteJson(*patched), fuzz::Definitions());
    if (tree.ok()) HoldsTogether(*tree);
    return 0;
  }
  const auto patch = fhir::ParseResource(text, fuzz::Definitions());
  if (!patch.ok()) return 0;
  const fhir::LocalEvalContext context(fuzz::kNowMs);
  const auto patched = fhir::ApplyPathPatch(fuzz::FixedPatient().Clone(), *patch, fuzz::Definitions(), context, limits);
  if (patched.ok()) HoldsTogether(*patched);
  return 0;
}
