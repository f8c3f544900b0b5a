// A record as an instance of its logical model.
#include <fmt/format.h>

#include "mapping/pair/program.h"
#include "mapping/pair/to_structure_map.h"

namespace heyi::mapping {
namespace {

using adapters::FieldKind;
using base::JsonValue;

bool IsPlainNumber(std::string_view text, bool decimal) {
  const size_t point = text.find('.');
  const auto digits = [](std::string_view part) { return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos; };
  if (point == std::string_view::npos) return digits(text);
  return decimal && digits(text.substr(0, point)) && digits(text.substr(point + 1));
}

// JSON knows no leading zeros.
JsonValue NumberOf(std::string_view text) {
  while (text.size() > 1 && text[0] == '0' && text[1] != '.') text.remove_prefix(1);
  return JsonValue::OfNumber(std::string(text));
}

// As deep as the adapter's JSON limits and the model let a record be.
JsonValue Level(const JsonValue& from, const adapters::LogicalModel& model, const std::string& level) {
  JsonValue made = JsonValue::Object();
  for (const auto& [name, value] : from.members()) {
    const adapters::Field* field = model.Find(level + name);
    if (field == nullptr || adapters::IsAbsent(value)) continue;
    if (field->kind == FieldKind::kObject) {
      if (value.is_object()) made.Set(name, Level(value, model, level + name + "."));
    } else if (field->kind == FieldKind::kList) {
      JsonValue list = JsonValue::Array();
      for (const JsonValue& item : value.items()) list.Append(Level(item, model, level + name + "[]."));
      if (value.is_array() && !list.items().empty()) made.Set(name, std::move(list));
    } else if (!value.is_object() && !value.is_array()) {
      const std::string text = adapters::NormalText(value, field->kind);
      const bool number = (field->kind == FieldKind::kInteger || field->kind == FieldKind::kDecimal) && IsPlainNumber(text, field->kind == FieldKind::kDecimal);
      if (!text.empty()) made.Set(name, number ? NumberOf(text) : JsonValue::OfString(text));
    }
  }
  return made;
}

}  // namespace

JsonValue ModelInstance(const JsonValue& record, const adapters::LogicalModel& model) { return Level(record, model, ""); }

std::vector<const adapters::LogicalModel*> ModelsOf(const PairMap& map) {
  const MapProgram& program = map.program();
  std::vector<const adapters::LogicalModel*> models{program.model};
  if (program.out_model != program.model) models.push_back(program.out_model);
  if (const adapters::LogicalModel* envelope = adapters::FindModel(program.department, adapters::kEnvelopeModel)) models.push_back(envelope);
  return models;
}

}  // namespace heyi::mapping
