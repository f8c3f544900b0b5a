#include "mapping/fml/engine.h"

#include "mapping/fml/program.h"
#include "mapping/fml/run.h"

namespace heyi::mapping {

CompiledMap::CompiledMap(std::unique_ptr<FmlProgram> program) : program_(std::move(program)) {}
CompiledMap::CompiledMap(CompiledMap&&) noexcept = default;
CompiledMap& CompiledMap::operator=(CompiledMap&&) noexcept = default;
CompiledMap::~CompiledMap() = default;

const FmlModels& CompiledMap::models() const { return program_->models; }

std::vector<CompiledMap::Input> CompiledMap::inputs() const {
  std::vector<Input> inputs;
  for (const FmlGroupInput& input : program_->entry->inputs) inputs.push_back({input.name, input.mode, input.type});
  return inputs;
}

base::Result<FmlAnswer> CompiledMap::Run(std::span<const fhir::Node> sources, const FmlRunOptions& options) const {
  return FmlRunner(*program_, options).Run(sources);
}

}  // namespace heyi::mapping
