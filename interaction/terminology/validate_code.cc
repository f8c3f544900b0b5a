// ValueSet/$validate-code, CodeSystem/$validate-code, and many at once by $batch-validate-code.
// https://hl7.org/fhir/R4/valueset-operation-validate-code.html
#include "interaction/limits.h"
#include "interaction/terminology/tx_json.h"
#include "interaction/terminology/tx_operation.h"

namespace heyi::interaction {
namespace {

using base::JsonValue;
using conformance::TxAnswer;
using conformance::ValidateRequest;
using conformance::ValidateResult;


ValidateRequest RequestOf(const TxParameters& parameters) {
  ValidateRequest request;
  request.infer_system = parameters.Flag("inferSystem", false) || parameters.Flag("implySystem", false);
  request.active_only = parameters.Flag("activeOnly", false);
  request.lenient_display = parameters.Flag("lenient-display-validation", false);
  request.membership_only = parameters.Flag("valueset-membership-only", false);
  request.abstract_allowed = parameters.Flag("abstract", true);
  request.languages = parameters.Languages();
  request.versions = parameters.Versions();
  return request;
}

JsonValue AnswerJson(const ValidateResult& result, const JsonValue* concept_) {
  std::vector<JsonValue> list;
  const auto add = [&list](std::string_view name, std::string_view value_name, const std::string& text) {
    if (!text.empty()) list.push_back(TextParameter(name, value_name, text));
  };
  list.push_back(Parameter("result", "valueBoolean", JsonValue::OfBool(result.result)));
  if (result.coding) {
    add("system", "valueUri", result.system);
    add("code", "valueCode", result.code);
    add("version", "valueString", result.version);
    add("display", "valueString", result.display);
    add("normalized-code", "valueCode", result.normalized_code);
    if (result.inactive) list.push_back(Parameter("inactive", "valueBoolean", JsonValue::OfBool(true)));
    if (result.inactive) add("status", "valueCode", result.status);
  }
  if (concept_ != nullptr) list.push_back(Parameter("codeableConcept", "valueCodeableConcept", *concept_));
  add("message", "valueString", result.Message());
  for (const std::string& canonical : result.unknown_systems) add("x-unknown-system", "valueCanonical", canonical);
  for (const std::string& canonical : result.missing_systems) add("x-caused-by-unknown-system", "valueCanonical", canonical);
  if (!result.issues.empty()) list.push_back(ResourceParameter("issues", OutcomeOf(result.issues)));
  return ParametersOf(std::move(list));
}

TxAnswer<ValidateResult> AskValueSet(const TxParameters& parameters, const conformance::Terminology& terminology,
                                     const conformance::ValueSetChoice& value_set) {
  ValidateRequest request = RequestOf(parameters);
  parameters.Codings("code", "coding", "system", "systemVersion", request);
  const bool bare = request.form == ValidateRequest::Form::kCode && !request.codings.empty() && request.codings.front().system.empty();
  if (bare && !request.infer_system) request.codings.clear();  // a code alone says nothing
  return terminology.ValidateInValueSet(value_set, request);
}

TxAnswer<ValidateResult> AskCodeSystem(const TxParameters& parameters, const conformance::Terminology& terminology, const JsonValue* code_system) {
  ValidateRequest request = RequestOf(parameters);
  parameters.Codings("code", "coding", "url", "version", request);
  for (conformance::TxCoding& coding : request.codings) {
    if (code_system != nullptr) {
      coding.system = code_system->StringAt("url");
      coding.version = code_system->StringAt("version");
    } else if (coding.system.empty()) {
      coding.system = parameters.Text(parameters.Has("url") ? "url" : "system");
    }
    if (coding.version.empty()) coding.version = parameters.Text("version");
    const conformance::Canonical canonical = conformance::Canonical::Of(coding.system);
    if (!canonical.version.empty() && coding.version.empty()) coding.version = canonical.version;
    coding.system = std::string(canonical.url);
  }
  if (request.form == ValidateRequest::Form::kCode && !request.codings.empty() && request.codings.front().system.empty()) request.codings.clear();
  return terminology.ValidateInCodeSystem(request);
}

class ValidateInValueSet : public TxOperation {
 public:
  ValidateInValueSet()
      : TxOperation("validate-code", "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code", "ValueSet", "valueSet", kTypeAndInstance) {}

 protected:
  base::Result<OperationAnswer> Answer(const Asked& asked) const override {
    const auto answer = AskValueSet(asked.parameters, asked.terminology, ValueSetOf(asked.parameters, asked.instance));
    if (!answer.ok()) return AnswerOf(*answer.failure);
    return AnswerOf(AnswerJson(*answer.value, asked.parameters.Value("codeableConcept")));
  }
};

class ValidateInCodeSystem : public TxOperation {
 public:
  ValidateInCodeSystem()
      : TxOperation("validate-code", "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code", "CodeSystem", "codeSystem", kTypeAndInstance) {}

 protected:
  base::Result<OperationAnswer> Answer(const Asked& asked) const override {
    if (const JsonValue* given = asked.parameters.Resource("codeSystem")) {
      conformance::MemorySource own;
      if (!own.Add(*given)) return base::Error(base::ErrorKind::kInvalid, "terminology.tx-resource", "codeSystem", given->StringAt("resourceType"));
      return Answered(asked, conformance::Terminology(own, asked.terminology), given);
    }
    return Answered(asked, asked.terminology, asked.instance.get());
  }

 private:
  static OperationAnswer Answered(const Asked& asked, const conformance::Terminology& terminology, const JsonValue* code_system) {
    const auto answer = AskCodeSystem(asked.parameters, terminology, code_system);
    if (!answer.ok()) return AnswerOf(*answer.failure);
    return AnswerOf(AnswerJson(*answer.value, asked.parameters.Value("codeableConcept")));
  }
};

// Each `validation` is a Parameters of its own; what it does not say is as outside. One that fails answers for itself.
class BatchValidate : public TxOperation {
 public:
  explicit BatchValidate(std::string_view type)
      : TxOperation("batch-validate-code", "http://hl7.org/fhir/OperationDefinition/Resource-batch-validate", type, "validation", kTypeLevel),
        value_sets_(type == "ValueSet") {}

 protected:
  base::Result<OperationAnswer> Answer(const Asked& asked) const override {
    std::vector<JsonValue> answers;
    const auto validations = asked.parameters.Resources("validation");
    if (validations.size() > kTxValidationsMax) return base::Error(base::ErrorKind::kTooLarge, "terminology.too-many", {}, "validation");
    // A value set for all of them is taken in once, under its own name or for want of one under another.
    conformance::MemorySource own;
    std::unique_ptr<conformance::Terminology> with_own;
    conformance::ValueSetChoice common;
    if (const JsonValue* given = asked.parameters.Resource("valueSet"); given != nullptr && value_sets_) {
      JsonValue value_set = *given;
      if (value_set.StringAt("url").empty()) value_set.Set("url", JsonValue::OfString("urn:heyi:value-set-of-the-batch"));
      common.url = value_set.StringAt("url");
      common.version = value_set.StringAt("version");
      if (!own.Add(std::move(value_set))) return base::Error(base::ErrorKind::kInvalid, "terminology.tx-resource", "valueSet", given->StringAt("resourceType"));
      with_own = std::make_unique<conformance::Terminology>(own, asked.terminology);
    }
    const conformance::Terminology& terminology = with_own ? *with_own : asked.terminology;
    for (const JsonValue* validation : validations) {
      const TxParameters parameters(*validation, asked.parameters);
      HEYI_CHECK(parameters.WithinBounds());
      const bool in_value_set = value_sets_ && (parameters.Has("url") || parameters.Has("valueSet"));
      const bool of_its_own = parameters.Resource("valueSet") != asked.parameters.Resource("valueSet");
      const auto answer = in_value_set ? AskValueSet(parameters, terminology, with_own && !of_its_own ? common : ValueSetOf(parameters, nullptr))
                                       : AskCodeSystem(parameters, terminology, nullptr);
      answers.push_back(ResourceParameter(
          "validation", answer.ok() ? AnswerJson(*answer.value, parameters.Value("codeableConcept")) : OutcomeOf(*answer.failure)));
    }
    return AnswerOf(ParametersOf(std::move(answers)));
  }

 private:
  const bool value_sets_;
};

}  // namespace

std::unique_ptr<Operation> MakeValidateInValueSet() { return std::make_unique<ValidateInValueSet>(); }
std::unique_ptr<Operation> MakeValidateInCodeSystem() { return std::make_unique<ValidateInCodeSystem>(); }
std::unique_ptr<Operation> MakeBatchValidate(std::string_view type) { return std::make_unique<BatchValidate>(type); }

}  // namespace heyi::interaction
