#include "adapters/health/v2/error_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "adapters/health/v2/record.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

// "PID[2]" -> "PID", 3; "PID" -> "PID", 0.
std::string_view NameAndNumber(std::string_view step, uint64_t* number) {
  *number = 0;
  const size_t bracket = step.find('[');
  if (bracket == std::string_view::npos) return step;
  if (base::ParseUnsigned(step.substr(bracket + 1, step.size() - bracket - 2), number)) ++*number;
  return step.substr(0, bracket);
}

bool IsNumber(std::string_view text) {
  uint64_t number = 0;
  return base::ParseUnsigned(text, &number);
}

constexpr V2Condition kConditions[] = {
    {0, "Message accepted"},           {100, "Segment sequence error"},    {101, "Required field missing"},
    {102, "Data type error"},          {103, "Table value not found"},     {104, "Value too long"},
    {200, "Unsupported message type"}, {201, "Unsupported event code"},    {202, "Unsupported processing id"},
    {203, "Unsupported version id"},   {204, "Unknown key identifier"},    {205, "Duplicate key identifier"},
    {206, "Application record locked"}, {207, "Application internal error"}};

struct Row {
  std::string_view name;
  int code;
};

// Where a rule says more than its FHIR issue type does.
constexpr Row kByRule[] = {{"v2.header", 100},        {"v2.delimiters", 100},     {"v2.segment", 100},  {"v2.segment-twice", 100},
                           {"v2.too-many", 100},      {"v2.unknown-event", 201},  {"v2.version", 203},  {"v2.processing-id", 202},
                           {"v2.character-set", 102}, {"v2.kept", 0},             {"v2.batch-count", 100}, {"map.no-such-person", 204}};

constexpr Row kByIssueType[] = {{"required", 101},      {"structure", 102},  {"value", 102},     {"code-invalid", 103}, {"too-long", 104},
                                {"not-supported", 200}, {"not-found", 204},  {"duplicate", 205}, {"conflict", 205},     {"multiple-matches", 205},
                                {"transient", 206},     {"lock-error", 206}, {"informational", 0}};

constexpr std::string_view kRejecting[] = {"v2.header",  "v2.delimiters",    "v2.segment",      "v2.too-many",          "v2.unknown-event",
                                           "v2.version", "v2.processing-id", "adapter.too-large", "adapter.unknown-type"};

int CodeOf(const base::Issue& issue) {
  for (const Row& row : kByRule) {
    if (row.name == issue.rule) return row.code;
  }
  // A whole segment that is missing is an error of the sequence of segments.
  if (issue.rule == "adapter.required" && issue.expression.find('.') == issue.expression.rfind('.') && issue.expression.starts_with("v2.")) return 100;
  for (const Row& row : kByIssueType) {
    if (row.name == issue.code) return row.code;
  }
  return 207;
}

}  // namespace

V2Place V2PlaceOf(std::string_view expression, char component) {
  V2Place place;
  const std::string prefix = std::string(kV2RecordPath) + ".";
  place.in_header = !expression.starts_with(prefix);
  if (!place.in_header) expression.remove_prefix(prefix.size());
  const std::vector<std::string_view> steps = base::Split(expression, '.');
  for (size_t i = 0; i < steps.size() && i < 4; ++i) {
    uint64_t number = 0;
    const std::string_view name = NameAndNumber(steps[i], &number);
    if (i == 0 ? name.size() != 3 : !IsNumber(name)) break;
    place.model_path += fmt::format("{}{}{}", i == 0 ? "" : ".", name, number == 0 ? "" : "[]");
    if (i == 0) {
      place.location = fmt::format("{}{}{}", name, component, std::max<uint64_t>(number, 1));
    } else if (i == 1) {
      place.location += fmt::format("{}{}", component, name);
      if (number != 0 || steps.size() > 2) place.location += fmt::format("{}{}", component, std::max<uint64_t>(number, 1));
    } else {
      place.location += fmt::format("{}{}", component, name);
    }
  }
  return place;
}

V2Condition V2ConditionOf(const base::Issue& issue) {
  const int code = CodeOf(issue);
  for (const V2Condition& condition : kConditions) {
    if (condition.code == code) return condition;
  }
  return {};
}

bool RejectsV2Message(const base::Outcome& outcome) {
  return std::any_of(outcome.issues().begin(), outcome.issues().end(), [](const base::Issue& issue) {
    return std::find(std::begin(kRejecting), std::end(kRejecting), issue.rule) != std::end(kRejecting);
  });
}

}  // namespace heyi::adapters
