// The mapping language: what is read is printed and read as the same map, becomes a resource, and runs to an end on one
// Patient.
#include <cstdlib>

#include "fhir/json/write.h"
#include "mapping/fml/engine.h"
#include "mapping/fml/json.h"
#include "mapping/fml/parse.h"
#include "mapping/fml/print.h"
#include "tests/fuzz/fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace heyi;
  const auto map = mapping::ParseFml("fuzz", fuzz::Text(data, size));
  if (!map.ok()) return 0;
  const auto again = mapping::ParseFml("printed", mapping::PrintFml(*map));
  if (!again.ok() || !(*again == *map)) std::abort();
  (void)mapping::ReadStructureMap(mapping::WriteStructureMap(*map, fuzz::Definitions()));
  const auto compiled = mapping::CompiledMap::Compile(*map, fuzz::Definitions(), mapping::MemoryFmlSource());
  if (!compiled.ok()) return 0;
  std::vector<fhir::Node> sources;
  for (const auto& input : compiled->inputs()) {
    if (input.mode == mapping::StructureMap::InputMode::kSource) sources.push_back(fuzz::FixedPatient().root());
  }
  const auto answer = compiled->Run(sources, {.now_ms = fuzz::kNowMs, .seed = "fuzz", .steps_max = 20'000});
  if (!answer.ok()) return 0;
  for (const mapping::FmlInstance& target : answer->targets) {
    std::string json;
    fhir::AppendJson(target.tree.root(), json);
    if (!base::ParseJson(json, {.depth_max = 2'000}).ok()) std::abort();
    (void)mapping::WriteXmlInstance(target, compiled->models());
  }
  return 0;
}
