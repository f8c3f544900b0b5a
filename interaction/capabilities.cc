// The CapabilityStatement, rendered from what is registered: routes, search parameters, operations.
// https://hl7.org/fhir/R4/capabilitystatement.html
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/json/value.h"
#include "base/text.h"
#include "interaction/access.h"
#include "interaction/interactions.h"
#include "interaction/operations.h"
#include "interaction/patch.h"
#include "interaction/terminology/terminology.h"

namespace heyi::interaction {
namespace {

using base::JsonValue;

JsonValue Text(std::string_view text) { return JsonValue::OfString(text); }

// The implementation guides whose definitions are known here: ours, those of installed packages, those stored.
JsonValue Guides(const Services& services) {
  JsonValue guides = JsonValue::Array();
  if (services.validator == nullptr) return guides;
  for (const conformance::CanonicalName& guide : services.validator->profiles().source().Names("ImplementationGuide")) {
    guides.Append(Text(guide.version.empty() ? guide.url : guide.url + "|" + guide.version));
  }
  return guides;
}

JsonValue Coded(std::string_view code) {
  JsonValue value = JsonValue::Object();
  value.Set("code", Text(code));
  return value;
}

std::string_view SearchTypeName(fhir::SearchType type) {
  constexpr std::string_view kNames[] = {"token", "string", "date", "reference", "number", "quantity", "uri", "composite", "special"};
  return kNames[static_cast<size_t>(type)];
}

JsonValue OperationRow(const Operation& operation) {
  JsonValue row = JsonValue::Object();
  row.Set("name", Text(operation.name()));
  row.Set("definition", Text(operation.definition()));
  return row;
}

JsonValue TypeInteractions(bool audit_event) {
  JsonValue list = JsonValue::Array();
  std::set<std::string_view> told;
  for (const Route& route : Routes()) {
    const bool of_type = route.shape != Shape::kBase && route.shape != Shape::kMetadata && route.code != "search-compartment" &&
                         route.code != "search-system" && route.code != "history-system";
    if (!of_type || (audit_event && route.code != "read" && route.code != "search-type")) continue;
    if (told.insert(route.code).second) list.Append(Coded(route.code));
  }
  return list;
}

// What _include and _revinclude take: references by the type they are on, and by the types that they point to.
class Links {
 public:
  explicit Links(const Services& services) {
    for (const fhir::Type* source : services.definitions().resources()) {
      for (const fhir::SearchParameter* parameter : services.parameters->Of(*source)) {
        if (parameter->type != fhir::SearchType::kReference || !parameter->indexed()) continue;
        const std::string name = source->name + ":" + parameter->code;
        from_[source->name].push_back(name);
        for (const std::string& target : parameter->targets) to_[target].push_back(name);
        if (parameter->targets.empty()) to_any_.push_back(name);
      }
    }
  }

  JsonValue From(const std::string& type) const { return List(Of(from_, type)); }
  JsonValue To(const std::string& type) const {
    std::vector<std::string> names = Of(to_, type);
    names.insert(names.end(), to_any_.begin(), to_any_.end());
    return List(names);
  }

 private:
  using ByType = std::map<std::string, std::vector<std::string>>;

  static std::vector<std::string> Of(const ByType& all, const std::string& type) {
    const auto found = all.find(type);
    return found == all.end() ? std::vector<std::string>() : found->second;
  }
  static JsonValue List(const std::vector<std::string>& names) {
    JsonValue list = JsonValue::Array();
    list.Append(Text("*"));
    for (const std::string& name : names) list.Append(Text(name));
    return list;
  }

  ByType from_, to_;
  std::vector<std::string> to_any_;
};

// The topics that can be subscribed to, by the Subscriptions R5 Backport.
void AnnounceTopics(const Services& services, JsonValue& row) {
  constexpr std::string_view kBackport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
  JsonValue extensions = JsonValue::Array();
  for (const std::string& topic : services.subscription_topics) {
    JsonValue extension = JsonValue::Object();
    extension.Set("url", Text(std::string(kBackport) + "capabilitystatement-subscriptiontopic-canonical"));
    extension.Set("valueCanonical", Text(topic));
    extensions.Append(std::move(extension));
  }
  row.Set("extension", std::move(extensions));
  JsonValue profiles = JsonValue::Array();
  profiles.Append(Text(std::string(kBackport) + "backport-subscription"));
  row.Set("supportedProfile", std::move(profiles));
}

JsonValue ResourceRow(const Services& services, const Links& links, const fhir::Type& type) {
  const bool audit_event = type.name == "AuditEvent";
  JsonValue row = JsonValue::Object();
  if (type.name == "Subscription" && !services.subscription_topics.empty()) AnnounceTopics(services, row);
  row.Set("type", Text(type.name));
  row.Set("profile", Text("http://hl7.org/fhir/StructureDefinition/" + type.name));
  row.Set("interaction", TypeInteractions(audit_event));
  row.Set("versioning", Text(audit_event ? "no-version" : "versioned-update"));
  row.Set("readHistory", JsonValue::OfBool(!audit_event));
  row.Set("updateCreate", JsonValue::OfBool(!audit_event));
  row.Set("conditionalCreate", JsonValue::OfBool(!audit_event));
  row.Set("conditionalRead", Text("not-match"));
  row.Set("conditionalUpdate", JsonValue::OfBool(!audit_event));
  row.Set("conditionalDelete", Text(audit_event ? "not-supported" : "single"));
  if (!audit_event) {
    row.Set("searchInclude", links.From(type.name));
    row.Set("searchRevInclude", links.To(type.name));
  }
  JsonValue parameters = JsonValue::Array();
  for (const fhir::SearchParameter* parameter : services.parameters->Of(type)) {
    if (!parameter->indexed()) continue;
    if (audit_event && parameter->code != "patient" && parameter->code != "agent" && parameter->code != "date") continue;
    JsonValue item = JsonValue::Object();
    item.Set("name", Text(parameter->code));
    if (!parameter->url.empty()) item.Set("definition", Text(parameter->url));
    item.Set("type", Text(SearchTypeName(parameter->type)));
    parameters.Append(std::move(item));
  }
  if (!parameters.items().empty()) row.Set("searchParam", std::move(parameters));
  JsonValue operations = JsonValue::Array();
  for (const auto& operation : services.operations.all()) {
    if (operation->type() == type.name) operations.Append(OperationRow(*operation));
  }
  if (!operations.items().empty()) row.Set("operation", std::move(operations));
  return row;
}

}  // namespace

base::Result<Step> Capabilities(Call& call) {
  const auto mode = std::find_if(call.request.query.begin(), call.request.query.end(), [](const auto& one) { return one.first == "mode"; });
  if (mode != call.request.query.end() && mode->second == "terminology") {
    Response response;
    response.body = TerminologyCapabilitiesJson(call.services);
    response.leaf = StartLeaf(call.context, call.request, "capabilities", audit::Action::kRead);
    return Step(std::move(response));
  }
  JsonValue statement = JsonValue::Object();
  statement.Set("resourceType", Text("CapabilityStatement"));
  statement.Set("url", Text(call.services.base_url + "/metadata"));
  statement.Set("version", Text(HEYI_VERSION));
  statement.Set("name", Text("Heyi"));
  statement.Set("title", Text("Heyi (和颐): FHIR server and exchange hub"));
  statement.Set("status", Text("active"));
  statement.Set("date", Text("2026-11-24"));
  statement.Set("publisher", Text("Heyi (和颐)"));
  statement.Set("kind", Text("instance"));
  JsonValue instantiates = JsonValue::Array();
  if (call.services.terminology != nullptr) instantiates.Append(Text("http://hl7.org/fhir/CapabilityStatement/terminology-server"));
  if (!call.services.subscription_topics.empty()) {
    instantiates.Append(Text("http://hl7.org/fhir/uv/subscriptions-backport/CapabilityStatement/backport-subscription-server-r4"));
  }
  if (!instantiates.items().empty()) statement.Set("instantiates", std::move(instantiates));
  JsonValue software = JsonValue::Object();
  software.Set("name", Text("Heyi"));
  software.Set("version", Text(HEYI_VERSION));
  statement.Set("software", std::move(software));
  JsonValue implementation = JsonValue::Object();
  implementation.Set("description", Text("Heyi: FHIR server and exchange hub for integrated medical and elder care"));
  implementation.Set("url", Text(call.services.base_url));
  statement.Set("implementation", std::move(implementation));
  statement.Set("fhirVersion", Text("4.0.1"));
  JsonValue formats = JsonValue::Array();
  for (const char* format : {"application/fhir+json", "application/fhir+xml", "json", "xml"}) formats.Append(Text(format));
  statement.Set("format", std::move(formats));
  JsonValue patch_formats = JsonValue::Array();
  for (std::string_view format : PatchFormats()) patch_formats.Append(Text(format));
  statement.Set("patchFormat", std::move(patch_formats));
  if (JsonValue guides = Guides(call.services); !guides.items().empty()) statement.Set("implementationGuide", std::move(guides));

  JsonValue rest = JsonValue::Object();
  rest.Set("mode", Text("server"));
  JsonValue security = JsonValue::Object();
  security.Set("cors", JsonValue::OfBool(false));
  security.Set("description", Text("Bearer tokens; anonymous: /metadata, /.well-known/*, /health/live"));
  rest.Set("security", std::move(security));
  JsonValue resources = JsonValue::Array();
  const Links links(call.services);
  for (const fhir::Type* type : call.services.definitions().resources()) resources.Append(ResourceRow(call.services, links, *type));
  rest.Set("resource", std::move(resources));
  JsonValue system = JsonValue::Array();
  system.Append(Coded("transaction"));
  system.Append(Coded("batch"));
  system.Append(Coded("history-system"));
  system.Append(Coded("search-system"));
  rest.Set("interaction", std::move(system));
  JsonValue operations = JsonValue::Array();
  for (const auto& operation : call.services.operations.all()) {
    if (operation->type().empty()) operations.Append(OperationRow(*operation));
  }
  if (!operations.items().empty()) rest.Set("operation", std::move(operations));
  JsonValue compartments = JsonValue::Array();
  for (const fhir::Compartment& compartment : call.services.definitions().compartments()) {
    compartments.Append(Text("http://hl7.org/fhir/CompartmentDefinition/" + base::AsciiLower(compartment.code)));
  }
  rest.Set("compartment", std::move(compartments));
  JsonValue rests = JsonValue::Array();
  rests.Append(std::move(rest));
  statement.Set("rest", std::move(rests));

  Response response;
  response.body = base::WriteJson(statement);
  response.leaf = StartLeaf(call.context, call.request, "capabilities", audit::Action::kRead);
  return Step(std::move(response));
}

}  // namespace heyi::interaction
