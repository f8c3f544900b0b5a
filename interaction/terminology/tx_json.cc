#include "interaction/terminology/tx_json.h"

#include "interaction/status.h"

namespace heyi::interaction {

using base::JsonValue;
using conformance::PropertyType;

namespace {

constexpr std::string_view kMessageId = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id";
constexpr std::string_view kIssueKind = "http://hl7.org/fhir/tools/CodeSystem/tx-issue-type";

JsonValue IssueJson(const conformance::TxIssue& issue) {
  JsonValue json = JsonValue::Object();
  if (!issue.message_id.empty()) {
    JsonValue id = JsonValue::Object();
    id.Set("url", JsonValue::OfString(kMessageId));
    id.Set("valueString", JsonValue::OfString(issue.message_id));
    JsonValue extensions = JsonValue::Array();
    extensions.Append(std::move(id));
    json.Set("extension", std::move(extensions));
  }
  json.Set("severity", JsonValue::OfString(base::SeverityName(issue.severity)));
  json.Set("code", JsonValue::OfString(issue.code));
  JsonValue details = JsonValue::Object();
  if (!issue.kind.empty()) {
    JsonValue coding = JsonValue::Object();
    coding.Set("system", JsonValue::OfString(kIssueKind));
    coding.Set("code", JsonValue::OfString(issue.kind));
    JsonValue codings = JsonValue::Array();
    codings.Append(std::move(coding));
    details.Set("coding", std::move(codings));
  }
  details.Set("text", JsonValue::OfString(issue.text));
  json.Set("details", std::move(details));
  if (!issue.place.empty()) {
    JsonValue place = JsonValue::Array();
    place.Append(JsonValue::OfString(issue.place));
    json.Set("location", place);  // R4's older name for it; clients look for either
    json.Set("expression", std::move(place));
  }
  return json;
}

}  // namespace

JsonValue CodingJson(const conformance::TxCoding& coding) {
  JsonValue json = JsonValue::Object();
  const auto set = [&json](std::string_view name, const std::string& text) {
    if (!text.empty()) json.Set(name, JsonValue::OfString(text));
  };
  set("system", coding.system);
  set("version", coding.version);
  set("code", coding.code);
  set("display", coding.display);
  return json;
}

std::pair<std::string_view, JsonValue> PropertyValue(const conformance::ExpandedProperty& property) {
  switch (property.type) {
    case PropertyType::kBoolean: return {"valueBoolean", JsonValue::OfBool(property.value == "true")};
    case PropertyType::kInteger: return {"valueInteger", JsonValue::OfNumber(property.value)};
    case PropertyType::kDecimal: return {"valueDecimal", JsonValue::OfNumber(property.value)};
    case PropertyType::kString: return {"valueString", JsonValue::OfString(property.value)};
    case PropertyType::kDateTime: return {"valueDateTime", JsonValue::OfString(property.value)};
    case PropertyType::kCoding: return {"valueCoding", CodingJson({property.value_system, {}, property.value, property.value_display})};
    case PropertyType::kCode: break;
  }
  return {"valueCode", JsonValue::OfString(property.value)};
}

JsonValue OutcomeOf(const std::vector<conformance::TxIssue>& issues) {
  JsonValue outcome = JsonValue::Object();
  outcome.Set("resourceType", JsonValue::OfString("OperationOutcome"));
  JsonValue list = JsonValue::Array();
  for (const conformance::TxIssue& issue : issues) list.Append(IssueJson(issue));
  outcome.Set("issue", std::move(list));
  return outcome;
}

JsonValue OutcomeOf(const conformance::TxFailure& failure) {
  return OutcomeOf(std::vector<conformance::TxIssue>{failure.issue});
}

OperationAnswer AnswerOf(const conformance::TxFailure& failure) {
  OperationAnswer answer;
  answer.json = base::WriteJson(OutcomeOf(failure));
  answer.status = HttpStatus(failure.kind);
  return answer;
}

OperationAnswer AnswerOf(const JsonValue& resource) {
  OperationAnswer answer;
  answer.json = base::WriteJson(resource);
  return answer;
}

}  // namespace heyi::interaction
