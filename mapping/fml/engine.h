// The mapping engine: a StructureMap compiled once, run many times.
//
// Rules run in the order of the text, so the same input gives the same output to the byte; what a rule makes has no part
// that is random. A run is bounded by steps; lists of any length cost time in their length.
// https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html#execution
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "fhir/path/path.h"
#include "mapping/fml/instance.h"
#include "mapping/fml/models.h"
#include "mapping/fml/source.h"
#include "mapping/fml/structure_map.h"
#include "mapping/limits.h"

namespace heyi::mapping {

struct FmlProgram;

struct FmlRunOptions {
  base::TimeMs now_ms = 0;    // of now() and today()
  std::string seed;           // uuid() and ids of references are derived from it: same seed, same ids
  uint64_t steps_max = kFmlStepsMax;
  size_t nodes_max = kFmlNodesMax;
  const fhir::EvalContext* world = nullptr;  // what FHIRPath may ask; null: only what stands in the sources
};

struct FmlAnswer {
  std::vector<FmlInstance> targets;   // of the target inputs of the group that was run, in their order
  std::vector<FmlInstance> produced;  // made by create() and put nowhere
  std::vector<std::string> log;
  uint64_t steps = 0;
};

class CompiledMap {
 public:
  // `definitions` outlives it; `source` is asked only here.
  //   errors  kInvalid, all found, at file:line:column: fml.unknown-map, fml.unknown-group, fml.unknown-variable,
  //           fml.unknown-type, fml.unknown-transform, fml.unknown-table, fml.arguments, fml.duplicate-group,
  //           fml.ambiguous-group, fml.cycle, fml.model, path.*
  static base::Result<CompiledMap> Compile(const StructureMap& map, const fhir::Definitions& definitions,
      const FmlSource& source);

  CompiledMap(CompiledMap&&) noexcept;
  CompiledMap& operator=(CompiledMap&&) noexcept;
  ~CompiledMap();

  const FmlModels& models() const;

  struct Input {
    std::string name;
    StructureMap::InputMode mode;
    const fhir::Type* type;  // null where the map does not say
  };
  std::vector<Input> inputs() const;  // of the group where it is entered

  // Runs the first group on the roots of the sources, one for each source input in order; the instances are not changed
  // and live through the call.
  //   errors  kInvalid at file:line:column with the rule's name: fml.inputs, fml.check, fml.cardinality, fml.only-one,
  //           fml.unknown-element, fml.ambiguous-type, fml.value, fml.arguments, fml.unmapped, fml.several,
  //           fml.not-a-target, fml.list-mode, fml.cycle, fml.too-deep, path.*;
  //           kTooLarge fml.too-costly over the steps or the nodes
  // Safe from any thread.
  base::Result<FmlAnswer> Run(std::span<const fhir::Node> sources, const FmlRunOptions& options) const;

 private:
  explicit CompiledMap(std::unique_ptr<FmlProgram> program);
  std::unique_ptr<FmlProgram> program_;
};

}  // namespace heyi::mapping
