#include "mapping/pair_map.h"

#include <algorithm>

#include "mapping/embedded.h"
#include "mapping/pair/compile.h"
#include "mapping/pair/to_fhir.h"
#include "mapping/pair/to_record.h"

namespace heyi::mapping {
namespace {

constexpr std::string_view kMapFolder = "maps/";

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

base::Result<Mapped> PairMap::ToFhir(const adapters::Message& message, TargetSource& source) const {
  return RunToFhir(*program_, message, source);
}

base::Result<base::JsonValue> PairMap::ToRecord(const std::vector<std::pair<std::string, fhir::Node>>& resources,
                                                base::Outcome& outcome) const {
  return RunToRecord(*program_, resources, outcome);
}

base::Result<MapLibrary> MapLibrary::Load(const fhir::Definitions& definitions) {
  HEYI_TRY(tables, CodeTables::Load());
  MapLibrary library;
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (!file.name.starts_with(kMapFolder)) continue;
    HEYI_TRY(map, PairMap::Compile(file.name.substr(kMapFolder.size()), file.text, definitions, tables));
    library.maps_.push_back(std::move(map));
  }
  return library;
}

const PairMap* MapLibrary::Find(std::string_view department, std::string_view message_type) const {
  for (const PairMap& map : maps_) {
    if (map.department() == department && map.Reads(message_type)) return &map;
  }
  return nullptr;
}

}  // namespace heyi::mapping
