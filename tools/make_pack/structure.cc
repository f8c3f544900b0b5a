// StructureDefinition snapshots -> types. https://hl7.org/fhir/R4/structuredefinition.html
#include <algorithm>
#include <charconv>
#include <set>

#include "tools/make_pack/package.h"

namespace heyi::tools {
namespace {

using base::JsonValue;
using fhir::JsonKind;
using fhir::PackContent;
using fhir::PackElement;
using fhir::PackType;
using fhir::Type;

constexpr std::string_view kStructureUrl = "http://hl7.org/fhir/StructureDefinition/";
constexpr std::string_view kFhirTypeUrl = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";

std::string TypeNameOf(std::string_view url) {
  return std::string(url.starts_with(kStructureUrl) ? url.substr(kStructureUrl.size()) : url);
}

bool IsSystemType(std::string_view name) { return name.starts_with("http://hl7.org/fhirpath/System."); }

// `Resource.id` and the like have a System type; an extension says which FHIR type that stands for.
std::string TypeCode(const JsonValue& type) {
  for (const JsonValue& extension : type["extension"].items()) {
    if (extension.StringAt("url") != kFhirTypeUrl) continue;
    for (const std::string_view value : {"valueUrl", "valueUri", "valueString"}) {
      if (!extension.StringAt(value).empty()) return std::string(extension.StringAt(value));
    }
  }
  return std::string(type.StringAt("code"));
}

uint32_t ParseMax(std::string_view text) {
  uint32_t value = UINT32_MAX;
  if (text != "*") std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

JsonKind KindInJson(std::string_view primitive) {
  if (primitive == "boolean" || primitive.ends_with("System.Boolean")) return JsonKind::kBool;
  const bool number = primitive == "decimal" || primitive == "integer" || primitive == "positiveInt" ||
                      primitive == "unsignedInt" || primitive.ends_with("System.Integer") ||
                      primitive.ends_with("System.Decimal");
  return number ? JsonKind::kNumber : JsonKind::kString;
}

std::vector<std::string> Targets(const JsonValue& element) {
  std::set<std::string> targets;
  for (const JsonValue& type : element["type"].items()) {
    const std::string_view code = type.StringAt("code");
    if (code != "Reference" && code != "canonical") continue;
    if (type["targetProfile"].items().empty()) return {};
    for (const JsonValue& profile : type["targetProfile"].items()) targets.insert(TypeNameOf(profile.text()));
  }
  if (targets.contains("Resource")) return {};
  return {targets.begin(), targets.end()};
}

// Those that this definition states itself; a snapshot repeats its base's with their source.
std::vector<fhir::Constraint> ConstraintsOf(const JsonValue& element, std::string_view definition) {
  std::vector<fhir::Constraint> constraints;
  for (const JsonValue& one : element["constraint"].items()) {
    const std::string_view key = one.StringAt("key");
    const std::string_view source = one.StringAt("source");
    const bool inherited = !source.empty() && source != definition;
    if (inherited || key == "ele-1" || key == "ext-1") continue;  // the two: the parser and conformance/structure
    constraints.push_back({std::string(key), one.StringAt("severity") != "warning", std::string(one.StringAt("human")),
                           std::string(one.StringAt("expression"))});
  }
  return constraints;
}

PackElement MakeElement(const JsonValue& element, std::string_view name, std::string_view definition, bool has_children) {
  PackElement made;
  made.choice = name.ends_with("[x]");
  made.name = made.choice ? name.substr(0, name.size() - 3) : name;
  made.list = element["base"].StringAt("max") != "1";
  made.summary = element["isSummary"].is_true();
  made.modifier = element["isModifier"].is_true();
  for (const JsonValue& form : element["representation"].items()) made.attribute = made.attribute || form.text() == "xmlAttr";
  made.min = static_cast<uint32_t>(ParseMax(element.StringAt("min")));
  made.max = ParseMax(element.StringAt("max"));
  const std::string_view reference = element.StringAt("contentReference");
  if (!reference.empty()) {
    made.types.emplace_back(reference.substr(reference.find('#') + 1));
  } else if (has_children) {
    made.types.emplace_back(element.StringAt("path"));
  } else {
    for (const JsonValue& type : element["type"].items()) {
      std::string code = TypeCode(type);
      if (std::find(made.types.begin(), made.types.end(), code) == made.types.end()) made.types.push_back(std::move(code));
    }
  }
  made.targets = Targets(element);
  made.binding.strength = element["binding"].StringAt("strength");
  made.binding.value_set = element["binding"].StringAt("valueSet");
  if (!element.StringAt("maxLength").empty()) made.max_length = ParseMax(element.StringAt("maxLength"));
  made.constraints = ConstraintsOf(element, definition);
  return made;
}

Type::Kind KindOf(const JsonValue& definition) {
  const std::string_view kind = definition.StringAt("kind");
  if (kind == "primitive-type") return Type::Kind::kPrimitive;
  if (kind == "complex-type") return Type::Kind::kComplex;
  return definition["abstract"].is_true() ? Type::Kind::kAbstractResource : Type::Kind::kResource;
}

void AddDefinition(const JsonValue& definition, const std::string& name, PackContent& content) {
  PackType& type = content.types[name];
  type.name = name;
  type.kind = KindOf(definition);
  type.json = type.kind == Type::Kind::kPrimitive ? KindInJson(name) : JsonKind::kString;
  type.base = TypeNameOf(definition.StringAt("baseDefinition"));

  std::set<std::string, std::less<>> parents;
  for (const JsonValue& element : definition["snapshot"]["element"].items()) {
    const std::string_view path = element.StringAt("path");
    if (const size_t dot = path.rfind('.'); dot != std::string_view::npos) parents.emplace(path.substr(0, dot));
  }
  for (const JsonValue& element : definition["snapshot"]["element"].items()) {
    const std::string_view path = element.StringAt("path");
    const size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) type.constraints = ConstraintsOf(element, definition.StringAt("url"));
    if (dot == std::string_view::npos || !element.StringAt("sliceName").empty()) continue;
    const std::string_view member = path.substr(dot + 1);
    // A primitive's value is the JSON value itself, not a member of it.
    if (type.kind == Type::Kind::kPrimitive && member == "value") continue;
    const bool has_children = parents.contains(path);
    if (has_children) {
      PackType& backbone = content.types[std::string(path)];
      backbone.name = path;
      backbone.kind = Type::Kind::kBackbone;
      backbone.base = TypeCode(element["type"].items().empty() ? JsonValue() : element["type"].items()[0]);
    }
    // The root's path is the type's name, but for SimpleQuantity and its like, where it is "Quantity".
    const size_t first_dot = path.find('.');
    const std::string owner = first_dot == dot ? name : std::string(path.substr(0, dot));
    content.types[owner].elements.push_back(MakeElement(element, member, definition.StringAt("url"), has_children));
  }
}

// Quantity's profiles that R4 names as types.
bool IsNamedQuantity(std::string_view id) { return id == "SimpleQuantity" || id == "MoneyQuantity"; }

base::Result<base::Done> CheckTypesResolve(PackContent& content) {
  std::set<std::string> system;
  for (const auto& [name, type] : content.types) {
    std::vector<std::string> used{type.base};
    for (const PackElement& element : type.elements) used.insert(used.end(), element.types.begin(), element.types.end());
    for (const std::string& wanted : used) {
      if (wanted.empty() || content.types.contains(wanted)) continue;
      if (!IsSystemType(wanted)) {
        return base::Error(base::ErrorKind::kInvalid, "fhir.pack", {}, name + " uses the unknown type " + wanted);
      }
      system.insert(wanted);
    }
  }
  for (const char* name : {"Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time"}) {
    system.insert(std::string("http://hl7.org/fhirpath/System.") + name);
  }
  for (const std::string& name : system) {
    PackType& type = content.types[name];
    type.name = name;
    type.kind = Type::Kind::kPrimitive;
    type.json = KindInJson(name);
  }
  return base::Done{};
}

}  // namespace

base::Result<base::Done> AddTypes(const Package& package, PackContent& content) {
  for (const std::string& file : package.FilesOf("StructureDefinition")) {
    HEYI_TRY(definition, ReadResource(package, file));
    const std::string id(definition.StringAt("id"));
    const bool specialization = definition.StringAt("derivation") != "constraint";
    if (definition.StringAt("kind") == "logical" || !(specialization || IsNamedQuantity(id))) continue;
    if (definition["snapshot"].is_null()) {
      return base::Error(base::ErrorKind::kInvalid, "fhir.pack", {}, file + " has no snapshot");
    }
    AddDefinition(definition, specialization ? std::string(definition.StringAt("type")) : id, content);
  }
  return CheckTypesResolve(content);
}

}  // namespace heyi::tools
