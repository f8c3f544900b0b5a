#include "mapping/pair/export_inward_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/model_definition.h"

namespace heyi::mapping {
namespace {

bool InEnvelope(const Source& source) { return source.from == Source::From::kEnvelope; }

bool InEnvelope(const Lens& lens) { return lens.within && InEnvelope(*lens.within); }

bool InEnvelope(const std::optional<Guard>& guard) { return guard && InEnvelope(guard->source); }

bool AnyInEnvelope(const std::vector<Rule>& rules) {
  return std::any_of(rules.begin(), rules.end(), [](const Rule& rule) {
    if (rule.direction == Direction::kOut) return false;
    const bool own = InEnvelope(rule.source) || InEnvelope(rule.lens) || InEnvelope(rule.guard);
    return own || AnyInEnvelope(rule.items);
  });
}

}  // namespace

// Lists in lists there are none, so this ends.
bool ReadsEnvelope(const MapProgram& program) {
  for (const Let& let : program.lets) {
    if (std::any_of(let.arguments.begin(), let.arguments.end(), [](const Source& source) { return InEnvelope(source); })) return true;
  }
  for (const ResourceRule& resource : program.resources) {
    if (AnyInEnvelope(resource.rules) || InEnvelope(resource.guard)) return true;
    for (const FindLine& find : resource.finds) {
      if (InEnvelope(find.source) || InEnvelope(find.lens) || InEnvelope(find.guard)) return true;
    }
  }
  return false;
}

void NoteInwardLosses(const MapProgram& program, ExportNotes& notes) {
  for (const ResourceRule& resource : program.resources) {
    if (resource.role == ResourceRule::Role::kOutward) continue;
    const bool made = resource.role == ResourceRule::Role::kMade;
    for (const FindLine& find : resource.finds) {
      if (made) notes.Unsaid(find.line, fmt::format("{} is not looked up by its number: it is made new", resource.name));
    }
    if (made && !resource.ids.empty()) notes.Unsaid(resource.line, fmt::format("the id of {} does not follow from its business key (UUIDv5)", resource.name));
    if (!resource.missing_rule.empty()) notes.Unsaid(resource.line, fmt::format("{} need not exist (else {})", resource.name, resource.missing_rule));
    if (!resource.unnamed_rule.empty()) notes.Unsaid(resource.line, fmt::format("{} need not have a number (else {})", resource.name, resource.unnamed_rule));
    if (resource.identity) notes.Unsaid(resource.line, "sex and birth date are not checked against the identity number");
    for (const Rule& same : resource.sames) notes.Unsaid(same.line, fmt::format("check same @{} {}", same.reference, same.path.text));
  }
  for (const Let& let : program.lets) {
    if (let.function == Let::Function::kIdentityNumber) notes.Unsaid(0, fmt::format("%{} is the number as it is written, not brought to 18 characters", let.name));
  }
  for (const Export& one : program.exports) notes.Unsaid(one.line, fmt::format("export {}: a value beside the resources", one.name));
}

std::vector<StructureMap::Structure> InwardStructures(const MapProgram& program, bool with_envelope) {
  using Map = StructureMap;
  std::vector<Map::Structure> structures;
  structures.push_back({adapters::ModelUrl(*program.model), Map::ModelMode::kSource, "Message", {}, {}});
  if (with_envelope) {
    const adapters::LogicalModel* envelope = adapters::FindModel(program.department, adapters::kEnvelopeModel);
    structures.push_back({adapters::ModelUrl(*envelope), Map::ModelMode::kSource, "Envelope", {}, {}});
  }
  std::vector<std::string> types{"Bundle"};
  for (const ResourceRule& resource : program.resources) {
    const bool known = std::find(types.begin(), types.end(), resource.type->name) != types.end();
    if (resource.role == ResourceRule::Role::kMade && !known) types.push_back(resource.type->name);
  }
  for (const std::string& type : types) {
    const Map::ModelMode mode = type == "Bundle" ? Map::ModelMode::kTarget : Map::ModelMode::kProduced;
    structures.push_back({"http://hl7.org/fhir/StructureDefinition/" + type, mode, type, {}, {}});
  }
  return structures;
}

}  // namespace heyi::mapping
