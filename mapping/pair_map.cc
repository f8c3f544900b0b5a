#include "mapping/pair_map.h"

#include <algorithm>

#include "mapping/pair/compile.h"
#include "mapping/pair/to_fhir.h"
#include "mapping/pair/to_record.h"

namespace heyi::mapping {
namespace {

// "civil/ELDER.map" -> "civil.ELDER"
std::string NameOf(std::string_view file) {
  std::string name(file.substr(0, file.rfind('.')));
  for (char& c : name) c = c == '/' ? '.' : c;
  return name;
}

}  // namespace

base::Result<PairMap> PairMap::Compile(std::string_view file_name, std::string_view text, const fhir::Definitions& definitions,
                                       const CodeTables& tables) {
  auto program = std::make_unique<Program>();
  program->file = file_name;
  program->name = NameOf(file_name);
  program->text = text;
  program->definitions = &definitions;
  base::Outcome outcome;
  CompileInto(file_name, text, tables, *program, outcome);
  if (!outcome.HasErrors()) CheckProgram(*program, outcome);
  if (outcome.HasErrors()) return base::Error(base::ErrorKind::kInvalid, std::move(outcome));
  return PairMap(std::move(program));
}

PairMap::PairMap(std::unique_ptr<Program> program) : program_(std::move(program)) {}
PairMap::PairMap(PairMap&&) noexcept = default;
PairMap& PairMap::operator=(PairMap&&) noexcept = default;
PairMap::~PairMap() = default;

const std::string& PairMap::department() const { return program_->department; }
const std::string& PairMap::message_type() const { return program_->type; }
bool PairMap::Takes(std::string_view resource_name) const {
  const std::vector<ResourceRule>& resources = program_->resources;
  return std::any_of(resources.begin(), resources.end(), [resource_name](const ResourceRule& rule) { return rule.name == resource_name; });
}

bool PairMap::Reads(std::string_view type) const {
  const std::vector<std::string>& others = program_->other_types;
  return program_->type == type || std::find(others.begin(), others.end(), type) != others.end();
}
const std::string& PairMap::version() const { return program_->version; }
const std::string& PairMap::file() const { return program_->file; }
const std::string& PairMap::name() const { return program_->name; }
const std::string& PairMap::text() const { return program_->text; }
const MapProgram& PairMap::program() const { return *program_; }
std::vector<std::string> PairMap::types() const {
  std::vector<std::string> types{program_->type};
  types.insert(types.end(), program_->other_types.begin(), program_->other_types.end());
  return types;
}

base::Result<Mapped> PairMap::ToFhir(const adapters::Message& message, TargetSource& source) const {
  return RunToFhir(*program_, message, source);
}

base::Result<base::JsonValue> PairMap::ToRecord(const std::vector<std::pair<std::string, fhir::Node>>& resources,
                                                base::Outcome& outcome) const {
  return RunToRecord(*program_, resources, outcome);
}

}  // namespace heyi::mapping
