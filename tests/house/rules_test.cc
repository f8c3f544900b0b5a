// Rules: every rule that code reports stands in a rules.tsv, once, with texts in both languages and a FHIR issue code.
#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <regex>
#include <set>

#include "tests/house/source_tree.h"

namespace heyi::house {
namespace {

// http://hl7.org/fhir/R4/codesystem-issue-type.html
const std::set<std::string> kIssueCodes = {
    "invalid",   "structure",     "required",        "value",     "invariant",  "security",     "login",        "unknown",
    "expired",   "forbidden",     "suppressed",      "processing", "not-supported", "duplicate", "multiple-matches", "not-found",
    "deleted",   "too-long",      "code-invalid",    "extension", "too-costly", "business-rule", "conflict",    "transient",
    "lock-error", "no-store",     "exception",       "timeout",   "incomplete", "throttled",    "informational"};

struct RuleRow {
  std::string place, severity, code, english, chinese;
};

std::vector<std::string> Rooms() {
  std::vector<std::string> rooms;
  for (const auto& entry : std::filesystem::directory_iterator(HEYI_SOURCE_DIR)) {
    if (entry.is_directory() && std::filesystem::exists(entry.path() / "CMakeLists.txt") && entry.path().filename() != "tests" &&
        entry.path().filename() != "build") {
      rooms.push_back(entry.path().filename());
    }
  }
  std::sort(rooms.begin(), rooms.end());
  return rooms;
}

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, '\t');) cells.push_back(cell);
  return cells;
}

// rule -> its rows, of all rooms
std::multimap<std::string, RuleRow> ReadRules() {
  std::multimap<std::string, RuleRow> rules;
  for (const std::string& room : Rooms()) {
    std::istringstream lines(ReadText(std::filesystem::path(HEYI_SOURCE_DIR) / room / "rules.tsv"));
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line.front() == '#') continue;
      const std::vector<std::string> cells = Cells(line);
      EXPECT_EQ(cells.size(), 5u) << room << ": " << line;
      if (cells.size() == 5) rules.emplace(cells[0], RuleRow{room, cells[1], cells[2], cells[3], cells[4]});
    }
  }
  return rules;
}

// Any character of the CJK Unified Ideographs U+4E00–U+9FFF: E4 B8 80 – E9 BF BF in UTF-8.
bool HasHan(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xe4 && static_cast<unsigned char>(c) <= 0xe9; });
}

// The arguments of the call whose "(" stands at `open`, split at its own commas.
std::vector<std::string> Arguments(const std::string& text, size_t open) {
  std::vector<std::string> arguments(1);
  int depth = 1;
  for (size_t i = open + 1; i < text.size(); ++i) {
    const char c = text[i];
    const bool separator = c == '\'' && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0;  // 1'000
    if ((c == '"' || c == '\'') && !separator) {
      const size_t begin = i++;
      while (i < text.size() && text[i] != c) i += text[i] == '\\' ? 2 : 1;
      arguments.back().append(text, begin, i - begin + 1);
      continue;
    }
    if (c == '(' || c == '{' || c == '[') ++depth;
    if ((c == ')' || c == '}' || c == ']') && --depth == 0) break;
    if (c == ',' && depth == 1) {
      arguments.emplace_back();
    } else {
      arguments.back() += c;
    }
  }
  return arguments;
}

// What looks like a rule in the rule's place of MakeIssue(rule, …), Add(rule, …) and Error(kind, rule, …).
std::vector<std::string> RulesUsed(const std::string& text) {
  static const std::regex call(R"(\b(MakeIssue|Add|Error|Outcome)\s*\()");
  static const std::regex literal(R"re("([a-z]+(?:\.[a-z0-9-]+)+)")re");
  std::vector<std::string> rules;
  for (std::sregex_iterator it(text.begin(), text.end(), call), end; it != end; ++it) {
    const auto open = static_cast<size_t>(it->position() + it->length() - 1);
    const std::vector<std::string> arguments = Arguments(text, open);
    const size_t place = (*it)[1] == "Error" ? 1 : 0;
    if (place >= arguments.size()) continue;
    const std::string& argument = arguments[place];
    if (argument.find("MakeIssue") != std::string::npos) continue;  // found by itself
    for (std::sregex_iterator rule(argument.begin(), argument.end(), literal); rule != end; ++rule) rules.push_back((*rule)[1]);
  }
  return rules;
}

TEST(Rules, EveryRuleInUseStandsInTheTable) {
  const auto rules = ReadRules();
  size_t uses = 0;
  for (const std::string& room : Rooms()) {
    for (const SourceFile& file : SourcesIn(HEYI_SOURCE_DIR, room)) {
      for (const std::string& rule : RulesUsed(file.text)) {
        ++uses;
        EXPECT_TRUE(rules.contains(rule)) << file.path << " reports " << rule << ", which stands in no rules.tsv";
      }
    }
  }
  EXPECT_GT(uses, 100u);
}

TEST(Rules, EveryRowIsWhole) {
  const auto rules = ReadRules();
  ASSERT_GT(rules.size(), 50u);
  static const std::regex id("[a-z][a-z0-9-]*(\\.[a-z0-9-]+)+");
  for (const auto& [rule, row] : rules) {
    EXPECT_TRUE(std::regex_match(rule, id)) << rule;
    EXPECT_EQ(rules.count(rule), 1u) << rule << " stands twice";
    EXPECT_TRUE(kIssueCodes.contains(row.code)) << rule << ": " << row.code << " is no FHIR R4 issue type";
    EXPECT_TRUE((std::set<std::string>{"fatal", "error", "warning", "information"}.contains(row.severity))) << rule << ": " << row.severity;
    EXPECT_FALSE(row.english.empty()) << rule;
    EXPECT_FALSE(HasHan(row.english)) << rule << ": English in Chinese";
    EXPECT_TRUE(HasHan(row.chinese)) << rule << ": no Chinese";
    EXPECT_EQ(row.english.find("{}") == std::string::npos, row.chinese.find("{}") == std::string::npos) << rule << ": one language drops the detail";
  }
}

TEST(Rules, AreFoundWhereverTheyAreReported) {
  EXPECT_EQ(RulesUsed(R"(return Error(ErrorKind::kGone, "store.gone", {}, "a.b");)"), std::vector<std::string>{"store.gone"});
  EXPECT_EQ(RulesUsed("outcome.Add(\n    late ? \"x.late\" : \"x.early\", Path(\"a.b\", 1));"), (std::vector<std::string>{"x.late", "x.early"}));
  EXPECT_EQ(RulesUsed(R"(Error(kind, MakeIssue("json.syntax", "Patient.name")))"), std::vector<std::string>{"json.syntax"});
  EXPECT_EQ(RulesUsed(R"(Outcome(base::MakeIssue("a.b-c")); Add("no rule"); Add(f("(", ')'), "a.b");)"), std::vector<std::string>{"a.b-c"});
}

}  // namespace
}  // namespace heyi::house
