// What is wrong with data: issues with permanent rule ids, gathered instead of thrown.
//
// A rule id (`json.duplicate-key`) never changes meaning; its severity, FHIR issue code and texts in English and
// Chinese stand in the rules.tsv of the room that reports it. Tests assert rule and expression, never text.
// https://hl7.org/fhir/R4/operationoutcome.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heyi::base {

enum class Severity : unsigned char { k_fatal, k_error, k_warning, k_information };

struct Issue {
  Severity severity = Severity::k_error;
  std::string code;        // http://hl7.org/fhir/issue-type, e.g. "structure"
  std::string rule;        // permanent id, e.g. "json.duplicate-key"
  std::string expression;  // FHIRPath of the place, e.g. "Patient.name[0].given"; empty where there is none
  std::string detail;      // what fills the `{}` of the rule's text: a value, a name, a position; at most 200 bytes
};

// The issue of `rule` at `expression`. An unknown rule aborts: it is a mistake in our code.
Issue MakeIssue(std::string_view rule, std::string expression = {}, std::string_view detail = {});

std::string EnglishText(const Issue& issue);
std::string ChineseText(const Issue& issue);

class Outcome {
 public:
  Outcome() = default;
  explicit Outcome(Issue issue) { Add(std::move(issue)); }

  void Add(Issue issue) { issues_.push_back(std::move(issue)); }
  void Add(std::string_view rule, std::string expression = {}, std::string_view detail = {}) {
    Add(MakeIssue(rule, std::move(expression), detail));
  }
  void Append(Outcome other);

  const std::vector<Issue>& issues() const { return issues_; }
  bool empty() const { return issues_.empty(); }
  bool HasErrors() const;

 private:
  std::vector<Issue> issues_;
};

std::string_view SeverityName(Severity severity);

}  // namespace heyi::base
