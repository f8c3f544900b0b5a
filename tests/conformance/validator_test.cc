// What the validator finds and what it lets pass. tests/data/conformance/validate/<area>.json, a list of
//   {"name", "resource", "definitions": […] in memory over the base library, "profile" to hold it to, "stored": resources that
//    references lead to, "errors": ["rule @ expression", …] exactly, "warnings": exactly, where given,
//    "passes": rules that this case comes near to and does not break}
// An invariant's rule has its key: "conformance.invariant pat-1 @ Patient.contact[0]".
#include "conformance/validate/validator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <regex>
#include <set>

#include "base/file.h"
#include "base/json/value.h"
#include "conformance/library/layered_source.h"
#include "conformance/library/library.h"
#include "conformance/library/memory_source.h"
#include "conformance/terminology/terminology.h"
#include "fhir/json/parse.h"

namespace heyi::conformance {
namespace {

namespace fs = std::filesystem;
using base::JsonValue;
using Lines = std::set<std::string>;

constexpr base::TimeMs kNowMs = 1'790'000'000'000;  // 2026-09-21

const fhir::Definitions& Definitions() {
  static const std::shared_ptr<const fhir::Definitions> definitions = [] {
    auto loaded = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    if (!loaded.ok()) std::abort();  // the target heyi_pack makes it
    return *loaded;
  }();
  return *definitions;
}

const Library& BaseLibrary() {
  static const std::unique_ptr<Library> library = [] {
    auto opened = Library::Open(HEYI_BINARY_DIR "/heyi-r4.definitions");
    if (!opened.ok()) std::abort();  // the target heyi_pack makes it, too
    return std::move(*opened);
  }();
  return *library;
}

// What references of the case lead to outside its resource.
class StoredResources : public fhir::LocalEvalContext {
 public:
  explicit StoredResources(const JsonValue& resources) : LocalEvalContext(kNowMs) {
    for (const JsonValue& one : resources.items()) {
      auto tree = fhir::ParseResource(base::WriteJson(one), Definitions());
      EXPECT_TRUE(tree.ok());
      const std::string name = tree->type()->name + "/" + std::string(tree->id());
      trees_.emplace(name, std::make_unique<fhir::Tree>(std::move(*tree)));
    }
  }
  const fhir::Tree* Resolve(std::string_view reference, fhir::Node) const override {
    const auto found = trees_.find(std::string(reference));
    return found == trees_.end() ? nullptr : found->second.get();
  }

 private:
  std::map<std::string, std::unique_ptr<fhir::Tree>> trees_;
};

// A validator over definitions of its own and the base library.
class World {
 public:
  explicit World(const JsonValue& definitions) {
    for (const JsonValue& one : definitions.items()) EXPECT_TRUE(memory_.Add(one)) << base::WriteJson(one);
  }
  const Validator& validator() const { return validator_; }

 private:
  MemorySource memory_;
  LayeredSource source_{{&memory_, &BaseLibrary()}};
  Terminology terminology_{source_};
  Validator validator_{Definitions(), source_, &terminology_};
};

struct Found {
  Lines errors, warnings;
  double cpu_seconds = 0;
};

std::string LineOf(const base::Issue& issue) {
  std::string line = issue.rule;
  if (line.starts_with("conformance.invariant")) line += " " + issue.detail.substr(0, issue.detail.find(':'));
  return issue.expression.empty() ? line : line + " @ " + issue.expression;
}

Found Validate(std::string resource, const JsonValue& definitions, const std::string& profile, const JsonValue& stored) {
  static const World bare{JsonValue()};
  std::optional<World> own;
  if (!definitions.items().empty()) own.emplace(definitions);
  const auto tree = fhir::ParseResource(std::move(resource), Definitions());
  if (!tree.ok()) return {{"refused by the parser: " + tree.error().outcome.issues().at(0).rule}, {}, 0};
  ValidationOptions options;
  if (!profile.empty()) options.profiles.push_back(profile);
  const StoredResources context(stored);
  base::Outcome outcome;
  Found found;
  const std::clock_t begin = std::clock();
  (own ? *own : bare).validator().Validate(*tree, options, &context, kNowMs, outcome);
  found.cpu_seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  for (const base::Issue& issue : outcome.issues()) {
    const bool error = issue.severity <= base::Severity::k_error;
    (error ? found.errors : found.warnings).insert(LineOf(issue));
  }
  std::erase_if(found.warnings, [](const std::string& line) { return line.starts_with("conformance.invariant-warning dom-6 "); });  // no narrative
  return found;
}

Lines LinesOf(const JsonValue& list) {
  Lines lines;
  for (const JsonValue& one : list.items()) lines.insert(one.text());
  return lines;
}

std::string RuleOf(const std::string& line) { return line.substr(0, line.find(' ')); }

void Check(const JsonValue& one, std::set<std::string>& failing, std::set<std::string>& passing) {
  const Found found = Validate(base::WriteJson(one["resource"]), one["definitions"], std::string(one.StringAt("profile")), one["stored"]);
  EXPECT_EQ(found.errors, LinesOf(one["errors"]));
  if (one.Find("warnings") != nullptr) {
    EXPECT_EQ(found.warnings, LinesOf(one["warnings"]));
  }
  Lines all = found.errors;
  all.insert(found.warnings.begin(), found.warnings.end());
  for (const std::string& line : all) failing.insert(RuleOf(line));
  for (const JsonValue& rule : one["passes"].items()) {
    passing.insert(rule.text());
    EXPECT_TRUE(std::none_of(all.begin(), all.end(), [&](const std::string& line) { return RuleOf(line) == rule.text(); })) << rule.text();
  }
}

// Rules that need more data than a case can hold; the tests below.
const std::set<std::string> kInCode = {"conformance.too-costly"};

std::set<std::string> ReportedRules() {
  std::set<std::string> rules;
  const std::regex id("\"(conformance\\.[a-z0-9-]+)\"");
  for (const auto& file : fs::directory_iterator(HEYI_SOURCE_DIR "/conformance/validate")) {
    const auto text = base::ReadFile(file.path().string());
    if (!text.ok()) continue;
    for (std::sregex_iterator at(text->begin(), text->end(), id), end; at != end; ++at) rules.insert((*at)[1]);
  }
  return rules;
}

TEST(Validator, Cases) {
  size_t cases = 0;
  std::set<std::string> failing, passing;
  for (const auto& file : fs::directory_iterator(HEYI_SOURCE_DIR "/tests/data/conformance/validate")) {
    const auto text = base::ReadFile(file.path().string());
    ASSERT_TRUE(text.ok());
    const auto json = base::ParseJson(*text);
    ASSERT_TRUE(json.ok()) << file.path();
    for (const JsonValue& one : json->items()) {
      SCOPED_TRACE(file.path().stem().string() + ": " + std::string(one.StringAt("name")));
      Check(one, failing, passing);
      ++cases;
    }
  }
  const std::set<std::string> rules = ReportedRules();
  EXPECT_GE(rules.size(), 60u);
  for (const std::string& rule : rules) {
    if (kInCode.contains(rule)) continue;
    EXPECT_TRUE(failing.contains(rule)) << "no case breaks " << rule;
    EXPECT_TRUE(passing.contains(rule)) << "no case comes near to " << rule << " and passes";
  }
  std::printf("%zu cases, %zu of %zu rules of validate/ broken, %zu passed\n", cases, failing.size(), rules.size(), passing.size());
}

JsonValue Json(std::string text) {
  auto json = base::ParseJson(std::move(text));
  EXPECT_TRUE(json.ok());
  return json.ok() ? std::move(*json) : JsonValue();
}

// ---- hostile: what costs more than it may ends, and says so ----

// Every question looks for an answer that is nowhere: questions times items.
TEST(Validator, CostlyQuestionnairesEnd) {
  std::string items, answers;
  for (int i = 0; i < 6'000; ++i) {
    const std::string id = std::to_string(i);
    items += R"({"linkId":")" + id + R"(","type":"string","enableWhen":[{"question":"x","operator":"=","answerString":"y"}]},)";
    answers += R"({"linkId":")" + id + R"("},)";
  }
  items.back() = answers.back() = ' ';
  const JsonValue definitions = Json(R"([{"resourceType":"Questionnaire","url":"http://t.example/q","status":"active","item":[)" + items + "]}]");
  const Found found = Validate(R"({"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"http://t.example/q",
      "item":[)" + answers + "]}",
                               definitions, {}, {});
  EXPECT_EQ(found.errors, Lines({"conformance.too-costly @ QuestionnaireResponse"}));
  EXPECT_LT(found.cpu_seconds, 20);
  std::printf("costly questionnaire: %.2f s\n", found.cpu_seconds);
}

std::string ProfileOfLinks() {
  return R"([{"resourceType":"StructureDefinition","url":"http://t.example/p","name":"P","status":"draft","kind":"resource","abstract":false,
    "type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[
    {"id":"Patient.link.other","path":"Patient.link.other","type":[{"code":"Reference","targetProfile":["http://t.example/p"]}]}]}}])";
}

// A profile of references to its own kind, and data that refers around in a circle: every path of 16 steps, were it not bounded.
std::string Circle(int patients) {
  std::string entries;
  for (int i = 0; i < patients; ++i) {
    entries += R"({"fullUrl":"http://t.example/Patient/)" + std::to_string(i) + R"(","resource":{"resourceType":"Patient","id":")" +
               std::to_string(i) + R"(","meta":{"profile":["http://t.example/p"]},"link":[)";
    for (int other = 0; other < patients; ++other) {
      entries += R"({"type":"seealso","other":{"reference":"Patient/)" + std::to_string(other) + R"("}},)";
    }
    entries.back() = ']';
    entries += "}},";
  }
  entries.back() = ' ';
  return R"({"resourceType":"Bundle","type":"collection","entry":[)" + entries + "]}";
}

TEST(Validator, CirclesOfProfilesEnd) {
  const JsonValue definitions = Json(ProfileOfLinks());
  for (const int patients : {1, 2, 8}) {
    const Found found = Validate(Circle(patients), definitions, {}, {});
    EXPECT_LE(found.errors.size(), found.errors.count("conformance.too-costly @ Bundle")) << patients;
    EXPECT_LT(found.cpu_seconds, 30) << patients;
    std::printf("circle of %d: %.2f s, %zu warnings\n", patients, found.cpu_seconds, found.warnings.size());
  }
}

// An invariant on each of many values that goes through all of the resource each time.
TEST(Validator, CostlyInvariantsEnd) {
  const JsonValue definitions = Json(R"([{"resourceType":"StructureDefinition","url":"http://t.example/p","name":"P","status":"draft",
      "kind":"resource","abstract":false,
    "type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[
    {"id":"Patient.name","path":"Patient.name","constraint":[{"key":"t-1","severity":"error","human":"x",
        "expression":"%resource.descendants().count() > 0"}]}]}}])");
  std::string text = R"({"resourceType":"Patient","meta":{"profile":["http://t.example/p"]},"name":[)";
  for (int i = 0; i < 10'000; ++i) text += R"({"text":"x","given":["a","b","c"]},)";
  text.back() = ']';
  const Found found = Validate(text + "}", definitions, {}, {});
  std::printf("costly invariant: %.2f s, %zu errors, %zu warnings\n", found.cpu_seconds, found.errors.size(), found.warnings.size());
  EXPECT_TRUE(found.errors.contains("conformance.too-costly @ Patient"));
  EXPECT_LT(found.cpu_seconds, 60);
}

TEST(Validator, WideResourcesAreLinear) {
  std::string text = R"({"resourceType":"Patient","name":[)";
  for (int i = 0; i < 50'000; ++i) text += R"({"given":["a"],"_given":[{"extension":[{"url":"http://t.example/unknown","valueString":"x"}]}]},)";
  text.back() = ']';
  const Found found = Validate(text + "}", {}, {}, {});
  EXPECT_EQ(found.errors, Lines());
  EXPECT_LT(found.cpu_seconds, 5);
  std::printf("wide: %.2f s\n", found.cpu_seconds);
}

// As many warnings as there may be, and then an error: it is told.
TEST(Validator, WarningsDoNotHideErrors) {
  std::string text = R"({"resourceType":"Patient","extension":[)";
  for (int i = 0; i < 500; ++i) text += R"({"url":"http://t.example/unknown","valueString":"x"},)";
  text.back() = ']';
  const Found found = Validate(text + R"(,"gender":"man"})", {}, {}, {});
  EXPECT_EQ(found.errors, Lines({"conformance.binding @ Patient.gender"}));
  EXPECT_GE(found.warnings.size(), 99u);  // of 100 the narrative's is not counted here
}

// The structure alone, too.
TEST(Validator, WarningsDoNotHideErrorsOfStructure) {
  std::string text = R"({"resourceType":"Questionnaire","status":"draft","name":"Q","item":[)";
  for (int i = 0; i < 500; ++i) text += R"({"linkId":")" + std::to_string(i) + R"(","type":"choice","answerValueSet":"#none"},)";
  const Found found = Validate(text + R"({"linkId":"x","type":"choice","prefix":"\u0001"}]})", {}, {}, {});
  EXPECT_EQ(found.errors, Lines({"conformance.string @ Questionnaire.item[500].prefix"}));
}

TEST(Validator, ManyValuesOfAPrimitiveAreLinear) {
  std::string given, halves;
  for (int i = 0; i < 20'000; ++i) {
    given += R"("a",)";
    halves += R"({"id":"x"},)";
  }
  given.back() = halves.back() = ' ';
  const Found found = Validate(R"({"resourceType":"Patient","name":[{"given":[)" + given + R"(],"_given":[)" + halves + "]}]}", {}, {}, {});
  EXPECT_LT(found.cpu_seconds, 10);
  std::printf("many primitives: %.2f s\n", found.cpu_seconds);
}

// HL7's own examples: what the validator says of them. Most are right; those that are not are HL7's to mend.
TEST(Validator, OfficialExamples) {
  const fs::path directory = HEYI_SOURCE_DIR "/node_modules/hl7.fhir.r4.examples";
  if (!fs::exists(directory)) GTEST_SKIP() << "no node_modules/hl7.fhir.r4.examples: run `npm ci`";
  const size_t every = std::getenv("HEYI_TEST_ALL") == nullptr ? 8 : 1;  // all of them take half a minute
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".json") && name[0] >= 'A' && name[0] <= 'Z') paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  EXPECT_GE(paths.size(), 5000u);
  size_t files = 0, wrong = 0;
  double cpu_seconds = 0;
  std::map<std::string, std::pair<size_t, std::string>> errors;  // by rule and key: how many files, one of them
  for (size_t i = 0; i < paths.size(); i += every) {
    const std::string name = paths[i].filename();
    const auto text = base::ReadFile(paths[i].string());
    ASSERT_TRUE(text.ok());
    const Found found = Validate(*text, {}, {}, {});
    ++files;
    cpu_seconds += found.cpu_seconds;
    bool counts = false;
    std::map<std::string, std::string> once;
    for (const std::string& line : found.errors) {
      once.emplace(line.substr(0, line.find(" @")), line.substr(line.find('@')));
      // HL7 marks maturity on all its definitions by extensions that are defined for StructureDefinitions.
      counts = counts || !line.starts_with("conformance.extension-context");
    }
    wrong += counts ? 1 : 0;
    for (const auto& [rule, place] : once) {
      auto& [count, example] = errors[rule];
      if (count++ == 0) example = name + " " + place;
    }
  }
  for (const auto& [rule, seen] : errors) std::printf("  %4zu %s (%s)\n", seen.first, rule.c_str(), seen.second.c_str());
  std::printf("%zu examples, %zu with errors besides extensions out of place, %.1f s\n", files, wrong, cpu_seconds);
  EXPECT_LE(wrong * 100, files * 2);
}

}  // namespace
}  // namespace heyi::conformance
