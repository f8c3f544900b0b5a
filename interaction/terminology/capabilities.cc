// TerminologyCapabilities: the code systems that are here and what $expand takes.
// https://hl7.org/fhir/R4/terminologycapabilities.html
#include "base/json/value.h"
#include "conformance/terminology/terminology.h"
#include "interaction/terminology/terminology.h"

namespace heyi::interaction {
namespace {

using base::JsonValue;

constexpr std::string_view kExpandParameters[] = {
    "activeOnly", "check-system-version", "count", "default-valueset-version", "designation", "displayLanguage", "excludeNested", "filter",
    "force-system-version", "includeDefinition", "includeDesignations", "offset", "property", "system-version", "tx-resource", "useSupplement",
};

JsonValue TextOf(std::string_view text) { return JsonValue::OfString(text); }

}  // namespace

std::string TerminologyCapabilitiesJson(const Services& services) {
  JsonValue json = JsonValue::Object();
  json.Set("resourceType", TextOf("TerminologyCapabilities"));
  json.Set("url", TextOf(services.base_url + "/metadata?mode=terminology"));
  json.Set("version", TextOf(HEYI_VERSION));
  json.Set("name", TextOf("HeyiTerminology"));
  json.Set("title", TextOf("Heyi (和颐): terminology service"));
  json.Set("status", TextOf("active"));
  json.Set("date", TextOf("2026-11-24"));
  json.Set("kind", TextOf("instance"));
  JsonValue software = JsonValue::Object();
  software.Set("name", TextOf("Heyi"));
  software.Set("version", TextOf(HEYI_VERSION));
  json.Set("software", std::move(software));
  JsonValue implementation = JsonValue::Object();
  implementation.Set("description", TextOf("Heyi: FHIR server and exchange hub for integrated medical and elder care"));
  implementation.Set("url", TextOf(services.base_url));
  json.Set("implementation", std::move(implementation));
  JsonValue systems = JsonValue::Array();
  if (services.terminology != nullptr) {
    for (const conformance::CanonicalName& name : services.terminology->source().Names("CodeSystem")) {
      if (!systems.items().empty() && systems.items().back().StringAt("uri") == name.url) {
        if (name.version.empty()) continue;
        JsonValue version = JsonValue::Object();
        version.Set("code", TextOf(name.version));
        JsonValue& last = systems.items().back();
        if (last.Find("version") == nullptr) last.Set("version", JsonValue::Array());
        last.Find("version")->Append(std::move(version));
        continue;
      }
      JsonValue system = JsonValue::Object();
      system.Set("uri", TextOf(name.url));
      if (!name.version.empty()) {
        JsonValue version = JsonValue::Object();
        version.Set("code", TextOf(name.version));
        version.Set("isDefault", JsonValue::OfBool(true));
        JsonValue versions = JsonValue::Array();
        versions.Append(std::move(version));
        system.Set("version", std::move(versions));
      }
      system.Set("subsumption", JsonValue::OfBool(true));
      systems.Append(std::move(system));
    }
  }
  if (!systems.items().empty()) json.Set("codeSystem", std::move(systems));
  JsonValue expansion = JsonValue::Object();
  expansion.Set("hierarchical", JsonValue::OfBool(true));
  expansion.Set("paging", JsonValue::OfBool(true));
  expansion.Set("incomplete", JsonValue::OfBool(false));
  JsonValue parameters = JsonValue::Array();
  for (std::string_view name : kExpandParameters) {
    JsonValue parameter = JsonValue::Object();
    parameter.Set("name", TextOf(name));
    parameters.Append(std::move(parameter));
  }
  expansion.Set("parameter", std::move(parameters));
  expansion.Set("textFilter", TextOf("Every word of the filter stands in the code or in one of its displays; case and accents do not count"));
  json.Set("expansion", std::move(expansion));
  json.Set("codeSearch", TextOf("in-compose"));
  JsonValue validate = JsonValue::Object();
  validate.Set("translations", JsonValue::OfBool(true));
  json.Set("validateCode", std::move(validate));
  JsonValue translation = JsonValue::Object();
  translation.Set("needsMap", JsonValue::OfBool(false));
  json.Set("translation", std::move(translation));
  return base::WriteJson(json);
}

}  // namespace heyi::interaction
