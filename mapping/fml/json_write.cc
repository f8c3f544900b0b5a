#include "fhir/json/parse.h"
#include "mapping/fml/expression.h"
#include "mapping/fml/json.h"
#include "mapping/fml/json_names.h"

namespace heyi::mapping {
namespace {

using base::JsonValue;
using Map = StructureMap;
using Parameter = StructureMap::Parameter;

void SetText(JsonValue& object, std::string_view name, std::string_view text) {
  if (!text.empty()) object.Set(name, JsonValue::OfString(text));
}

void SetList(JsonValue& object, std::string_view name, JsonValue list) {
  if (!list.items().empty()) object.Set(name, std::move(list));
}

// What stands beside a value that an expression gives.
JsonValue ByExpression(std::string_view text) {
  JsonValue expression = JsonValue::Object();
  expression.Set("language", JsonValue::OfString("text/fhirpath"));
  expression.Set("expression", JsonValue::OfString(text));
  JsonValue extension = JsonValue::Object();
  extension.Set("url", JsonValue::OfString(kExpressionExtension));
  extension.Set("valueExpression", std::move(expression));
  JsonValue list = JsonValue::Array();
  list.Append(std::move(extension));
  JsonValue beside = JsonValue::Object();
  beside.Set("extension", std::move(list));
  return beside;
}

// A literal under the name of its type; false where R4 has none for it.
bool SetLiteral(JsonValue& object, std::string_view prefix, const Parameter& parameter) {
  const auto name = [&](std::string_view type) { return std::string(prefix) + std::string(type); };
  if (parameter.text.find_first_not_of(" \t\r\n") == std::string::npos) return false;  // FHIR has no blank strings
  switch (parameter.kind) {
    case Parameter::Kind::kString: object.Set(name("String"), JsonValue::OfString(parameter.text)); return true;
    case Parameter::Kind::kBoolean: object.Set(name("Boolean"), JsonValue::OfBool(parameter.text == "true"));
        return true;
    case Parameter::Kind::kInteger: object.Set(name("Integer"), JsonValue::OfNumber(parameter.text)); return true;
    case Parameter::Kind::kDecimal: object.Set(name("Decimal"), JsonValue::OfNumber(parameter.text)); return true;
    default: return false;
  }
}

JsonValue WriteParameter(const Parameter& parameter, bool is_expression) {
  JsonValue json = JsonValue::Object();
  if (parameter.kind == Parameter::Kind::kId) {
    json.Set("valueId", JsonValue::OfString(parameter.text));
  } else if (is_expression) {
    json.Set("valueString", JsonValue::OfString(parameter.text));
  } else if (!SetLiteral(json, "value", parameter)) {
    json.Set("_valueString", ByExpression(ParameterText(parameter)));
  }
  return json;
}

JsonValue WriteSource(const Map::Source& source) {
  JsonValue json = JsonValue::Object();
  SetText(json, "context", source.context);
  if (source.min) json.Set("min", JsonValue::OfInteger(*source.min));
  SetText(json, "max", source.max);
  SetText(json, "type", source.type);
  if (!source.default_value.empty()) {
    const Parameter value = ParameterOfText(source.default_value);
    if (!SetLiteral(json, "defaultValue", value)) json.Set("_defaultValueString", ByExpression(source.default_value));
  }
  SetText(json, "element", source.element);
  if (source.list_mode) SetText(json, "listMode", WordOf(*source.list_mode));
  SetText(json, "variable", source.variable);
  SetText(json, "condition", source.condition);
  SetText(json, "check", source.check);
  SetText(json, "logMessage", source.log_message);
  return json;
}

JsonValue WriteTarget(const Map::Target& target) {
  JsonValue json = JsonValue::Object();
  SetText(json, "context", target.context);
  if (!target.context.empty()) SetText(json, "contextType", "variable");
  SetText(json, "element", target.element);
  SetText(json, "variable", target.variable);
  JsonValue modes = JsonValue::Array();
  for (const Map::TargetListMode mode : target.list_modes) {
    // R5's `single` is R4's `collate`.
    modes.Append(JsonValue::OfString(mode == Map::TargetListMode::kSingle ? "collate" : WordOf(mode)));
  }
  SetList(json, "listMode", std::move(modes));
  SetText(json, "listRuleId", target.list_rule_id);
  SetText(json, "transform", target.transform);
  JsonValue parameters = JsonValue::Array();
  for (size_t i = 0; i < target.parameters.size(); ++i) {
    const bool is_expression = target.transform == "evaluate" && i + 1 == target.parameters.size();
    parameters.Append(WriteParameter(target.parameters[i], is_expression));
  }
  SetList(json, "parameter", std::move(parameters));
  return json;
}

JsonValue WriteDependent(const Map::Dependent& dependent) {
  JsonValue json = JsonValue::Object();
  SetText(json, "name", dependent.name);
  JsonValue variables = JsonValue::Array();
  JsonValue beside = JsonValue::Array();
  bool any_beside = false;
  for (const Parameter& parameter : dependent.parameters) {
    const bool name = parameter.kind == Parameter::Kind::kId;
    variables.Append(name ? JsonValue::OfString(parameter.text) : JsonValue());
    beside.Append(name ? JsonValue() : ByExpression(ParameterText(parameter)));
    any_beside = any_beside || !name;
  }
  SetList(json, "variable", std::move(variables));
  if (any_beside) SetList(json, "_variable", std::move(beside));
  return json;
}

JsonValue WriteRule(const Map::Rule& rule, const std::string& number) {
  JsonValue json = JsonValue::Object();
  SetText(json, "name", rule.name.empty() ? "r" + number : rule.name);
  JsonValue sources = JsonValue::Array();
  for (const Map::Source& source : rule.sources) sources.Append(WriteSource(source));
  SetList(json, "source", std::move(sources));
  JsonValue targets = JsonValue::Array();
  for (const Map::Target& target : rule.targets) targets.Append(WriteTarget(target));
  SetList(json, "target", std::move(targets));
  JsonValue rules = JsonValue::Array();
  for (size_t i = 0; i < rule.rules.size(); ++i) {
    rules.Append(WriteRule(rule.rules[i], number + "." + std::to_string(i + 1)));
  }
  SetList(json, "rule", std::move(rules));
  JsonValue dependents = JsonValue::Array();
  for (const Map::Dependent& dependent : rule.dependents) dependents.Append(WriteDependent(dependent));
  SetList(json, "dependent", std::move(dependents));
  SetText(json, "documentation", rule.documentation);
  return json;
}

JsonValue WriteGroup(const Map::Group& group) {
  JsonValue json = JsonValue::Object();
  SetText(json, "name", group.name);
  SetText(json, "extends", group.extends);
  SetText(json, "typeMode", WordOf(group.type_mode));
  SetText(json, "documentation", group.documentation);
  JsonValue inputs = JsonValue::Array();
  for (const Map::Input& input : group.inputs) {
    JsonValue one = JsonValue::Object();
    SetText(one, "name", input.name);
    SetText(one, "type", input.type);
    SetText(one, "mode", WordOf(input.mode));
    SetText(one, "documentation", input.documentation);
    inputs.Append(std::move(one));
  }
  SetList(json, "input", std::move(inputs));
  JsonValue rules = JsonValue::Array();
  for (size_t i = 0; i < group.rules.size(); ++i) rules.Append(WriteRule(group.rules[i], std::to_string(i + 1)));
  SetList(json, "rule", std::move(rules));
  return json;
}

// Puts a value of the head where its path says; elements that repeat take it into their last item.
void SetMetadata(JsonValue& root, const Map::Metadata& item, const fhir::Type* type) {
  using Kind = Map::Metadata::Kind;
  JsonValue value = item.kind == Kind::kNone      ? JsonValue::Object()
                    : item.kind == Kind::kBoolean ? JsonValue::OfBool(item.value == "true")
                    : item.kind == Kind::kNumber  ? JsonValue::OfNumber(item.value)
                                                  : JsonValue::OfString(item.value);
  JsonValue* at = &root;
  const std::vector<std::string> steps = ElementSteps(item.path);
  for (size_t i = 0; i < steps.size(); ++i) {
    const fhir::Property* property = type == nullptr ? nullptr : type->Find(steps[i]);
    const bool list = property != nullptr && property->element->list;
    type = property == nullptr ? nullptr : property->type;
    JsonValue* member = at->Find(steps[i]);
    const bool last = i + 1 == steps.size();
    if (last && !list) return at->Set(steps[i], std::move(value));
    if (member == nullptr) {
      at->Set(steps[i], list ? JsonValue::Array() : JsonValue::Object());
      member = at->Find(steps[i]);
    }
    if (last) return member->Append(std::move(value));
    if (list && member->items().empty()) member->Append(JsonValue::Object());
    at = list ? &member->items().back() : member;
  }
}

JsonValue WriteConstant(const Map::Constant& constant) {
  const auto part = [](std::string_view url, std::string_view type, std::string_view text) {
    JsonValue json = JsonValue::Object();
    json.Set("url", JsonValue::OfString(url));
    json.Set(type, JsonValue::OfString(text));
    return json;
  };
  JsonValue parts = JsonValue::Array();
  parts.Append(part("name", "valueId", constant.name));
  parts.Append(part("value", "valueString", constant.expression));
  JsonValue extension = JsonValue::Object();
  extension.Set("url", JsonValue::OfString(kConstantExtension));
  extension.Set("extension", std::move(parts));
  return extension;
}

}  // namespace

JsonValue WriteStructureMap(const Map& map, const fhir::Definitions& definitions) {
  JsonValue json = JsonValue::Object();
  SetText(json, "resourceType", "StructureMap");
  JsonValue contained = JsonValue::Array();
  for (const Map::ContainedMap& one : map.contained) contained.Append(one.json);
  SetList(json, "contained", std::move(contained));
  JsonValue extensions = JsonValue::Array();
  for (const Map::Constant& constant : map.constants) extensions.Append(WriteConstant(constant));
  SetList(json, "extension", std::move(extensions));
  SetText(json, "url", map.url);
  SetText(json, "version", map.version);
  SetText(json, "name", map.name);
  SetText(json, "title", map.title);
  SetText(json, "status", map.status.empty() ? "draft" : map.status);
  SetText(json, "description", map.description);
  const fhir::Type* type = definitions.FindResource("StructureMap");
  for (const Map::Metadata& item : map.metadata) SetMetadata(json, item, type);
  JsonValue structures = JsonValue::Array();
  for (const Map::Structure& structure : map.structures) {
    JsonValue one = JsonValue::Object();
    SetText(one, "url", structure.url);
    SetText(one, "mode", WordOf(structure.mode));
    SetText(one, "alias", structure.alias);
    SetText(one, "documentation", structure.documentation);
    structures.Append(std::move(one));
  }
  SetList(json, "structure", std::move(structures));
  JsonValue imports = JsonValue::Array();
  for (const std::string& import : map.imports) imports.Append(JsonValue::OfString(import));
  SetList(json, "import", std::move(imports));
  JsonValue groups = JsonValue::Array();
  for (const Map::Group& group : map.groups) groups.Append(WriteGroup(group));
  SetList(json, "group", std::move(groups));
  return json;
}

base::Result<fhir::Tree> StructureMapTree(const Map& map, const fhir::Definitions& definitions) {
  return fhir::ParseResource(base::WriteJson(WriteStructureMap(map, definitions)), definitions);
}

}  // namespace heyi::mapping
