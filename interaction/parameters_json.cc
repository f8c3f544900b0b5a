#include "interaction/parameters_json.h"

namespace heyi::interaction {

using base::JsonValue;

JsonValue Parameter(std::string_view name, std::string_view value_name, JsonValue value) {
  JsonValue parameter = JsonValue::Object();
  parameter.Set("name", JsonValue::OfString(name));
  parameter.Set(value_name, std::move(value));
  return parameter;
}

JsonValue TextParameter(std::string_view name, std::string_view value_name, std::string_view text) {
  return Parameter(name, value_name, JsonValue::OfString(text));
}

JsonValue ResourceParameter(std::string_view name, JsonValue resource) { return Parameter(name, "resource", std::move(resource)); }

JsonValue PartsParameter(std::string_view name, std::vector<JsonValue> parts) {
  JsonValue list = JsonValue::Array();
  list.items() = std::move(parts);
  return Parameter(name, "part", std::move(list));
}

JsonValue ParametersOf(std::vector<JsonValue> parameters) {
  JsonValue resource = JsonValue::Object();
  resource.Set("resourceType", JsonValue::OfString("Parameters"));
  JsonValue list = JsonValue::Array();
  list.items() = std::move(parameters);
  if (!list.items().empty()) resource.Set("parameter", std::move(list));
  return resource;
}

}  // namespace heyi::interaction
