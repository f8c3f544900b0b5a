// A resource and definitions of its own, as in tests/data/conformance/validate: {"resource", "definitions", "profile"}.
#include "base/json/value.h"
#include "conformance/library/memory_source.h"
#include "conformance/library/layered_source.h"
#include "conformance/library/library.h"
#include "conformance/terminology/terminology.h"
#include "conformance/validate/validator.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace heyi;
  static const auto library = conformance::Library::Open(HEYI_BINARY_DIR "/heyi-r4.definitions");
  if (!library.ok()) std::abort();
  const auto input = base::ParseJson(fuzz::Text(data, size));
  if (!input.ok()) return 0;
  const auto tree = fhir::ParseResource(base::WriteJson((*input)["resource"]), fuzz::Definitions());
  if (!tree.ok()) return 0;
  conformance::MemorySource memory;
  for (const base::JsonValue& one : (*input)["definitions"].items()) memory.Add(one);
  const conformance::LayeredSource source({&memory, library->get()});
  const conformance::Terminology terminology(source);
  const conformance::Validator validator(fuzz::Definitions(), source, &terminology);
  conformance::ValidationOptions options;
  if (const std::string profile((*input).StringAt("profile")); !profile.empty()) options.profiles.push_back(profile);
  base::Outcome outcome;
  validator.Validate(*tree, options, nullptr, fuzz::kNowMs, outcome);
  return 0;
}
