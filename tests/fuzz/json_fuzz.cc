// JSON: what is taken is checked, and comes back the same when it is written and read again.
#include "conformance/structure.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace heyi;
  const auto tree = fhir::ParseResource(fuzz::Text(data, size), fuzz::Definitions());
  if (!tree.ok()) return 0;
  base::Outcome outcome;
  conformance::CheckStructure(*tree, fuzz::Definitions(), outcome);
  const std::string written = fhir::WriteJson(*tree);
  const auto again = fhir::ParseResource(written, fuzz::Definitions());
  fuzz::Must(again.ok(), "what was written is read again");
  fuzz::Must(fhir::WriteJson(*again) == written, "and is the same");
  return 0;
}
