#include "base/outcome.h"

#include "base/rules.h"
#include "base/text.h"

namespace heyi::base {
namespace {

constexpr size_t kDetailBytesMax = 200;

std::string Fill(std::string_view pattern, std::string_view detail) {
  std::string text(pattern);
  if (size_t at = text.find("{}"); at != std::string::npos) text.replace(at, 2, detail);
  return text;
}

}  // namespace

Issue MakeIssue(std::string_view rule, std::string expression, std::string_view detail) {
  const Rule& row = FindRule(rule);
  return Issue{row.severity, std::string(row.code), std::string(rule), std::move(expression),
               std::string(ClipUtf8(detail, kDetailBytesMax))};
}

std::string EnglishText(const Issue& issue) { return Fill(FindRule(issue.rule).english, issue.detail); }
std::string ChineseText(const Issue& issue) { return Fill(FindRule(issue.rule).chinese, issue.detail); }

void Outcome::Append(Outcome other) {
  for (Issue& issue : other.issues_) issues_.push_back(std::move(issue));
}

bool Outcome::HasErrors() const {
  for (const Issue& issue : issues_) {
    if (issue.severity <= Severity::k_error) return true;
  }
  return false;
}

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::k_fatal: return "fatal";
    case Severity::k_error: return "error";
    case Severity::k_warning: return "warning";
    case Severity::k_information: return "information";
  }
  return "error";
}

}  // namespace heyi::base
