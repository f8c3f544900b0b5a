// SearchParameter and CompartmentDefinition resources. https://hl7.org/fhir/R4/searchparameter-registry.html
#include <algorithm>

#include "tools/make_pack/package.h"

namespace heyi::tools {
namespace {

using base::JsonValue;

std::vector<std::string> Texts(const JsonValue& list) {
  std::vector<std::string> texts;
  for (const JsonValue& item : list.items()) texts.push_back(item.text());
  return texts;
}

// The registry's parameters carry the version of FHIR itself and name a work group. Its examples are of another version,
// and the parameters of extension packs (patient-extensions-…, observation-genetic-…) name no publisher.
bool IsBase(const Package& package, const JsonValue& parameter) {
  return parameter.StringAt("url").starts_with("http://hl7.org/fhir/SearchParameter/") &&
         parameter.StringAt("version") == package.fhir_version &&
         !parameter.StringAt("publisher").empty();
}

fhir::SearchParameterDefinition Make(const JsonValue& resource) {
  fhir::SearchParameterDefinition made;
  made.code = resource.StringAt("code");
  made.url = resource.StringAt("url");
  made.type = resource.StringAt("type");
  made.bases = Texts(resource["base"]);
  made.expression = resource.StringAt("expression");
  made.targets = Texts(resource["target"]);
  for (const JsonValue& component : resource["component"].items()) {
    made.components.push_back(
        {std::string(component.StringAt("definition")), std::string(component.StringAt("expression"))});
  }
  return made;
}

}  // namespace

base::Result<base::Done> AddSearch(const Package& package, fhir::PackContent& content) {
  for (const std::string& file : package.FilesOf("SearchParameter")) {
    HEYI_TRY(parameter, ReadResource(package, file));
    if (IsBase(package, parameter)) content.search_parameters.push_back(Make(parameter));
  }
  std::sort(content.search_parameters.begin(), content.search_parameters.end(),
            [](const auto& a, const auto& b) { return a.url < b.url; });

  for (const std::string& file : package.FilesOf("CompartmentDefinition")) {
    HEYI_TRY(compartment, ReadResource(package, file));
    if (file.find("-example") != std::string::npos) continue;
    auto& members = content.compartments[std::string(compartment.StringAt("code"))];
    for (const JsonValue& resource : compartment["resource"].items()) {
      std::vector<std::string> parameters = Texts(resource["param"]);
      if (!parameters.empty()) members[std::string(resource.StringAt("code"))] = std::move(parameters);
    }
  }
  return base::Done{};
}

}  // namespace heyi::tools
