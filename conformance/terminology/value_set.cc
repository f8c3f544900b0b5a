#include "conformance/terminology/value_set.h"

#include "conformance/terminology/code_system.h"

#include <fmt/format.h>

#include "conformance/limits.h"
#include "conformance/terminology/issues.h"

namespace heyi::conformance {
namespace {

using base::JsonValue;

constexpr std::string_view kEchoed[] = {"valueset-deprecated", "valueset-concept-definition", "structuredefinition-standards-status", "rendering-style",
                                        "rendering-xhtml"};

std::string_view ValueText(const JsonValue& extension) {
  for (const JsonValue::Member& member : extension.members()) {
    if (member.first.starts_with("value")) return member.second.text();
  }
  return {};
}

ExpandedDesignation DesignationOf(const JsonValue& item) {
  ExpandedDesignation designation;
  designation.language = item.StringAt("language");
  designation.value = item.StringAt("value");
  designation.use_system = item["use"].StringAt("system");
  designation.use_code = item["use"].StringAt("code");
  designation.use_display = item["use"].StringAt("display");
  JsonValue extensions = JsonValue::Array();
  for (const JsonValue& extension : item["extension"].items()) {
    if (ExtensionName(extension) == "coding-sctdescid" || ExtensionName(extension) == "structuredefinition-standards-status") extensions.Append(extension);
  }
  if (!extensions.items().empty()) designation.extensions = base::WriteJson(extensions);
  return designation;
}

ValueSetDefinition::Listed ListedOf(const JsonValue& item) {
  ValueSetDefinition::Listed listed;
  listed.code = item.StringAt("code");
  listed.display = item.StringAt("display");
  for (const JsonValue& designation : item["designation"].items()) listed.designations.push_back(DesignationOf(designation));
  for (const JsonValue& extension : item["extension"].items()) {
    const std::string_view name = ExtensionName(extension);
    const std::string value(ValueText(extension));
    if (name == "valueset-conceptOrder") listed.properties.push_back({"order", PropertyType::kDecimal, value, {}, {}});
    if (name == "valueset-label") listed.properties.push_back({"label", PropertyType::kString, value, {}, {}});
    if (name == "itemWeight" || name == "ordinalValue") listed.properties.push_back({"weight", PropertyType::kDecimal, value, {}, {}});
    if ((name == "valueset-deprecated" && value == "true") || (name == "structuredefinition-standards-status" && value == "deprecated")) {
      listed.deprecated = true;
    }
    for (std::string_view echoed : kEchoed) {
      if (name == echoed) listed.extensions.push_back(base::WriteJson(extension));
    }
  }
  return listed;
}

class ComposeReader {
 public:
  explicit ComposeReader(ValueSetDefinition& out) : out_(out) {}

  // Empty where all was well.
  std::optional<TxFailure> Read() {
    const JsonValue& resource = *out_.resource;
    const JsonValue& compose = resource["compose"];
    if (!compose.is_object()) return ReadExpansion(resource["expansion"]);
    if (const JsonValue* inactive = compose.Find("inactive")) out_.without_inactive = inactive->text() == "false";
    for (const JsonValue& extension : compose["extension"].items()) ReadParameter(extension);
    if (auto failure = ReadIncludes(compose["include"], "include", out_.include)) return failure;
    return ReadIncludes(compose["exclude"], "exclude", out_.exclude);
  }

 private:
  TxFailure TooCostly() const { return issues::TooCostly(out_.Canonical(), kListedCodesMax); }

  void ReadParameter(const JsonValue& extension) {
    if (ExtensionName(extension) != "valueset-expansion-parameter") return;
    std::string_view name, value;
    for (const JsonValue& part : extension["extension"].items()) {
      if (part.StringAt("url") == "name") name = ValueText(part);
      if (part.StringAt("url") == "value") value = ValueText(part);
    }
    if (name == "displayLanguage") out_.display_language = value;
    if (name == "versionsMatch") out_.versions_match = value == "true";
  }

  std::optional<TxFailure> ReadIncludes(const JsonValue& list, std::string_view name, std::vector<ValueSetDefinition::Include>& out) {
    if (list.items().size() > kIncludesMax) return TooCostly();
    for (size_t i = 0; i < list.items().size(); ++i) {
      const JsonValue& item = list.items()[i];
      ValueSetDefinition::Include include;
      include.system = item.StringAt("system");
      include.version = item.StringAt("version");
      include.place = fmt::format("ValueSet.compose.{}[{}]", name, i);
      if (item["filter"].items().size() > kFiltersMax) return TooCostly();
      for (const JsonValue& filter : item["filter"].items()) {
        const JsonValue* value = filter.Find("value");
        include.filters.push_back({std::string(filter.StringAt("property")), std::string(filter.StringAt("op")), std::string(filter.StringAt("value")),
                                   value != nullptr && !value->text().empty()});
      }
      listed_ += item["concept"].items().size();
      if (listed_ > kListedCodesMax || item["valueSet"].items().size() > kIncludesMax) return TooCostly();
      for (const JsonValue& concept_ : item["concept"].items()) include.listed.push_back(ListedOf(concept_));
      for (const JsonValue& value_set : item["valueSet"].items()) include.value_sets.push_back(value_set.text());
      out.push_back(std::move(include));
    }
    return std::nullopt;
  }

  // Some value sets are published as their expansion only: then it is a list of codes.
  std::optional<TxFailure> ReadExpansion(const JsonValue& expansion) {
    std::map<std::pair<std::string, std::string>, size_t> by_system;
    std::vector<const JsonValue*> open{&expansion["contains"]};
    while (!open.empty()) {
      const JsonValue* list = open.back();
      open.pop_back();
      for (const JsonValue& item : list->items()) {
        if (++listed_ > kListedCodesMax) return TooCostly();
        if (const JsonValue* below = item.Find("contains")) open.push_back(below);
        if (item.StringAt("code").empty() || item["abstract"].is_true()) continue;
        const std::pair<std::string, std::string> key{item.StringAt("system"), item.StringAt("version")};
        const auto [at, fresh] = by_system.emplace(key, out_.include.size());
        if (fresh) {
          if (out_.include.size() >= kIncludesMax) return TooCostly();
          out_.include.push_back({key.first, key.second, {}, {}, {}, "ValueSet.expansion"});
        }
        out_.include[at->second].listed.push_back(ListedOf(item));
      }
    }
    return std::nullopt;
  }

  ValueSetDefinition& out_;
  size_t listed_ = 0;
};

}  // namespace

TxAnswer<std::shared_ptr<const ValueSetDefinition>> ValueSetDefinition::Of(std::shared_ptr<const JsonValue> resource) {
  auto definition = std::make_shared<ValueSetDefinition>();
  definition->resource = std::move(resource);
  const JsonValue& json = *definition->resource;
  definition->url = json.StringAt("url");
  definition->version = json.StringAt("version");
  definition->standing = Standing::Of(json);
  definition->display_language = json.StringAt("language");  // unless an expansion parameter says another
  for (const JsonValue& extension : json["extension"].items()) {
    if (ExtensionName(extension) == "valueset-supplement") definition->supplements.emplace_back(ValueText(extension));
  }
  for (const JsonValue& contained : json["contained"].items()) {
    if (contained.StringAt("resourceType") == "ValueSet") definition->contained["#" + std::string(contained.StringAt("id"))] = &contained;
  }
  if (auto failure = ComposeReader(*definition).Read()) return *std::move(failure);
  return std::shared_ptr<const ValueSetDefinition>(std::move(definition));
}

}  // namespace heyi::conformance
