// CodeSystem/$lookup and CodeSystem/$subsumes. https://hl7.org/fhir/R4/codesystem-operation-lookup.html
#include "interaction/terminology/tx_json.h"
#include "interaction/terminology/tx_operation.h"

namespace heyi::interaction {
namespace {

using base::JsonValue;


class Lookup : public TxOperation {
 public:
  Lookup() : TxOperation("lookup", "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup", "CodeSystem", "codeSystem", kTypeLevel) {}

 protected:
  base::Result<OperationAnswer> Answer(const Asked& asked) const override {
    const TxParameters& parameters = asked.parameters;
    conformance::LookupRequest request;
    request.coding = parameters.Has("coding") ? parameters.CodingAt("coding")
                                              : conformance::TxCoding{parameters.Text("system"), parameters.Text("version"), parameters.Text("code"), {}};
    request.languages = parameters.Languages();
    request.properties = parameters.Texts("property");
    request.supplements = parameters.Texts("useSupplement");
    const auto answer = asked.terminology.Lookup(request);
    if (!answer.ok()) return AnswerOf(*answer.failure);
    return AnswerOf(Told(*answer.value));
  }

 private:
  static JsonValue Told(const conformance::LookupResult& result) {
    std::vector<JsonValue> list;
    const auto add = [&list](std::string_view name, std::string_view value_name, const std::string& text) {
      if (!text.empty()) list.push_back(TextParameter(name, value_name, text));
    };
    add("name", "valueString", result.name);
    add("version", "valueString", result.version);
    add("display", "valueString", result.display);
    add("system", "valueUri", result.system);
    add("code", "valueCode", result.code);
    add("definition", "valueString", result.definition);
    if (result.abstract) list.push_back(Parameter("abstract", "valueBoolean", JsonValue::OfBool(true)));
    for (const std::string& supplement : result.supplements) add("used-supplement", "valueCanonical", supplement);
    for (const conformance::LookupResult::Designation& designation : result.designations) {
      std::vector<JsonValue> parts;
      if (!designation.text.language.empty()) parts.push_back(TextParameter("language", "valueCode", designation.text.language));
      if (!designation.text.use_code.empty()) {
        const conformance::ExpandedDesignation& text = designation.text;
        parts.push_back(Parameter("use", "valueCoding", CodingJson({text.use_system, {}, text.use_code, text.use_display})));
      }
      parts.push_back(TextParameter("value", "valueString", designation.text.value));
      if (!designation.source.empty()) parts.push_back(TextParameter("source", "valueCanonical", designation.source));
      list.push_back(PartsParameter("designation", std::move(parts)));
    }
    for (const conformance::LookupResult::Property& property : result.properties) {
      std::vector<JsonValue> parts;
      parts.push_back(TextParameter("code", "valueCode", property.value.code));
      auto [value_name, value] = PropertyValue(property.value);
      parts.push_back(Parameter("value", value_name, std::move(value)));
      if (!property.description.empty()) parts.push_back(TextParameter("description", "valueString", property.description));
      list.push_back(PartsParameter("property", std::move(parts)));
    }
    return ParametersOf(std::move(list));
  }
};

class Subsumes : public TxOperation {
 public:
  Subsumes() : TxOperation("subsumes", "http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes", "CodeSystem", "codeSystem", kTypeAndInstance) {}

 protected:
  base::Result<OperationAnswer> Answer(const Asked& asked) const override {
    const TxParameters& parameters = asked.parameters;
    const std::string system = asked.instance != nullptr ? std::string(asked.instance->StringAt("url")) : parameters.Text("system");
    const std::string version = asked.instance != nullptr ? std::string(asked.instance->StringAt("version")) : parameters.Text("version");
    const auto coding = [&](const char* code_name, const char* coding_name) {
      return parameters.Has(coding_name) ? parameters.CodingAt(coding_name)
                                         : conformance::TxCoding{system, version, parameters.Text(code_name), {}};
    };
    const auto answer = asked.terminology.Subsumes(coding("codeA", "codingA"), coding("codeB", "codingB"));
    if (!answer.ok()) return AnswerOf(*answer.failure);
    constexpr std::string_view kOutcomes[] = {"equivalent", "subsumes", "subsumed-by", "not-subsumed"};
    return AnswerOf(ParametersOf({TextParameter("outcome", "valueCode", kOutcomes[static_cast<size_t>(*answer.value)])}));
  }
};

}  // namespace

std::unique_ptr<Operation> MakeLookup() { return std::make_unique<Lookup>(); }
std::unique_ptr<Operation> MakeSubsumes() { return std::make_unique<Subsumes>(); }

}  // namespace heyi::interaction
