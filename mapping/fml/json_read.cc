#include <fmt/format.h>

#include "fhir/json/write.h"
#include "mapping/fml/expression.h"
#include "mapping/fml/json.h"
#include "mapping/fml/json_names.h"
#include "mapping/limits.h"

namespace heyi::mapping {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::JsonValue;
using base::Result;
using Map = StructureMap;
using Parameter = StructureMap::Parameter;

Error BrokenMap(std::string_view place, std::string_view what) {
  return Error(ErrorKind::kInvalid, "fml.resource", std::string(place), what);
}

std::string At(std::string_view place, std::string_view member, size_t position) {
  return fmt::format("{}.{}[{}]", place, member, position);
}

// The expression of a cqf-expression extension on the value of that name; null where there is none.
const JsonValue* ExpressionOn(const JsonValue& underscore) {
  for (const JsonValue& extension : underscore["extension"].items()) {
    if (extension.StringAt("url") == kExpressionExtension) return extension["valueExpression"].Find("expression");
  }
  return nullptr;
}

// A choice may be called as its definition is: value[x].
std::string ElementOf(const JsonValue& json) {
  std::string_view element = json.StringAt("element");
  if (element.ends_with("[x]")) element.remove_suffix(3);
  return std::string(element);
}

Result<std::string> DefaultOf(const JsonValue& source, std::string_view place) {
  for (const auto& [name, value] : source.members()) {
    if (name == "_defaultValueString") {
      if (const JsonValue* expression = ExpressionOn(value)) return expression->text();
    }
    if (!name.starts_with("defaultValue")) continue;
    const std::string_view type = std::string_view(name).substr(12);
    if (value.is_object() || value.is_array()) return BrokenMap(place, name);
    if (type.empty() || value.is_number() || value.kind() == JsonValue::Kind::kBool) return value.text();  // R5: FHIRPath
    if (type == "Date") return "@" + value.text();
    if (type == "DateTime" || type == "Instant") {
      return "@" + value.text() + (value.text().find('T') == std::string::npos ? "T" : "");
    }
    if (type == "Time") return "@T" + value.text();
    return AsPathString(value.text());
  }
  return std::string();
}

Result<Parameter> ReadParameter(const JsonValue& parameter, std::string_view place) {
  using Kind = Parameter::Kind;
  constexpr std::pair<std::string_view, Kind> kKinds[] = {
      {"valueId", Kind::kId},           {"valueString", Kind::kString}, {"valueBoolean", Kind::kBoolean},
      {"valueInteger", Kind::kInteger}, {"valueDecimal", Kind::kDecimal}, {"valueDate", Kind::kDate},
      {"valueDateTime", Kind::kDateTime}, {"valueTime", Kind::kTime}};
  if (const JsonValue* beside = parameter.Find("_valueString")) {
    if (const JsonValue* expression = ExpressionOn(*beside)) return ParameterOfText(expression->text());
  }
  for (const auto& [name, kind] : kKinds) {
    if (const JsonValue* value = parameter.Find(name)) return Parameter{kind, value->text()};
  }
  return BrokenMap(place, "value[x]");
}

// Parameters of a group that is called: R4's variables, which are names, or R5's parameters.
Result<Map::Dependent> ReadDependent(const JsonValue& json, std::string_view place) {
  Map::Dependent dependent;
  dependent.name = json.StringAt("name");
  if (dependent.name.empty()) return BrokenMap(place, "name");
  const std::vector<JsonValue>& beside = json["_variable"].items();
  const std::vector<JsonValue>& variables = json["variable"].items();
  for (size_t i = 0; i < variables.size(); ++i) {
    const JsonValue* expression = i < beside.size() ? ExpressionOn(beside[i]) : nullptr;
    dependent.parameters.push_back(expression != nullptr ? ParameterOfText(expression->text())
                                                         : Parameter{Parameter::Kind::kId, variables[i].text()});
  }
  for (const JsonValue& item : json["parameter"].items()) {
    HEYI_TRY(parameter, ReadParameter(item, place));
    dependent.parameters.push_back(std::move(parameter));
  }
  return dependent;
}

Result<Map::Source> ReadSource(const JsonValue& json, std::string_view place) {
  Map::Source source;
  source.context = json.StringAt("context");
  if (source.context.empty()) return BrokenMap(place, "context");
  source.element = ElementOf(json);
  source.type = json.StringAt("type");
  if (const JsonValue* min = json.Find("min")) {
    if (min->text().empty() || min->text().size() > 9 ||
        min->text().find_first_not_of("0123456789") != std::string::npos) {
      return BrokenMap(place, "min");
    }
    source.min = static_cast<uint32_t>(std::stoul(min->text()));
  }
  source.max = json.StringAt("max");
  if (source.max.size() > 9 || (source.max != "*" && source.max.find_first_not_of("0123456789") != std::string::npos)) {
    return BrokenMap(place, "max");
  }
  HEYI_TRY(value, DefaultOf(json, place));
  source.default_value = std::move(value);
  if (const JsonValue* mode = json.Find("listMode")) {
    source.list_mode = SourceListModeOf(mode->text());
    if (!source.list_mode) return BrokenMap(place, mode->text());
  }
  source.variable = json.StringAt("variable");
  source.condition = json.StringAt("condition");
  source.check = json.StringAt("check");
  source.log_message = json.StringAt("logMessage");
  return source;
}

Result<Map::Target> ReadTarget(const JsonValue& json, std::string_view place) {
  Map::Target target;
  target.context = json.StringAt("context");
  target.element = ElementOf(json);
  target.variable = json.StringAt("variable");
  for (const JsonValue& item : json["listMode"].items()) {
    const auto mode = TargetListModeOf(item.text());
    if (!mode) return BrokenMap(place, item.text());
    target.list_modes.push_back(*mode);
  }
  target.list_rule_id = json.StringAt("listRuleId");
  target.transform = json.StringAt("transform");
  const std::vector<JsonValue>& parameters = json["parameter"].items();
  for (size_t i = 0; i < parameters.size(); ++i) {
    HEYI_TRY(parameter, ReadParameter(parameters[i], At(place, "parameter", i)));
    // The last one of evaluate is FHIRPath, however it came.
    if (target.transform == "evaluate" && i + 1 == parameters.size()) parameter.kind = Parameter::Kind::kExpression;
    target.parameters.push_back(std::move(parameter));
  }
  if (target.context.empty() && target.transform.empty()) return BrokenMap(place, "context");
  return target;
}

template <typename Part, typename Read>
Result<Done> ReadList(const JsonValue& json, std::string_view place, std::string_view member,
    std::vector<Part>& parts, Read read) {
  const std::vector<JsonValue>& items = json[member].items();
  for (size_t i = 0; i < items.size(); ++i) {
    HEYI_TRY(part, read(items[i], At(place, member, i)));
    parts.push_back(std::move(part));
  }
  return Done{};
}

Result<Map::Rule> ReadRule(const JsonValue& json, const std::string& place, size_t depth) {
  if (depth > kFmlDepthMax) return Error(ErrorKind::kInvalid, "fml.too-deep", place, std::to_string(kFmlDepthMax));
  Map::Rule rule;
  rule.name = json.StringAt("name");
  rule.documentation = json.StringAt("documentation");
  HEYI_CHECK(ReadList(json, place, "source", rule.sources, ReadSource));
  if (rule.sources.empty()) return BrokenMap(place, "source");
  HEYI_CHECK(ReadList(json, place, "target", rule.targets, ReadTarget));
  HEYI_CHECK(ReadList(json, place, "dependent", rule.dependents, ReadDependent));
  HEYI_CHECK(ReadList(json, place, "rule", rule.rules, [depth](const JsonValue& inner,
      const std::string& at) { return ReadRule(inner, at, depth + 1); }));
  return rule;
}

Result<Map::Input> ReadInput(const JsonValue& json, std::string_view place) {
  Map::Input input;
  input.name = json.StringAt("name");
  input.type = json.StringAt("type");
  input.documentation = json.StringAt("documentation");
  const auto mode = InputModeOf(json.StringAt("mode"));
  if (!mode || input.name.empty()) return BrokenMap(place, "name, mode");
  input.mode = *mode;
  return input;
}

Result<Map::Group> ReadGroup(const JsonValue& json, const std::string& place) {
  Map::Group group;
  group.name = json.StringAt("name");
  group.extends = json.StringAt("extends");
  group.documentation = json.StringAt("documentation");
  if (group.name.empty()) return BrokenMap(place, "name");
  if (const JsonValue* word = json.Find("typeMode")) {
    const auto mode = TypeModeOf(word->text());
    if (!mode) return BrokenMap(place, word->text());
    group.type_mode = *mode;
  }
  HEYI_CHECK(ReadList(json, place, "input", group.inputs, ReadInput));
  HEYI_CHECK(ReadList(json, place, "rule", group.rules, [](const JsonValue& rule,
      const std::string& at) { return ReadRule(rule, at, 0); }));
  return group;
}

Result<Map::Structure> ReadStructure(const JsonValue& json, std::string_view place) {
  Map::Structure structure;
  structure.url = json.StringAt("url");
  structure.alias = json.StringAt("alias");
  structure.documentation = json.StringAt("documentation");
  const auto mode = ModelModeOf(json.StringAt("mode"));
  if (!mode) return BrokenMap(place, "mode");
  structure.mode = *mode;
  return structure;
}

// A head's element as the language says it: complex ones first by name alone, then their parts.
void AppendMetadata(const std::string& path, const JsonValue& value, size_t depth, std::vector<Map::Metadata>& out) {
  using Kind = Map::Metadata::Kind;
  if (depth > kFmlDepthMax) return;
  if (value.is_array()) {
    for (const JsonValue& item : value.items()) AppendMetadata(path, item, depth + 1, out);
  } else if (value.is_object()) {
    out.push_back({path, Kind::kNone, {}});
    for (const auto& [name, inner] : value.members()) {
      if (!name.starts_with('_') && name != "extension") AppendMetadata(path + "." + name, inner, depth + 1, out);
    }
  } else if (!value.is_null()) {
    const Kind kind = value.is_number() ? Kind::kNumber : value.is_string() ? Kind::kString : Kind::kBoolean;
    out.push_back({path, kind, value.text()});
  }
}

void ReadConstants(const JsonValue& resource, std::vector<Map::Constant>& constants) {
  for (const JsonValue& item : resource["const"].items()) {  // R5
    constants.push_back({std::string(item.StringAt("name")), std::string(item.StringAt("value")), {}});
  }
  for (const JsonValue& extension : resource["extension"].items()) {
    if (extension.StringAt("url") != kConstantExtension) continue;
    Map::Constant constant;
    for (const JsonValue& part : extension["extension"].items()) {
      if (part.StringAt("url") == "name") constant.name = part.StringAt("valueId");
      if (part.StringAt("url") == "value") constant.expression = part.StringAt("valueString");
    }
    constants.push_back(std::move(constant));
  }
}

}  // namespace

Result<Map> ReadStructureMap(const JsonValue& resource) {
  if (resource.StringAt("resourceType") != "StructureMap") return BrokenMap("StructureMap", "resourceType");
  Map map;
  map.file = resource.StringAt("url");
  for (const auto& [name, value] : resource.members()) {
    std::string* own = name == "url"       ? &map.url
                       : name == "name"    ? &map.name
                       : name == "version" ? &map.version
                       : name == "title"   ? &map.title
                       : name == "status"  ? &map.status
                       : name == "description" ? &map.description
                                               : nullptr;
    if (own != nullptr) {
      *own = value.text();
      continue;
    }
    bool other = name.starts_with('_');
    for (const std::string_view known : {"resourceType", "contained", "structure", "import", "const", "group", "meta",
        "text", "extension", "modifierExtension"}) {
      other = other || name == known;
    }
    if (!other) AppendMetadata(name, value, 0, map.metadata);
  }
  for (const JsonValue& contained : resource["contained"].items()) {
    map.contained.push_back({std::string(contained.StringAt("id")), contained});
  }
  HEYI_CHECK(ReadList(resource, "StructureMap", "structure", map.structures, ReadStructure));
  for (const JsonValue& import : resource["import"].items()) map.imports.push_back(import.text());
  ReadConstants(resource, map.constants);
  HEYI_CHECK(ReadList(resource, "StructureMap", "group", map.groups, ReadGroup));
  if (map.groups.empty()) return BrokenMap("StructureMap", "group");
  return map;
}

Result<Map> ReadStructureMap(const fhir::Tree& resource) {
  HEYI_TRY(json, base::ParseJson(fhir::WriteJson(resource)));
  return ReadStructureMap(json);
}

}  // namespace heyi::mapping
