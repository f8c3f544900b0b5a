// ConceptMap/$translate, with the parameters' names of R4 and of R5.
// https://hl7.org/fhir/R4/conceptmap-operation-translate.html
#include "interaction/terminology/tx_json.h"
#include "interaction/terminology/tx_operation.h"

namespace heyi::interaction {
namespace {

using base::JsonValue;


class Translate : public TxOperation {
 public:
  Translate() : TxOperation("translate", "http://hl7.org/fhir/OperationDefinition/ConceptMap-translate", "ConceptMap", "conceptMap", kTypeAndInstance) {}

 protected:
  base::Result<OperationAnswer> Answer(const Asked& asked) const override {
    const TxParameters& parameters = asked.parameters;
    conformance::TranslateRequest request;
    request.concept_map = asked.instance;
    if (const JsonValue* given = parameters.Resource("conceptMap"); given != nullptr && request.concept_map == nullptr) {
      request.concept_map = std::make_shared<const JsonValue>(*given);
    }
    const std::string url = parameters.Text("url");
    const conformance::Canonical canonical = conformance::Canonical::Of(url);
    request.url = canonical.url;
    request.version = canonical.version.empty() ? parameters.Text("conceptMapVersion") : std::string(canonical.version);
    const auto either = [&](const char* r4, const char* r5) { return parameters.Has(r5) ? parameters.Text(r5) : parameters.Text(r4); };
    request.source_scope = either("source", "sourceScope");
    request.target_scope = either("target", "targetScope");
    const bool back_by_name = parameters.Has("targetCode") || parameters.Has("targetCoding") || parameters.Has("targetCodeableConcept");
    const bool reverse = parameters.Flag("reverse", false);
    request.reverse = back_by_name || reverse;
    const std::string source_system = either("system", "sourceSystem");
    const std::string target_system = either("targetsystem", "targetSystem");
    if (back_by_name) {
      Take(parameters, "targetCode", "targetCoding", "targetCodeableConcept", target_system, request);
      request.other_system = source_system;
    } else {
      const bool r5 = parameters.Has("sourceCode") || parameters.Has("sourceCoding") || parameters.Has("sourceCodeableConcept");
      Take(parameters, r5 ? "sourceCode" : "code", r5 ? "sourceCoding" : "coding", r5 ? "sourceCodeableConcept" : "codeableConcept", source_system, request);
      request.other_system = target_system;
    }
    const auto answer = asked.terminology.Translate(request);
    if (!answer.ok()) return AnswerOf(*answer.failure);
    return AnswerOf(Told(*answer.value, back_by_name, reverse));
  }

 private:
  static void Take(const TxParameters& parameters, std::string_view code, std::string_view coding, std::string_view concept_name,
                   const std::string& system, conformance::TranslateRequest& request) {
    if (const JsonValue* concept_ = parameters.Value(concept_name)) {
      for (const JsonValue& item : (*concept_)["coding"].items()) request.codings.push_back(TxParameters::CodingOf(item));
    } else if (parameters.Has(coding)) {
      request.codings.push_back(parameters.CodingAt(coding));
    } else if (parameters.Has(code)) {
      request.codings.push_back({system, parameters.Text("version"), parameters.Text(code), {}});
    }
  }

  static JsonValue Told(const conformance::TranslateResult& result, bool back_by_name, bool reverse) {
    std::vector<JsonValue> list;
    list.push_back(Parameter("result", "valueBoolean", JsonValue::OfBool(result.result)));
    if (!result.message.empty()) list.push_back(TextParameter("message", "valueString", result.message));
    for (const conformance::TranslateMatch& match : result.matches) {
      std::vector<JsonValue> parts;
      parts.push_back(TextParameter("equivalence", "valueCode", match.equivalence));
      parts.push_back(TextParameter("relationship", "valueCode", match.relationship));
      parts.push_back(Parameter("concept", "valueCoding", CodingJson(reverse ? match.source : match.target)));
      if (back_by_name) parts.push_back(Parameter("source", "valueCoding", CodingJson(match.source)));
      if (!match.map.empty()) parts.push_back(TextParameter("originMap", "valueCanonical", match.map));
      if (!match.comment.empty()) parts.push_back(TextParameter("message", "valueString", match.comment));
      list.push_back(PartsParameter("match", std::move(parts)));
    }
    return ParametersOf(std::move(list));
  }
};

}  // namespace

std::unique_ptr<Operation> MakeTranslate() { return std::make_unique<Translate>(); }

}  // namespace heyi::interaction
