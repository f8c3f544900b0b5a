// HL7's tests for terminology servers: suites of resources, requests and templates of what must come back.
// A suite's resources are stored where R4 can hold them; the others (of R5) come along with each request as tx-resource,
// as a client would send them. https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/
#include <fmt/format.h>

#include "base/file.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "cli/corpora/template_match.h"
#include "cli/in_process.h"
#include "cli/scratch_directory.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::JsonValue;
using base::Result;

constexpr std::string_view kExpansionProperty = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.property";
constexpr std::string_view kContainsProperty = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property";

std::string_view AddressOf(std::string_view operation) {
  constexpr std::pair<std::string_view, std::string_view> kAddresses[] = {
      {"expand", "ValueSet/$expand"},           {"validate-code", "ValueSet/$validate-code"},
      {"cs-validate-code", "CodeSystem/$validate-code"}, {"lookup", "CodeSystem/$lookup"},
      {"translate", "ConceptMap/$translate"},   {"batch-validate", "ValueSet/$batch-validate-code"},
      {"subsumes", "CodeSystem/$subsumes"},
  };
  for (const auto& [name, address] : kAddresses) {
    if (name == operation) return address;
  }
  return {};
}

// The tests are written for R5: what R4 has extensions for are properties there.
void RaiseProperties(JsonValue& holder, std::string_view url) {
  JsonValue* extensions = holder.Find("extension");
  if (extensions == nullptr) return;
  JsonValue properties = JsonValue::Array(), others = JsonValue::Array();
  for (const JsonValue& extension : extensions->items()) {
    if (extension.StringAt("url") != url) {
      others.Append(extension);
      continue;
    }
    JsonValue property = JsonValue::Object();
    for (const JsonValue& part : extension["extension"].items()) {
      for (const auto& [name, value] : part.members()) {
        const bool flat = part.StringAt("url") == "code" || part.StringAt("url") == "uri";
        if (name.starts_with("value")) property.Set(flat ? part.StringAt("url") : std::string_view(name), value);
      }
    }
    properties.Append(std::move(property));
  }
  if (others.items().empty()) std::erase_if(holder.members(), [](const JsonValue::Member& member) { return member.first == "extension"; });
  else *holder.Find("extension") = std::move(others);
  if (!properties.items().empty()) holder.Set("property", std::move(properties));
}

void ToR5(JsonValue& value_set) {
  JsonValue* expansion = value_set.Find("expansion");
  if (expansion == nullptr) return;
  RaiseProperties(*expansion, kExpansionProperty);
  std::vector<JsonValue*> open;
  if (JsonValue* contains = expansion->Find("contains")) open.push_back(contains);
  while (!open.empty()) {
    JsonValue* list = open.back();
    open.pop_back();
    for (JsonValue& code : list->items()) {
      RaiseProperties(code, kContainsProperty);
      if (JsonValue* below = code.Find("contains")) open.push_back(below);
    }
  }
}

class TxSuite {
 public:
  TxSuite(const Corpus& corpus, const InProcess& house, const JsonValue& suite, const JsonValue& externals, Report& report)
      : corpus_(corpus), house_(house), suite_(suite), externals_(externals), report_(report) {}

  Result<Done> Run() {
    for (const JsonValue& name : suite_["setup"].items()) {
      HEYI_TRY(resource, Read(name.text()));
      Load(std::move(resource));
    }
    for (const JsonValue& test : suite_["tests"].items()) HEYI_CHECK(RunTest(test));
    return Done{};
  }

 private:
  Result<JsonValue> Read(std::string_view name) const { return ReadCases(fmt::format("{}/{}", corpus_.directory, name)); }

  void Load(JsonValue resource) {
    // Two versions of one thing may come under one id, so the server gives ids of its own.
    const interaction::Response response = house_.Ask("POST", resource.StringAt("resourceType"), base::WriteJson(resource));
    if (response.status != 201) brought_.push_back(std::move(resource));
  }

  Result<Done> RunTest(const JsonValue& test) {
    const std::string_view group = suite_.StringAt("name");
    const std::string id = fmt::format("{}/{}", group, test.StringAt("name"));
    HEYI_TRY(wanted, Read(test.StringAt("response")));
    TemplateRules rules;
    rules.externals = externals_.Find(test.StringAt("response"));
    interaction::Request request;
    if (test.StringAt("operation") == "term-caps" || test.StringAt("operation") == "metadata") {
      rules.more_allowed = true;
      HEYI_TRY(made, MakeRequest("GET", test.StringAt("operation") == "metadata" ? "metadata" : "metadata?mode=terminology", {}));
      request = std::move(made);
    } else {
      const std::string_view address = AddressOf(test.StringAt("operation"));
      if (address.empty()) {
        report_.Fail(group, id, "an operation that is not known here", test.StringAt("operation"));
        return Done{};
      }
      HEYI_TRY(body, BodyOf(test));
      HEYI_TRY(made, MakeRequest("POST", address, base::WriteJson(body)));
      request = std::move(made);
      request.accept_language = test.StringAt("Accept-Language");
    }
    const interaction::Response response = house_.Ask(std::move(request));
    const std::string_view code = test.StringAt("http-code").empty() ? std::string_view("2xx") : test.StringAt("http-code");
    std::string why;
    if (fmt::format("{}", response.status)[0] != code[0]) why = fmt::format("status {} instead of {}: {}", response.status, code, response.body);
    auto got = base::ParseJson(response.body);
    if (!got.ok()) why = "no JSON";
    if (why.empty()) {
      ToR5(*got);
      why = Mismatch(wanted, *got, rules);
    }
    if (!why.empty() && test.Find("response2") != nullptr && got.ok()) {
      HEYI_TRY(other, Read(test.StringAt("response2")));
      if (Mismatch(other, *got, rules).empty()) why.clear();
    }
    if (why.empty()) report_.Pass(group);
    else report_.Fail(group, id, fmt::format("{} IN {}", why, got.ok() ? base::WriteJson(*got) : response.body), base::WriteJson(wanted));
    return Done{};
  }

  // The request with its profile's parameters and the resources that could not be stored.
  Result<JsonValue> BodyOf(const JsonValue& test) const {
    HEYI_TRY(body, Read(test.StringAt("request")));
    if (body.Find("parameter") == nullptr) body.Set("parameter", JsonValue::Array());
    JsonValue& list = *body.Find("parameter");
    if (const std::string_view profile = test.StringAt("profile"); !profile.empty()) {
      HEYI_TRY(more, Read(profile));
      for (const JsonValue& parameter : more["parameter"].items()) list.Append(parameter);
    }
    for (const JsonValue& resource : brought_) {
      JsonValue parameter = JsonValue::Object();
      parameter.Set("name", JsonValue::OfString("tx-resource"));
      parameter.Set("resource", resource);
      list.Append(std::move(parameter));
    }
    return std::move(body);
  }

  const Corpus& corpus_;
  const InProcess& house_;
  const JsonValue& suite_;
  const JsonValue& externals_;
  Report& report_;
  std::vector<JsonValue> brought_;
};

}  // namespace

Result<Done> RunTerminology(const Corpus& corpus, Report& report) {
  HEYI_TRY(cases, ReadCases(corpus.directory + "/test-cases.json"));
  JsonValue externals;
  if (auto read = ReadCases(corpus.directory + "/messages-tx.fhir.org.json"); read.ok()) externals = *std::move(read);
  for (const JsonValue& suite : cases["suites"].items()) {
    HEYI_TRY(scratch, ScratchDirectory::Make());
    HEYI_TRY(house, InProcess::Open(corpus.parameters, scratch.path()));
    HEYI_CHECK(TxSuite(corpus, *house, suite, externals, report).Run());
  }
  return Done{};
}

}  // namespace heyi::cli
