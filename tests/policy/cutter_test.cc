// Release profiles: what is cut and masked of a resource, what is refused, and what is wrong with a text.
#include "policy/cutter.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/json/value.h"
#include "base/text.h"
#include "conformance/structure.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "policy/limits.h"

namespace heyi::policy {
namespace {

const fhir::Definitions& R4() {
  static const auto loaded = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
  return **loaded;
}

std::string DataFile(const std::string& name) { return *base::ReadFile(HEYI_SOURCE_DIR "/tests/data/policy/release/" + name); }

std::vector<std::string> Strings(const base::JsonValue& list) {
  std::vector<std::string> strings;
  for (const base::JsonValue& item : list.items()) strings.push_back(item.text());
  return strings;
}

TEST(Cutter, Cases) {
  auto cases = base::ParseJson(DataFile("cases.json"));
  ASSERT_TRUE(cases.ok());
  ASSERT_GE(cases->items().size(), 30u);
  for (const base::JsonValue& one : cases->items()) {
    SCOPED_TRACE(std::string(one.StringAt("title")));
    std::string text, lets;
    for (const std::string& line : Strings(one["profile"])) (line.starts_with("let") ? lets : text) += line + "\n";
    auto profiles = ReleaseProfiles::Parse("p", lets + "profile t | health | TREAT\n" + text, R4());
    ASSERT_TRUE(profiles.ok()) << base::EnglishText(profiles.error().outcome.issues().front());
    auto resource = fhir::ParseResource(base::WriteJson(one["resource"]), R4());
    ASSERT_TRUE(resource.ok());
    const std::string before = fhir::WriteJson(*resource);
    auto released = Release(*profiles->Find("t"), *resource);
    EXPECT_EQ(fhir::WriteJson(*resource), before) << "the resource itself stays as it is";
    if (one.Find("rule") != nullptr) {
      ASSERT_FALSE(released.ok()) << fhir::WriteJson(released->tree);
      EXPECT_EQ(released.error().outcome.issues().front().rule, one.StringAt("rule"));
      EXPECT_EQ(released.error().outcome.issues().front().expression, one.StringAt("expression"));
      continue;
    }
    ASSERT_TRUE(released.ok()) << base::EnglishText(released.error().outcome.issues().front());
    EXPECT_EQ(fhir::WriteJson(released->tree), base::WriteJson(one["want"]));
    EXPECT_EQ(released->cut, Strings(one["cut"]));
    EXPECT_EQ(released->masked, Strings(one["masked"]));
  }
}

TEST(ReleaseText, IsRefusedWithFileAndLine) {
  std::istringstream lines(DataFile("syntax.tsv"));
  size_t seen = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    const size_t tab = line.find('\t');
    std::string text = line.substr(tab + 1);
    for (size_t at; (at = text.find("\\n")) != std::string::npos;) text.replace(at, 2, "\n");
    auto profiles = ReleaseProfiles::Parse("release.profiles", text, R4());
    ASSERT_FALSE(profiles.ok()) << text;
    EXPECT_EQ(profiles.error().outcome.issues().front().rule, "release.syntax");
    EXPECT_EQ(profiles.error().outcome.issues().front().expression, "release.profiles:" + line.substr(0, tab)) << text;
    ++seen;
  }
  EXPECT_GE(seen, 35u);
}

TEST(ReleaseText, TellsAllErrorsAtOnceButNotWithoutEnd) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += "what\n";
  EXPECT_EQ(ReleaseProfiles::Parse("p", text, R4()).error().outcome.issues().size(), 3u);
  for (int i = 0; i < 1'000; ++i) text += "what\n";
  EXPECT_EQ(ReleaseProfiles::Parse("p", text, R4()).error().outcome.issues().size(), kPolicyErrorsMax);
  EXPECT_FALSE(ReleaseProfiles::Parse("p", std::string(kPolicyBytesMax + 1, '#'), R4()).ok());
  std::string deep = "name";
  for (size_t i = 0; i < kReleaseDepthMax; ++i) deep += ".extension";
  EXPECT_FALSE(ReleaseProfiles::Parse("p", "profile a | health | TREAT\non Patient\nkeep active deceased link " + deep, R4()).ok());
}

TEST(BuiltInProfiles, FollowTheDuties) {
  const ReleaseProfiles profiles = ReleaseProfiles::Default(R4());
  ASSERT_GE(profiles.all().size(), 6u);
  for (const ReleaseProfile& profile : profiles.all()) {
    if (profile.recipient() == "civil-affairs") {
      for (std::string_view type : {"Condition", "Observation", "DiagnosticReport", "MedicationRequest", "Encounter", "Coverage", "Claim"}) {
        EXPECT_EQ(profile.RulesOf(type), nullptr) << profile.id() << " " << type;
      }
    }
    if (profile.recipient() == "insurance") {
      EXPECT_TRUE(profile.IsFor("HPAYMT")) << profile.id();
      EXPECT_FALSE(profile.IsFor("TREAT")) << profile.id();
    }
    EXPECT_TRUE(profile.recipient() != "health" || profile.RulesOf("Claim") == nullptr);
  }
  EXPECT_EQ(profiles.For("insurance", "TREAT", "Patient", ""), nullptr);
  EXPECT_EQ(profiles.For("audit", "HCOMPL", "Patient", ""), nullptr);
  ASSERT_NE(profiles.For("insurance", "HPAYMT", "Condition", ""), nullptr);
  EXPECT_EQ(profiles.For("insurance", "HPAYMT", "Condition", "")->id(), "insurance.settlement");
  EXPECT_EQ(profiles.Find("nobody"), nullptr);
}

TEST(Profiles, PreferTheOneForTheAgreement) {
  auto profiles = ReleaseProfiles::Parse("p", "profile a | health | TREAT\non Location\nkeep *\nprofile b | health | TREAT | referral\non Location\nkeep *", R4());
  ASSERT_TRUE(profiles.ok());
  EXPECT_EQ(profiles->For("health", "TREAT", "Location", "referral")->id(), "b");
  EXPECT_EQ(profiles->For("health", "TREAT", "Location", "other")->id(), "a");
  EXPECT_EQ(profiles->For("health", "TREAT", "Location", "")->id(), "a");
}

// HL7's examples by every profile that knows their type: what comes out is valid, and nothing comes out that did not go in.
TEST(BuiltInProfiles, LeaveTheExamplesValid) {
  const std::filesystem::path folder = HEYI_SOURCE_DIR "/node_modules/hl7.fhir.r4.examples";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "hl7.fhir.r4.examples is not installed (npm ci)";
  const ReleaseProfiles profiles = ReleaseProfiles::Default(R4());
  size_t released = 0, refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    const fhir::Type* type = R4().FindResource(name.substr(0, name.find('-')));
    if (type == nullptr || entry.path().extension() != ".json") continue;
    for (const ReleaseProfile& profile : profiles.all()) {
      if (profile.RulesOf(type->name) == nullptr) continue;
      auto resource = fhir::ParseResource(*base::ReadFile(entry.path()), R4());
      if (!resource.ok()) continue;
      base::Outcome before;
      conformance::CheckStructure(*resource, R4(), before);
      if (before.HasErrors()) continue;
      auto cut = Release(profile, *resource);
      if (!cut.ok()) {
        ++refused;
        continue;
      }
      ++released;
      const std::string text = fhir::WriteJson(cut->tree);
      EXPECT_LE(text.size(), fhir::WriteJson(*resource).size()) << name;
      auto again = fhir::ParseResource(text, R4());
      ASSERT_TRUE(again.ok()) << name << " by " << profile.id() << ": " << base::EnglishText(again.error().outcome.issues().front()) << "\n" << text;
      base::Outcome outcome;
      conformance::CheckStructure(*again, R4(), outcome);
      EXPECT_FALSE(outcome.HasErrors()) << name << " by " << profile.id() << ": " << outcome.issues().front().expression << "\n" << text;
      auto twice = Release(profile, *again);
      ASSERT_TRUE(twice.ok()) << name << " by " << profile.id();
      EXPECT_TRUE(!cut->masked.empty() || fhir::WriteJson(twice->tree) == text) << "what has been cut is cut";
    }
  }
  EXPECT_GT(released, 100u);
  EXPECT_GT(released, refused) << refused << " refused";
}

TEST(Cutter, DoesNotGoDownWithoutEnd) {
  auto profiles = ReleaseProfiles::Parse("p", "profile t | health | TREAT\non Questionnaire\nkeep *", R4());
  ASSERT_TRUE(profiles.ok()) << base::EnglishText(profiles.error().outcome.issues().front());
  std::string text = R"({"linkId":"x","type":"group"})";
  for (int i = 0; i < 40; ++i) text = R"({"linkId":"x","type":"group","item":[)" + text + "]}";
  const auto tree = [&] { return fhir::ParseResource(R"({"resourceType":"Questionnaire","status":"draft","item":[)" + text + "]}", R4()); };
  EXPECT_TRUE(Release(*profiles->Find("t"), *tree()).ok());
  for (int i = 0; i < 40; ++i) text = R"({"linkId":"x","type":"group","item":[)" + text + "]}";
  auto deep = tree();
  if (!deep.ok()) return;  // the parser's own bound is nearer
  auto released = Release(*profiles->Find("t"), *deep);
  ASSERT_FALSE(released.ok());
  EXPECT_EQ(released.error().outcome.issues().front().rule, "release.too-deep");
}

}  // namespace
}  // namespace heyi::policy
