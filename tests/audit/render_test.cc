// AuditEvents and reports of a sample trail, against golden files (HEYI_UPDATE=1 rewrites them).
#include "tests/audit/trail_testing.h"

#include <fstream>
#include <sstream>

#include "base/json/value.h"
#include "base/text.h"
#include "conformance/structure.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"

namespace heyi::audit {
namespace {

void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string path = std::string(HEYI_SOURCE_DIR) + "/tests/data/audit/" + name;
  if (std::getenv("HEYI_UPDATE") != nullptr && std::getenv("CI") == nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  std::stringstream want;
  want << file.rdbuf();
  EXPECT_EQ(text, want.str()) << path;
}

ElderName OnlyP1() {
  return [](uint64_t pseudonym) -> std::optional<std::string> {
    return pseudonym == base::Hash64("Patient/p1") ? std::optional<std::string>("Patient/p1") : std::nullopt;
  };
}

const fhir::Definitions& Definitions() { return TestParameters()->definitions(); }

TEST(AuditEvent, IsTheGoldenOne) {
  std::string all;
  for (const TrailEntry& entry : SampleTrail()) {
    auto json = base::ParseJson(fhir::WriteJson(RenderAuditEvent(entry, OnlyP1(), Definitions())));
    ASSERT_TRUE(json.ok());
    all += base::WriteJson(*json, /*pretty=*/true) + "\n";
  }
  ExpectGolden("events.json", all);
}

// What R4 asks of every AuditEvent, and nothing that its types do not have: parsed again, strictly.
TEST(AuditEvent, HasWhatR4Requires) {
  for (const TrailEntry& entry : SampleTrail()) {
    const std::string json = fhir::WriteJson(RenderAuditEvent(entry, OnlyP1(), Definitions()));
    auto tree = fhir::ParseResource(json, Definitions());
    ASSERT_TRUE(tree.ok()) << base::EnglishText(tree.error().outcome.issues()[0]);
    EXPECT_EQ(fhir::WriteJson(*tree), json);
    base::Outcome outcome;
    conformance::CheckStructure(*tree, Definitions(), outcome);
    for (const base::Issue& issue : outcome.issues()) ADD_FAILURE() << issue.rule << " at " << issue.expression << ": " << issue.detail;
    const fhir::Node root = tree->root();
    EXPECT_EQ(tree->id(), entry.event_id());
    EXPECT_FALSE(root.Member("type").TextAt("code").empty());
    EXPECT_FALSE(root.TextAt("recorded").empty());
    EXPECT_TRUE(root.Member("source").Member("observer"));
    size_t requestors = 0;
    for (fhir::Node agent = root.Member("agent").first_child(); agent; agent = agent.next()) {
      ASSERT_TRUE(agent.Member("requestor"));
      requestors += agent.TextAt("requestor") == "true" ? 1 : 0;
    }
    EXPECT_EQ(requestors, 1u);
    EXPECT_TRUE(base::IsValidUtf8(json));
    if (entry.leaf.elders.empty()) continue;
    size_t patients = 0;
    for (fhir::Node entity = root.Member("entity").first_child(); entity; entity = entity.next()) {
      const std::string_view role = entity.Member("role").TextAt("code");
      patients += role == "1" ? 1 : 0;
    }
    EXPECT_EQ(patients, entry.leaf.elders.size());
  }
}

TEST(AuditEvent, TellsNoElderThatTheViewerMayNotKnow) {
  for (const TrailEntry& entry : SampleTrail()) {
    const std::string json = fhir::WriteJson(RenderAuditEvent(entry, nullptr, Definitions()));
    EXPECT_EQ(json.find("Patient/"), std::string::npos);
    EXPECT_EQ(json.find("p1"), std::string::npos);
    EXPECT_EQ(json.find("elder-pseudonym") == std::string::npos, entry.leaf.elders.empty());
  }
}

TEST(AuditEvent, OfEveryStatusHasItsOutcome) {
  TrailEntry entry = SampleTrail()[0];
  for (const auto& [status, outcome] : {std::pair(200, "0"), {304, "0"}, {401, "4"}, {422, "4"}, {500, "8"}, {503, "8"}}) {
    entry.leaf.status = status;
    EXPECT_EQ(RenderAuditEvent(entry, nullptr, Definitions()).root().TextAt("outcome"), outcome) << status;
  }
}

TEST(Report, IsTheGoldenOne) {
  const std::vector<TreeHead> heads = {{Source::kData, 18, base::Sha256("d"), base::Sm3("d")}, {Source::kAccess, 6, base::Sha256("a"), base::Sm3("a")}};
  ExpectGolden("report.txt", RenderReport(SampleTrail(), heads, "Patient/p1"));
  ExpectGolden("report_empty.txt", RenderReport({}, heads, ""));
}

TEST(Report, TellsOfNoOtherElder) {
  std::vector<TrailEntry> trail = SampleTrail();
  trail[1].leaf.resources = {{"Patient", "p1", 1, Action::kRead}, {"Patient", "p2", 1, Action::kRead}};
  const std::string report = RenderReport(trail, {}, "Patient/p1");
  EXPECT_NE(report.find("Patient/p1 第 1 版"), std::string::npos);
  EXPECT_EQ(report.find("Patient/p2"), std::string::npos);
  EXPECT_NE(RenderReport(trail, {}, "").find("Patient/p2"), std::string::npos);
}

// A client's text makes no line of its own.
TEST(Report, HasNoLineThatAClientWrote) {
  std::istringstream report(RenderReport(SampleTrail(), {}, "Patient/p1\n9. forged"));
  for (std::string line; std::getline(report, line);) {
    EXPECT_FALSE(line.starts_with("9. ") || line.starts_with("2. forged")) << line;
    EXPECT_TRUE(base::IsValidUtf8(line));
  }
}

}  // namespace
}  // namespace heyi::audit
