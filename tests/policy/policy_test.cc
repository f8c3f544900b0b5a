// The policy: the district's default table cell by cell, the first row that fits, and what is wrong with a text.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/text.h"
#include "fhir/model/definitions.h"
#include "policy/limits.h"
#include "policy/policy.h"

namespace heyi::policy {
namespace {

constexpr std::string_view kActionNames[] = {"read", "search", "history", "create", "update", "delete", "operate", "deliver", "audit", "manage"};
constexpr std::string_view kCustodyNames[] = {"none", "civil-affairs", "health", "insurance", "hub"};

std::vector<std::vector<std::string>> ReadTable(const std::string& name) {
  std::ifstream file(std::string(HEYI_SOURCE_DIR) + "/tests/data/policy/" + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> cells;
    for (std::string_view cell : base::Split(line, '\t')) cells.emplace_back(cell);
    rows.push_back(std::move(cells));
  }
  return rows;
}

base::Caller CallerOf(std::string_view words) {
  base::Caller caller;
  caller.client = "test-client";
  const auto parts = base::Split(words, ' ');
  std::string* fields[] = {&caller.department, &caller.role, &caller.purpose};
  for (size_t i = 0; i < parts.size() && i < 3; ++i) *fields[i] = parts[i] == "-" ? "" : std::string(parts[i]);
  return caller;
}

template <size_t N>
size_t IndexOf(const std::string_view (&names)[N], std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) return i;
  }
  ADD_FAILURE() << name;
  return 0;
}

TEST(DefaultPolicy, DecidesEveryCellOfTheMatrix) {
  const Policy policy = Policy::Default();
  const auto rows = ReadTable("matrix.tsv");
  ASSERT_GE(rows.size(), 100u);
  size_t allowed = 0;
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 6u) << row[0];
    const base::Caller caller = CallerOf(row[0]);
    const Question question{&caller, static_cast<Action>(IndexOf(kActionNames, row[1])), row[2],
                            static_cast<Custody>(IndexOf(kCustodyNames, row[3])), row[4] == "-" ? std::string_view() : std::string_view(row[4])};
    const Decision decision = policy.Decide(question);
    EXPECT_EQ(decision.allowed ? "allow" : "deny", row[5]) << row[0] << " " << row[1] << " " << row[2] << " of " << row[3] << " by row "
                                                           << decision.row;
    EXPECT_TRUE(!decision.allowed || !decision.row.empty());
    allowed += decision.allowed ? 1 : 0;
  }
  EXPECT_GT(allowed, rows.size() / 4);  // a policy that denies all would not pass for one that works
}

// Whatever an insurer asks for in treatment's name, of whatever custody: no.
TEST(DefaultPolicy, NeverLetsAnInsurerTreat) {
  auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
  ASSERT_TRUE(definitions.ok());
  const Policy policy = Policy::Default();
  for (std::string_view role : {"clinician", "care-worker", "officer", "auditor", "operator", "system"}) {
    const base::Caller caller = CallerOf("insurance " + std::string(role) + " TREAT");
    for (const fhir::Type* type : (*definitions)->resources()) {
      for (unsigned action = 0; action < std::size(kActionNames); ++action) {
        for (unsigned custody = 0; custody < std::size(kCustodyNames); ++custody) {
          const Decision decision = policy.Decide({&caller, static_cast<Action>(action), type->name, static_cast<Custody>(custody)});
          ASSERT_FALSE(decision.allowed) << role << " " << kActionNames[action] << " " << type->name << " by " << decision.row;
          ASSERT_EQ(decision.row, "insurance.treat");
        }
      }
    }
  }
}

// Nobody but operators and the hub may do anything with a resource type that no list names.
TEST(DefaultPolicy, NamesOnlyTypesOfR4) {
  auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
  ASSERT_TRUE(definitions.ok());
  std::ifstream file(std::string(HEYI_SOURCE_DIR) + "/policy/default.policy");
  size_t named = 0;
  for (std::string line; std::getline(file, line);) {
    line = line.substr(0, line.find('#'));
    const auto cells = base::Split(line, '|');
    const std::string_view types = line.starts_with("list ") ? std::string_view(line).substr(5) : cells.size() >= 8 ? cells[6] : std::string_view();
    for (std::string_view word : base::Split(types, ' ')) {
      if (word.empty() || word.front() < 'A' || word.front() > 'Z') continue;
      EXPECT_NE((*definitions)->FindResource(word), nullptr) << word;
      ++named;
    }
  }
  EXPECT_GT(named, 100u);
}

TEST(Policy, RefusesTheAnonymousAndUnknownLabels) {
  const Policy policy = Policy::Default();
  base::Caller caller = CallerOf("operator operator HOPERAT");
  EXPECT_TRUE(policy.Decide({&caller, Action::kRead, "Patient", Custody::kNone}).allowed);
  EXPECT_FALSE(policy.Decide({&caller, Action::kRead, "Patient", static_cast<Custody>(5)}).allowed);
  EXPECT_FALSE(policy.Decide({&caller, Action::kRead, "Patient", static_cast<Custody>(4'000'000'000u)}).allowed);
  caller.client.clear();
  EXPECT_FALSE(policy.Decide({&caller, Action::kRead, "Patient", Custody::kNone}).allowed);
  EXPECT_FALSE(policy.Decide({}).allowed);
}

TEST(Policy, TakesTheFirstRowThatFits) {
  auto policy = Policy::Parse(R"(
# order matters
deny  no.task    | * | health | * | TREAT | read | Task | civil-affairs
allow home.one   | home-1 home-2 | civil-affairs | care-worker | TREAT | read update | Task | *
list  seen       Task Encounter
list  seen       Patient
allow all.seen   | * | health civil-affairs | clinician officer | * | read search | @seen $match | health civil-affairs
)");
  ASSERT_TRUE(policy.ok());
  base::Caller clinician = CallerOf("health clinician TREAT");
  auto decide = [&](const base::Caller& caller, Action action, std::string_view type, Custody custody) {
    const Decision decision = policy->Decide({&caller, action, type, custody});
    return std::string(decision.allowed ? "+" : "-").append(decision.row);
  };
  EXPECT_EQ(decide(clinician, Action::kRead, "Task", Custody::kCivilAffairs), "-no.task");
  EXPECT_EQ(decide(clinician, Action::kRead, "Task", Custody::kHealth), "+all.seen");
  EXPECT_EQ(decide(clinician, Action::kSearch, "Task", Custody::kCivilAffairs), "+all.seen");
  EXPECT_EQ(decide(clinician, Action::kRead, "Patient", Custody::kHealth), "+all.seen");
  EXPECT_EQ(decide(clinician, Action::kRead, "Patient", Custody::kInsurance), "-");
  EXPECT_EQ(decide(clinician, Action::kUpdate, "Patient", Custody::kHealth), "-");
  clinician.purpose = "HPAYMT";  // the deny is about treatment only
  EXPECT_EQ(decide(clinician, Action::kRead, "Task", Custody::kCivilAffairs), "+all.seen");
  base::Caller worker = CallerOf("civil-affairs care-worker TREAT");
  EXPECT_EQ(decide(worker, Action::kRead, "Task", Custody::kHub), "-");
  worker.organization = "home-2";
  EXPECT_EQ(decide(worker, Action::kRead, "Task", Custody::kHub), "+home.one");
  worker.organization = "home-3";
  EXPECT_EQ(decide(worker, Action::kRead, "Task", Custody::kHub), "-");
}

TEST(Policy, RowIdsLiveAsLongAsThePolicy) {
  base::Caller caller = CallerOf("operator operator HOPERAT");
  Policy first = Policy::Default();
  const Policy policy = std::move(first);
  const Decision decision = policy.Decide({&caller, Action::kRead, "Patient", Custody::kNone});
  EXPECT_EQ(decision.row, "operator.all");
}

// What stands between two departments is for these two and the hub, whatever a third's rows say.
TEST(Policy, KeepsBetweenTwoWhatStandsBetweenThem) {
  auto open = Policy::Parse("allow all | * | * | * | * | * | * | * | civil-affairs health insurance\n");
  ASSERT_TRUE(open.ok());
  const Policy district = Policy::Default();
  for (Custody between : kCustodiesBetween) {
    EXPECT_EQ(CustodyName(between), "between");
    for (std::string_view words : {"civil-affairs officer COC", "civil-affairs care-worker TREAT", "health clinician TREAT", "insurance officer HPAYMT",
                                   "audit auditor HCOMPL", "operator operator HOPERAT", "hub system COC"}) {
      const base::Caller caller = CallerOf(words);
      const Custody own = CustodyOf(caller.department);
      const bool party = own == Custody::kHub || (own != Custody::kNone && (static_cast<uint32_t>(between) >> static_cast<uint32_t>(own) & 1u) != 0);
      EXPECT_EQ(open->Decide({&caller, Action::kRead, "Task", between}).allowed, party) << words << " " << static_cast<uint32_t>(between);
      EXPECT_EQ(district.Decide({&caller, Action::kRead, "Task", between}).allowed, party) << words << " " << static_cast<uint32_t>(between);
      EXPECT_EQ(district.Decide({&caller, Action::kUpdate, "Task", between}).allowed, own == Custody::kHub) << words;
    }
  }
  EXPECT_EQ(Between(Custody::kHealth, Custody::kHealth), Custody::kHealth);
  EXPECT_EQ(Between(Custody::kHealth, Custody::kInsurance), Between(Custody::kInsurance, Custody::kHealth));
  const base::Caller all = CallerOf("operator operator HOPERAT");
  EXPECT_FALSE(open->Decide({&all, Action::kRead, "Task", static_cast<Custody>(64)}).allowed);
}

TEST(PolicyText, IsRefusedWithTheLine) {
  const auto rows = ReadTable("syntax.tsv");
  ASSERT_GE(rows.size(), 25u);
  for (const auto& row : rows) {
    std::string text = row[1];
    for (size_t at; (at = text.find("\\n")) != std::string::npos;) text.replace(at, 2, "\n");
    auto policy = Policy::Parse(text);
    ASSERT_FALSE(policy.ok()) << text;
    EXPECT_EQ(policy.error().kind, base::ErrorKind::kInvalid);
    const base::Issue& issue = policy.error().outcome.issues().front();
    EXPECT_EQ(issue.rule, "policy.syntax");
    EXPECT_EQ(issue.expression, "line " + row[0]) << text << ": " << issue.detail;
  }
}

TEST(PolicyText, TellsAllErrorsAtOnceButNotWithoutEnd) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += "what\n";
  EXPECT_EQ(Policy::Parse(text).error().outcome.issues().size(), 3u);
  for (int i = 0; i < 10'000; ++i) text += "what\n";
  EXPECT_EQ(Policy::Parse(text).error().outcome.issues().size(), kPolicyErrorsMax);
  EXPECT_FALSE(Policy::Parse(std::string(kPolicyBytesMax + 1, '#')).ok());
  EXPECT_FALSE(Policy::Parse("# \xff\n").ok());
  EXPECT_TRUE(Policy::Parse("").ok());  // allows nothing
}

TEST(Custody, FollowsTheDepartment) {
  for (std::string_view department : {"civil-affairs", "health", "insurance", "hub"}) EXPECT_EQ(CustodyName(CustodyOf(department)), department);
  EXPECT_EQ(CustodyOf("operator"), Custody::kHub);
  EXPECT_EQ(CustodyOf("audit"), Custody::kNone);
  EXPECT_EQ(CustodyOf(""), Custody::kNone);
}

}  // namespace
}  // namespace heyi::policy
