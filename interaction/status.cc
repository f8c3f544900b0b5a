#include "interaction/status.h"

#include "base/json/value.h"

namespace heyi::interaction {
namespace {

constexpr std::string_view kRuleSystem = "https://heyi.example/fhir/cs/rule";
constexpr std::string_view kTranslationUrl = "http://hl7.org/fhir/StructureDefinition/translation";

void AppendIssue(std::string& out, const base::Issue& issue) {
  out.append(R"({"severity":")").append(base::SeverityName(issue.severity)).append(R"(","code":")").append(issue.code);
  out.append(R"(","details":{"coding":[{"system":")").append(kRuleSystem).append(R"(","code":")").append(issue.rule);
  out.append(R"("}],"text":)");
  base::AppendJsonString(out, base::EnglishText(issue));
  out.append(R"(,"_text":{"extension":[{"url":")").append(kTranslationUrl);
  out.append(R"(","extension":[{"url":"lang","valueCode":"zh-CN"},{"url":"content","valueString":)");
  base::AppendJsonString(out, base::ChineseText(issue));
  out.append("}]}]}}");
  if (!issue.expression.empty()) {
    out.append(R"(,"expression":[)");
    base::AppendJsonString(out, issue.expression);
    out += ']';
  }
  out += '}';
}

}  // namespace

int HttpStatus(base::ErrorKind kind) {
  using base::ErrorKind;
  switch (kind) {
    case ErrorKind::kMalformed: return 400;
    case ErrorKind::kUnauthenticated: return 401;
    case ErrorKind::kForbidden: return 403;
    case ErrorKind::kNotFound: return 404;
    case ErrorKind::kNotAllowed: return 405;
    case ErrorKind::kConflict: return 409;
    case ErrorKind::kGone: return 410;
    case ErrorKind::kPrecondition: return 412;
    case ErrorKind::kTooLarge: return 413;
    case ErrorKind::kUnsupported: return 415;
    case ErrorKind::kInvalid: return 422;
    case ErrorKind::kThrottled: return 429;
    case ErrorKind::kInternal: return 500;
    case ErrorKind::kStale: return 503;
    case ErrorKind::kUnavailable: return 503;
  }
  return 500;
}

std::string OutcomeJson(const base::Outcome& outcome) {
  std::string out = R"({"resourceType":"OperationOutcome","issue":[)";
  bool first = true;
  for (const base::Issue& issue : outcome.issues()) {
    if (!first) out += ',';
    first = false;
    AppendIssue(out, issue);
  }
  if (first) AppendIssue(out, base::MakeIssue("interaction.done"));
  out += "]}";
  return out;
}

Response ErrorResponse(const base::Error& error) {
  Response response;
  response.status = HttpStatus(error.kind);
  response.body = OutcomeJson(error.outcome);
  if (!error.outcome.empty()) response.leaf.rule = error.outcome.issues().front().rule;
  return response;
}

}  // namespace heyi::interaction
