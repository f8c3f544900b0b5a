#include "conformance/structure.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <set>

#include "base/file.h"
#include "base/json/value.h"
#include "conformance/primitives.h"
#include "fhir/json/parse.h"

namespace heyi::conformance {
namespace {

namespace fs = std::filesystem;

const fhir::Definitions& Definitions() {
  static const std::shared_ptr<const fhir::Definitions> definitions = [] {
    auto loaded = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    if (!loaded.ok()) std::abort();  // the target heyi_pack makes it
    return *loaded;
  }();
  return *definitions;
}

// "rule @ expression" of every issue; parsing must have succeeded.
std::vector<std::string> Check(std::string text) {
  auto tree = fhir::ParseResource(std::move(text), Definitions());
  if (!tree.ok()) return {"refused by the parser: " + tree.error().outcome.issues().at(0).rule};
  base::Outcome outcome;
  CheckStructure(*tree, Definitions(), outcome);
  std::vector<std::string> lines;
  for (const base::Issue& issue : outcome.issues()) {
    lines.push_back(issue.expression.empty() ? issue.rule : issue.rule + " @ " + issue.expression);
  }
  return lines;
}

// tests/data/conformance/structure/<rule>/{fail_*,pass_*}.json: {"issues": ["rule @ expression"], "resource": {…}}
TEST(Structure, Cases) {
  size_t cases = 0;
  std::set<std::string> failing;
  for (const auto& entry : fs::recursive_directory_iterator(HEYI_SOURCE_DIR "/tests/data/conformance/structure")) {
    if (entry.path().extension() != ".json") continue;
    const auto text = base::ReadFile(entry.path().string());
    ASSERT_TRUE(text.ok());
    const auto json = base::ParseJson(*text);
    ASSERT_TRUE(json.ok()) << entry.path();
    std::vector<std::string> want;
    for (const base::JsonValue& issue : (*json)["issues"].items()) want.push_back(issue.text());
    const std::string rule = entry.path().parent_path().filename();
    const bool must_fail = entry.path().filename().string().starts_with("fail_");
    EXPECT_EQ(must_fail, !want.empty()) << entry.path();
    if (must_fail) failing.insert("conformance." + rule);
    EXPECT_EQ(Check(base::WriteJson((*json)["resource"])), want) << entry.path();
    ++cases;
  }
  EXPECT_GE(cases, 100u);
  EXPECT_GE(failing.size(), 22u);
  std::printf("%zu cases, %zu rules\n", cases, failing.size());
}

std::string Nested(int depth) {
  std::string text = R"({"resourceType":"Patient")";
  for (int i = 0; i < depth; ++i) text += R"(,"extension":[{"url":"http://x.example/a")";
  text += R"(,"valueBoolean":true)";
  for (int i = 0; i < depth; ++i) text += "}]";
  return text + "}";
}

TEST(Structure, BoundsExtensionDepth) {
  EXPECT_EQ(Check(Nested(32)), std::vector<std::string>());
  std::string place = "Patient";
  for (int i = 0; i < 33; ++i) place += ".extension[0]";
  EXPECT_EQ(Check(Nested(33)), std::vector<std::string>({"conformance.extension-depth @ " + place}));
  EXPECT_EQ(Check(Nested(50)), std::vector<std::string>({"conformance.extension-depth @ " + place}));
}

TEST(Structure, CountsExtensionDepthNotBreadth) {
  std::string text = R"({"resourceType":"Patient","extension":[)";
  for (int i = 0; i < 200; ++i) text += R"({"url":"http://x.example/a","extension":[{"url":"b","valueCode":"c"}]},)";
  text.back() = ']';
  EXPECT_EQ(Check(text + "}"), std::vector<std::string>());
}

TEST(Structure, BoundsStrings) {
  const auto named = [](size_t bytes) {
    return R"({"resourceType":"Patient","name":[{"text":")" + std::string(bytes, 'x') + R"("}]})";
  };
  EXPECT_EQ(Check(named(1024 * 1024)), std::vector<std::string>());
  EXPECT_EQ(Check(named(1024 * 1024 + 1)), std::vector<std::string>({"conformance.string @ Patient.name[0].text"}));
}

TEST(Structure, StopsAfterAHundredIssues) {
  std::string text = R"({"resourceType":"Patient","extension":[)";
  for (int i = 0; i < 100'000; ++i) text += R"({"url":"http://x.example/a"},)";
  text.back() = ']';
  EXPECT_EQ(Check(text + "}").size(), 100u);
}

// Ten thousand references into ten thousand contained resources: looked up, not searched for.
TEST(Structure, ManyContainedAreLinear) {
  std::string text = R"({"resourceType":"List","status":"current","mode":"working","contained":[)";
  for (int i = 0; i < 10'000; ++i) {
    text += R"({"resourceType":"Basic","code":{"text":"x"},"id":"c)" + std::to_string(i) + R"("},)";
  }
  text.back() = ']';
  text += R"(,"entry":[)";
  for (int i = 0; i < 10'000; ++i) text += R"({"item":{"reference":"#c)" + std::to_string(i) + R"("}},)";
  text.back() = ']';
  const std::clock_t begin = std::clock();
  EXPECT_EQ(Check(text + "}"), std::vector<std::string>());
  EXPECT_LT(std::clock() - begin, 2 * CLOCKS_PER_SEC);
}

// A tree that was not parsed: the parser would have refused the second value of the choice.
TEST(Structure, SeesWhatWasBuiltByHand) {
  fhir::Tree tree;
  tree.SetRoot(Definitions().FindResource("Patient"));
  tree.AddMember(0, "deceasedBoolean", fhir::NodeKind::kBool, "true");
  tree.AddMember(0, "deceasedDateTime", fhir::NodeKind::kString, "2024");
  base::Outcome outcome;
  CheckStructure(tree, outcome);
  ASSERT_EQ(outcome.issues().size(), 1u);
  EXPECT_EQ(outcome.issues()[0].rule, "conformance.choice");
}

TEST(Structure, WithoutDefinitionsUnknownTypesPassWhereAnyTypeMay) {
  auto tree = fhir::ParseResource(R"({"resourceType":"Observation","status":"final","code":{"text":"x"},
      "subject":{"reference":"Elder/1"},"focus":[{"reference":"Elder/1"}]})", Definitions());
  ASSERT_TRUE(tree.ok());
  base::Outcome outcome;
  CheckStructure(*tree, outcome);
  ASSERT_EQ(outcome.issues().size(), 1u);
  EXPECT_EQ(outcome.issues()[0].rule, "conformance.reference-target");
  EXPECT_EQ(outcome.issues()[0].expression, "Observation.subject.reference");
}

TEST(Structure, Decimals) {
  for (const char* text : {"0", "-0.50", "1.5e-7", "10E+3"}) EXPECT_TRUE(IsDecimal(text)) << text;
  for (const char* text : {"", "+1", "01", ".5", "5.", "1e", "1e+", "0x1", "NaN", "1 "}) {
    EXPECT_FALSE(IsDecimal(text)) << text;
  }
}

// Not a bound, a figure to read.
TEST(Structure, CostOfAnObservation) {
  const auto text = base::ReadFile(HEYI_SOURCE_DIR "/tests/data/fhir/search/values.json");
  ASSERT_TRUE(text.ok());
  const auto json = base::ParseJson(*text);
  ASSERT_TRUE(json.ok());
  const std::string resource = base::WriteJson(json->items().at(0)["resource"]);
  const auto tree = fhir::ParseResource(resource, Definitions());
  ASSERT_TRUE(tree.ok());
  constexpr int kRounds = 5'000;
  double best_us = 1e9;
  base::Outcome outcome;
  for (int batch = 0; batch < 5; ++batch) {
    const std::clock_t begin = std::clock();  // processor time: the machine has other things to do
    for (int i = 0; i < kRounds; ++i) CheckStructure(*tree, Definitions(), outcome);
    best_us = std::min(best_us, static_cast<double>(std::clock() - begin) * 1e6 / CLOCKS_PER_SEC / kRounds);
  }
  EXPECT_TRUE(outcome.empty());
  std::printf("%zu bytes: %.2f us\n", resource.size(), best_us);
}

// HL7's own examples are valid, but for these.
TEST(Structure, OfficialExamplesPass) {
  const fs::path directory = HEYI_SOURCE_DIR "/node_modules/hl7.fhir.r4.examples";
  if (!fs::exists(directory)) GTEST_SKIP() << "no node_modules/hl7.fhir.r4.examples: run `npm ci`";
  std::map<std::string, std::string_view> known = {
      {"DeviceMetric-example.json", "parent refers to a DeviceDefinition, Device is allowed"},
      {"DeviceUseStatement-example.json", "reasonReference refers to a Procedure"},
      {"MedicationRequest-medrx0301.json", "dispenseRequest.performer refers to a Practitioner"},
      {"Observation-clinical-gender.json", "performer refers to an Encounter"},
      {"ImplementationGuide-fhir.json", "no name and no status"},
      {"PlanDefinition-example-cardiology-os.json", "answerValueSet #CardiologyReferralReasonValues is not contained"},
      {"Questionnaire-qs1.json", "items without linkId"},
      {"SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json",
       "id of more than 64 characters"},
  };
  for (const char* type : {"codesystem-extensions-CodeSystem", "valueset-extensions-ValueSet"}) {
    for (const char* code : {"author", "effective", "end", "keyword", "workflow"}) {
      known.emplace(std::string("SearchParameter-") + type + "-" + code + ".json", "no base");
    }
  }
  size_t files = 0;
  size_t passed = 0;
  std::map<std::string, size_t> broken;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".json") || name[0] < 'A' || name[0] > 'Z') continue;
    const auto text = base::ReadFile(entry.path().string());
    ASSERT_TRUE(text.ok());
    ++files;
    const std::vector<std::string> issues = Check(*text);
    if (issues.empty()) {
      ++passed;
      continue;
    }
    ++broken[issues.front().substr(0, issues.front().find(" @"))];
    if (known.erase(name) == 0) ADD_FAILURE() << name << ": " << issues.size() << " issues, first " << issues.front();
  }
  std::printf("%zu of %zu examples pass\n", passed, files);
  for (const auto& [rule, count] : broken) std::printf("  %s: %zu\n", rule.c_str(), count);
  EXPECT_GT(files, 4'000u);
  for (const auto& [name, why] : known) ADD_FAILURE() << name << " passes, though: " << why;
}

}  // namespace
}  // namespace heyi::conformance
