// `heyi corpora`: the miniature corpora under tests/data/cli/corpora hold failures on purpose and must be told apart from
// what passes; the real ones, where they are at hand, must pass.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/json/value.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/corpora/runner.h"
#include "cli/corpora/tokens.h"
#include "cli/in_process.h"
#include "cli/scratch_directory.h"

namespace heyi::cli {
namespace {

const std::string kMiniature = HEYI_SOURCE_DIR "/tests/data/cli/corpora";

struct Ran {
  int status = 0;
  std::string printed;
  std::set<std::string> failed;  // "corpus id", the id up to its first space
  std::string failures;          // the file, whole
};

class Corpora : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("HEYI_PACK", HEYI_BINARY_DIR "/heyi-r4.pack", 1);
    auto scratch = ScratchDirectory::Make();
    ASSERT_TRUE(scratch.ok());
    scratch_.emplace(std::move(*scratch));
  }

  Ran RunWith(std::vector<std::string> words) {
    const std::string out = scratch_->path() + "/failures.jsonl";
    words.insert(words.end(), {"--out", out});
    std::vector<const char*> pointers;
    for (const std::string& word : words) pointers.push_back(word.c_str());
    Ran run;
    testing::internal::CaptureStdout();
    run.status = RunCorpora(static_cast<int>(pointers.size()), pointers.data());
    run.printed = testing::internal::GetCapturedStdout();
    if (auto text = base::ReadFile(out); text.ok()) run.failures = std::move(*text);
    for (std::string_view line : base::Split(run.failures, '\n')) {
      if (line.empty()) continue;
      const auto json = base::ParseJson(std::string(line));
      EXPECT_TRUE(json.ok()) << line;
      if (!json.ok()) continue;
      EXPECT_NE(json->StringAt("got"), json->StringAt("wanted")) << line;
      const std::string_view id = json->StringAt("id");
      run.failed.insert(std::string(json->StringAt("corpus")) + " " + std::string(id.substr(0, id.find(' '))));
    }
    return run;
  }

  Ran RunMiniature(std::string name) { return RunWith({std::move(name), "--dir", kMiniature}); }

  static bool Says(const Ran& run, std::string_view line) { return ("\n" + run.printed).find("\n" + std::string(line) + "\n") != std::string::npos; }

  std::optional<ScratchDirectory> scratch_;
};

using Ids = std::set<std::string>;

TEST_F(Corpora, JsonTortureTellsWhatIsWronglyTakenOrRefused) {
  const Ran run = RunMiniature("json-torture");
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(Says(run, "json-torture: 3 passed, 2 failed")) << run.printed;
  EXPECT_TRUE(run.printed.ends_with("\n3 passed, 2 failed\n")) << run.printed;
  EXPECT_EQ(run.failed, (Ids{"json-torture y_but_broken.json", "json-torture n_but_sound.json"}));
  EXPECT_NE(run.failures.find(R"("got":"refused: json.syntax)"), std::string::npos) << run.failures;
}

TEST_F(Corpora, ExamplesComeBackAsTheyWereOrAreReported) {
  const Ran run = RunMiniature("r4-examples");
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(Says(run, "r4-examples: 2 passed, 1 failed")) << run.printed << run.failures;
  EXPECT_EQ(run.failed, Ids{"r4-examples pairs-4.0.0/patient-unknown-property.json"});
  EXPECT_NE(run.failures.find("fhir.unknown-property"), std::string::npos) << run.failures;
}

TEST_F(Corpora, BundlesAreLoadedCountedAndReadBack) {
  const Ran run = RunMiniature("synthea-120");
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(Says(run, "synthea-120: 7 passed, 1 failed")) << run.printed << run.failures;
  EXPECT_EQ(run.failed, Ids{"synthea-120 count"});  // counts.json says two Patients where there is one
}

TEST_F(Corpora, SearchCasesByTier) {
  const Ran run = RunMiniature("search-cases");
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(Says(run, "  search-cases firm: 3 passed, 0 failed")) << run.printed << run.failures;
  EXPECT_TRUE(Says(run, "  search-cases wrong: 0 passed, 2 failed")) << run.printed << run.failures;
  EXPECT_EQ(run.failed, (Ids{"search-cases token#2", "search-cases token#3"}));
  EXPECT_NE(run.failures.find("400 search.unknown-parameter"), std::string::npos) << run.failures;
}

TEST_F(Corpora, FhirPathOnJsonAndXml) {
  const Ran run = RunMiniature("fhirpath-r4");
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(Says(run, "fhirpath-r4: 7 passed, 2 failed")) << run.printed << run.failures;
  EXPECT_EQ(run.failed, (Ids{"fhirpath-r4 w/order", "fhirpath-r4 w/no-error"}));
}

TEST_F(Corpora, PatchesAreAppliedOrRefused) {
  const Ran run = RunMiniature("patch-r4");
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(Says(run, "patch-r4: 7 passed, 6 failed")) << run.printed << run.failures;
  EXPECT_EQ(run.failed, (Ids{"patch-r4 wrong-output", "patch-r4 no-error", "patch-r4 json-patch-tests#1", "patch-r4 tests#1",
                             "patch-r4 xml-wrong-output", "patch-r4 xml-no-error"}));
  EXPECT_NE(run.printed.find("1 turned off by the suite"), std::string::npos) << run.printed;
  EXPECT_NE(run.printed.find("XML: 1 not run"), std::string::npos) << run.printed;
}

TEST_F(Corpora, Hl7V2MessagesAreAnswered) {
  const Ran run = RunMiniature("hl7v2");
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(Says(run, "hl7v2: 8 passed, 1 failed")) << run.printed << run.failures;
  EXPECT_TRUE(Says(run, "  hl7v2: answers: 1 -, 1 AA, 1 AR")) << run.printed;
  EXPECT_EQ(run.failed, Ids{"hl7v2 is_itself_an_answer.hl7"});
}

TEST_F(Corpora, AllOfAFolderAddUpAndUnknownOnesAreListed) {
  const Ran run = RunWith({"--dir", kMiniature});
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(Says(run, "not-known: not run yet")) << run.printed;
  EXPECT_TRUE(run.printed.ends_with("\n37 passed, 15 failed\n")) << run.printed;
}

TEST_F(Corpora, StrictMakesFailuresAnError) {
  EXPECT_EQ(RunWith({"json-torture", "--strict", "--dir", kMiniature}).status, 1);
  EXPECT_EQ(RunWith({"no-such", "--strict", "--dir", kMiniature}).status, 0);
  EXPECT_EQ(RunWith({"--strikt", "--dir", kMiniature}).status, 2);
}

TEST_F(Corpora, WithoutCorporaItIsSkipped) {
  const Ran run = RunWith({"--dir", scratch_->path() + "/none"});
  EXPECT_EQ(run.status, 0);
  EXPECT_NE(run.printed.find("skipped"), std::string::npos);
}

TEST_F(Corpora, ARunnerThatFindsNoCasesIsBroken) {
  std::filesystem::create_directories(scratch_->path() + "/fhirpath-r4");
  const Ran run = RunWith({"fhirpath-r4", "--dir", scratch_->path()});
  EXPECT_EQ(run.status, 1);
  EXPECT_TRUE(Says(run, "fhirpath-r4: broken")) << run.printed;
}

TEST_F(Corpora, TokensSeeWhatTextComparisonMust) {
  const auto difference = [](std::string_view a, std::string_view b) {
    const auto first = Tokens::Read(std::string(a)), second = Tokens::Read(std::string(b));
    return !FirstDifference(*first, *second).none();
  };
  EXPECT_FALSE(difference(R"({"a": [1.0, "é"]})", R"({"a":[1.0,"\u00e9"]})"));
  EXPECT_TRUE(difference(R"({"a":1.0})", R"({"a":1.00})"));
  EXPECT_TRUE(difference(R"({"a":1})", R"({"a":"1"})"));
  EXPECT_TRUE(difference(R"({"a":1,"b":2})", R"({"b":2,"a":1})"));
  EXPECT_TRUE(difference(R"({"a":[]})", R"({"a":[[]]})"));
  EXPECT_TRUE(difference(R"({"a":1})", R"({"a":1,"b":2})"));
}

TEST_F(Corpora, OnlyTheServersPartOfMetaIsLeftOut) {
  auto sent = Tokens::Read(R"({"id":"1","meta":{"versionId":"9","tag":[{"code":"t"}]},"contained":[{"meta":{"versionId":"1"}}]})");
  auto same = Tokens::Read(R"({"id":"1","meta":{"lastUpdated":"x","tag":[{"code":"t"}]},"contained":[{"meta":{"versionId":"1"}}]})");
  auto less = Tokens::Read(R"({"id":"1","meta":{"versionId":"1"},"contained":[{"meta":{"versionId":"1"}}]})");
  for (auto* tokens : {&sent, &same, &less}) (*tokens)->DropServerMeta();
  EXPECT_TRUE(FirstDifference(*sent, *same).none());
  EXPECT_FALSE(FirstDifference(*sent, *less).none());
}

TEST_F(Corpora, LinksAreTranslatedInReferencesOnly) {
  const Links links{{"urn:uuid:1", "Patient/p1"}};
  const auto same = [&](std::string_view stored) {
    auto sent = Tokens::Read(R"({"id":"old","subject":{"reference":"urn:uuid:1"},"identifier":[{"value":"urn:uuid:1"}]})");
    const auto got = Tokens::Read(std::string(stored));
    sent->SetId("new");
    sent->MapReferences(links);
    return FirstDifference(*sent, *got).none();
  };
  EXPECT_TRUE(same(R"({"id":"new","subject":{"reference":"Patient/p1"},"identifier":[{"value":"urn:uuid:1"}]})"));
  EXPECT_FALSE(same(R"({"id":"new","subject":{"reference":"Patient/p2"},"identifier":[{"value":"urn:uuid:1"}]})"));
  EXPECT_FALSE(same(R"({"id":"new","subject":{"reference":"urn:uuid:1"},"identifier":[{"value":"urn:uuid:1"}]})"));
  EXPECT_FALSE(same(R"({"id":"new","subject":{"reference":"Patient/p1"},"identifier":[{"value":"Patient/p1"}]})"));
  EXPECT_FALSE(same(R"({"id":"old","subject":{"reference":"Patient/p1"},"identifier":[{"value":"urn:uuid:1"}]})"));
}

// ---- the real ones --------------------------------------------------------------------------------------------------

std::filesystem::path RealCorpora() {
  if (const char* given = std::getenv("HEYI_CORPORA")) return given;
  if (const char* shared = std::getenv("HEYI_SHARED")) return std::filesystem::path(shared) / "corpora";
  return std::filesystem::path(HEYI_SOURCE_DIR) / ".." / "shared" / "corpora";
}

// `known` are the only ones to fail: by their ids up to the first space.
void CheckReal(std::string_view name, size_t every, const Ids& known) {
  const std::filesystem::path folder = RealCorpora() / name;
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no " << folder << ": set HEYI_CORPORA";
  const auto parameters = LoadParameters(PackPath());
  ASSERT_TRUE(parameters.ok());
  for (const Runner& runner : Runners()) {
    if (runner.name != name) continue;
    std::FILE* failures = std::tmpfile();
    ASSERT_NE(failures, nullptr);
    Report report(name, failures);
    const auto ran = runner.run({folder.string(), *parameters, every}, report);
    EXPECT_TRUE(ran.ok());
    EXPECT_GT(report.tally().passed, 0u);
    std::rewind(failures);
    Ids failed;
    char line[1500];
    while (report.tally().failed > 0 && std::fgets(line, sizeof line, failures) != nullptr) {
      const auto json = base::ParseJson(line);
      const std::string id(json.ok() ? json->StringAt("id") : line);
      failed.insert(id.substr(0, id.find(' ')));
      if (!known.contains(id.substr(0, id.find(' ')))) std::printf("%s", line);
    }
    EXPECT_EQ(failed, known);
    std::fclose(failures);
  }
}

TEST_F(Corpora, RealJsonTorture) { CheckReal("json-torture", 1, {}); }
TEST_F(Corpora, RealXmlTorture) { CheckReal("xml-torture", 1, {}); }
// Selectors of names without prefix, in no namespace, below a default namespace: by RFC 5261 (4.2.2) they are in that one.
TEST_F(Corpora, RealPatches) { CheckReal("patch-r4", 1, {"A.8.", "A.10.", "A.16."}); }
TEST_F(Corpora, RealHl7V2) { CheckReal("hl7v2", 1, {}); }
TEST_F(Corpora, RealExamplesSlice) { CheckReal("r4-examples", 20, {}); }

}  // namespace
}  // namespace heyi::cli
