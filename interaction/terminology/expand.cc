// ValueSet/$expand. What R5 has properties for in an expansion comes as R5's extensions for R4.
// https://hl7.org/fhir/R4/valueset-operation-expand.html
#include "base/clock.h"
#include "base/ids.h"
#include "interaction/limits.h"
#include "interaction/terminology/tx_json.h"
#include "interaction/terminology/tx_operation.h"

namespace heyi::interaction {
namespace {

using base::JsonValue;
using conformance::ExpandedCode;

constexpr std::string_view kPropertyDefinition = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.property";
constexpr std::string_view kProperty = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property";
constexpr std::string_view kIdentity[] = {"url", "version", "name", "title", "status", "experimental"};

JsonValue Extension(std::string_view url, std::vector<JsonValue> parts) {
  JsonValue extension = JsonValue::Object();
  JsonValue list = JsonValue::Array();
  list.items() = std::move(parts);
  extension.Set("extension", std::move(list));
  extension.Set("url", JsonValue::OfString(url));
  return extension;
}

JsonValue Part(std::string_view url, std::string_view value_name, JsonValue value) {
  JsonValue part = JsonValue::Object();
  part.Set("url", JsonValue::OfString(url));
  part.Set(value_name, std::move(value));
  return part;
}

void SetText(JsonValue& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.Set(name, JsonValue::OfString(text));
}

JsonValue Parsed(const std::string& text) {
  auto json = base::ParseJson(text);
  return json.ok() ? *std::move(json) : JsonValue();
}

JsonValue DesignationJson(const conformance::ExpandedDesignation& designation) {
  JsonValue json = JsonValue::Object();
  if (!designation.extensions.empty()) json.Set("extension", Parsed(designation.extensions));
  SetText(json, "language", designation.language);
  if (!designation.use_code.empty()) json.Set("use", CodingJson({designation.use_system, {}, designation.use_code, designation.use_display}));
  SetText(json, "value", designation.value);
  return json;
}

JsonValue CodeJson(const ExpandedCode& code) {
  JsonValue json = JsonValue::Object();
  JsonValue extensions = JsonValue::Array();
  for (const std::string& extension : code.extensions) extensions.Append(Parsed(extension));
  for (const conformance::ExpandedProperty& property : code.properties) {
    auto [value_name, value] = PropertyValue(property);
    std::vector<JsonValue> parts;
    parts.push_back(Part("code", "valueCode", JsonValue::OfString(property.code)));
    parts.push_back(Part("value", value_name, std::move(value)));
    extensions.Append(Extension(kProperty, std::move(parts)));
  }
  if (!extensions.items().empty()) json.Set("extension", std::move(extensions));
  json.Set("system", JsonValue::OfString(code.system));
  if (code.abstract) json.Set("abstract", JsonValue::OfBool(true));
  if (code.inactive) json.Set("inactive", JsonValue::OfBool(true));
  SetText(json, "version", code.version);
  json.Set("code", JsonValue::OfString(code.code));
  SetText(json, "display", code.display);
  if (!code.designations.empty()) {
    JsonValue designations = JsonValue::Array();
    for (const conformance::ExpandedDesignation& designation : code.designations) designations.Append(DesignationJson(designation));
    json.Set("designation", std::move(designations));
  }
  return json;
}

// The codes from `next` on that are as deep as `depth`, with what is below them.
JsonValue Contains(const std::vector<ExpandedCode>& codes, size_t& next, uint32_t depth) {
  JsonValue list = JsonValue::Array();
  while (next < codes.size() && codes[next].depth >= depth) {
    JsonValue code = CodeJson(codes[next++]);
    if (next < codes.size() && codes[next].depth > depth) code.Set("contains", Contains(codes, next, depth + 1));
    list.Append(std::move(code));
  }
  return list;
}

class Expand : public TxOperation {
 public:
  Expand() : TxOperation("expand", "http://hl7.org/fhir/OperationDefinition/ValueSet-expand", "ValueSet", "valueSet", kTypeAndInstance) {}

 protected:
  base::Result<OperationAnswer> Answer(const Asked& asked) const override {
    const TxParameters& parameters = asked.parameters;
    for (const char* name : {"property", "designation"}) {
      if (parameters.Texts(name).size() > kTxPropertiesMax) return base::Error(base::ErrorKind::kTooLarge, "terminology.too-many", name, name);
    }
    if (parameters.Text("filter").size() > kTxTextBytesMax) return base::Error(base::ErrorKind::kTooLarge, "terminology.too-many", "filter", "filter");
    conformance::ExpandRequest request;
    request.value_set = ValueSetOf(parameters, asked.instance);
    request.filter = parameters.Text("filter");
    HEYI_TRY(offset, parameters.Count("offset"));
    HEYI_TRY(count, parameters.Count("count"));
    request.offset = offset;
    request.count = count;
    request.active_only = parameters.Flag("activeOnly", false);
    request.exclude_nested = parameters.Flag("excludeNested", false);
    request.include_designations = parameters.Flag("includeDesignations", false);
    request.designations = parameters.Texts("designation");
    request.properties = parameters.Texts("property");
    request.languages = parameters.Languages();
    request.versions = parameters.Versions();
    const auto answer = asked.terminology.Expand(request);
    if (!answer.ok()) return AnswerOf(*answer.failure);
    const conformance::Expansion& expansion = **answer.value;
    JsonValue value_set = Described(*expansion.definition, parameters.Flag("includeDefinition", false));
    value_set.Set("expansion", ExpansionJson(expansion, parameters, asked.context));
    return AnswerOf(value_set);
  }

 private:
  static JsonValue Described(const JsonValue& definition, bool whole) {
    JsonValue json = JsonValue::Object();
    json.Set("resourceType", JsonValue::OfString("ValueSet"));
    if (whole) {
      for (const JsonValue::Member& member : definition.members()) {
        if (member.first != "resourceType" && member.first != "expansion" && member.first != "meta" && member.first != "text") {
          json.Set(member.first, member.second);
        }
      }
    } else {
      for (std::string_view name : kIdentity) {
        if (const JsonValue* value = definition.Find(name)) json.Set(name, *value);
      }
    }
    if (json.Find("status") == nullptr) json.Set("status", JsonValue::OfString("unknown"));
    return json;
  }

  static JsonValue ExpansionJson(const conformance::Expansion& expansion, const TxParameters& parameters, const base::Context& context) {
    JsonValue json = JsonValue::Object();
    JsonValue extensions = JsonValue::Array();
    for (const auto& [code, uri] : expansion.properties) {
      std::vector<JsonValue> parts;
      parts.push_back(Part("code", "valueCode", JsonValue::OfString(code)));
      if (!uri.empty()) parts.push_back(Part("uri", "valueUri", JsonValue::OfString(uri)));
      extensions.Append(Extension(kPropertyDefinition, std::move(parts)));
    }
    if (!extensions.items().empty()) json.Set("extension", std::move(extensions));
    const base::TimeMs now = context.clock.NowMs();
    json.Set("identifier", JsonValue::OfString("urn:uuid:" + base::UuidV7(now, context.random)));
    json.Set("timestamp", JsonValue::OfString(base::FormatInstant(now)));
    json.Set("total", JsonValue::OfInteger(static_cast<int64_t>(expansion.total)));
    if (parameters.Has("offset")) json.Set("offset", JsonValue::OfNumber(parameters.Text("offset")));
    JsonValue list = JsonValue::Array();
    for (const char* name : {"activeOnly", "excludeNested", "includeDesignations", "includeDefinition"}) {
      if (parameters.Has(name)) list.Append(Parameter(name, "valueBoolean", JsonValue::OfBool(parameters.Flag(name, false))));
    }
    for (const char* name : {"count", "offset"}) {
      if (parameters.Has(name)) list.Append(Parameter(name, "valueInteger", JsonValue::OfNumber(parameters.Text(name))));
    }
    if (parameters.Has("filter")) list.Append(TextParameter("filter", "valueString", parameters.Text("filter")));
    if (!expansion.display_language.empty()) list.Append(TextParameter("displayLanguage", "valueCode", expansion.display_language));
    for (const auto& [name, canonical] : expansion.rules) list.Append(TextParameter(name, "valueUri", canonical));
    if (expansion.versions_match) list.Append(Parameter("versionsMatch", "valueBoolean", JsonValue::OfBool(*expansion.versions_match)));
    for (const auto& [name, canonical] : expansion.used) list.Append(TextParameter(name, "valueUri", canonical));
    if (!list.items().empty()) json.Set("parameter", std::move(list));
    size_t next = 0;
    JsonValue contains = Contains(expansion.codes, next, 0);
    if (!contains.items().empty()) json.Set("contains", std::move(contains));
    return json;
  }
};

}  // namespace

std::unique_ptr<Operation> MakeExpand() { return std::make_unique<Expand>(); }

}  // namespace heyi::interaction
