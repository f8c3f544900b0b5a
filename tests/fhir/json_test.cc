#include <ctime>
#include <functional>

#include "base/ids.h"
#include "base/text.h"
#include "tests/fhir/support.h"

namespace heyi::fhir {
namespace {

std::vector<std::vector<std::string>> Rows(const std::string& file) {
  const auto text = base::ReadFile(std::string(HEYI_SOURCE_DIR "/tests/data/fhir/json/") + file);
  EXPECT_TRUE(text.ok()) << file;
  std::vector<std::vector<std::string>> rows;
  for (const std::string_view line : base::Split(*text, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    std::vector<std::string> row;
    for (const std::string_view field : base::Split(line, '\t')) row.emplace_back(field);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string Join(const std::vector<std::string>& lines) {
  std::string joined;
  for (const std::string& line : lines) joined += (joined.empty() ? "" : " | ") + line;
  return joined;
}

// Of the processor, so that a busy machine does not fail a test.
double SecondsOf(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSlowBuild = true;
#else
constexpr bool kSlowBuild = false;
#endif

TEST(ParseResource, RefusesWithRuleAndExpression) {
  const auto rows = Rows("refused.tsv");
  ASSERT_GT(rows.size(), 60u);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 3u) << row[0];
    const auto tree = ParseResource(row[1], TestDefinitions());
    ASSERT_FALSE(tree.ok()) << row[0];
    EXPECT_EQ(tree.error().kind, base::ErrorKind::kMalformed) << row[0];
    EXPECT_EQ(Join(Briefly(tree.error().outcome)), row[2]) << row[0];
  }
}

TEST(ParseResource, TakesAndWritesBackByteForByte) {
  const auto rows = Rows("kept.tsv");
  ASSERT_GT(rows.size(), 10u);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 2u) << row[0];
    EXPECT_EQ(WriteJson(MustParse(row[1])), row[1]) << row[0];
  }
}

// Whatever a damaged text is taken for, it is written back as something that reads as the same again.
TEST(ParseResource, DamagedTextsNeverCrash) {
  base::SeededRandom random(7);
  const auto rows = Rows("kept.tsv");
  constexpr std::string_view kPieces[] = {"{", "}", "[", "]", "null", ",", ":", "\"", "_", "1", "true", "\"id\":", "\\u00"};
  size_t taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    uint16_t dice[4];
    random.Fill(dice, sizeof(dice));
    std::string text = rows[dice[0] % rows.size()][1];
    const size_t at = dice[1] % text.size();
    switch (dice[2] % 3) {
      case 0: text.erase(at, dice[3] % 9); break;
      case 1: text.insert(at, kPieces[dice[3] % std::size(kPieces)]); break;
      default: text[at] = static_cast<char>(dice[3]); break;
    }
    const auto tree = ParseResource(text, TestDefinitions());
    if (!tree.ok()) {
      EXPECT_FALSE(tree.error().outcome.empty());
      continue;
    }
    ++taken;
    const std::string written = WriteJson(*tree);
    ASSERT_EQ(WriteJson(MustParse(written)), written) << text;
  }
  EXPECT_GT(taken, 1000u);
}

TEST(ParseResource, GivesUpAfterTheMostIssues) {
  std::string many = R"({"resourceType":"Patient")";
  for (int i = 0; i < 1000; ++i) many += ",\"x" + std::to_string(i) + "\":1";
  const auto tree = ParseResource(many + "}", TestDefinitions());
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().outcome.issues().size(), ParseLimits().issues_max);
}

TEST(ParseResource, AMillionKeysAreRefusedWithinASecond) {
  std::string many = R"({"resourceType":"Patient")";
  for (int i = 0; i < 1'000'000; ++i) many += ",\"x" + std::to_string(i) + "\":1";
  many += '}';
  const double seconds = SecondsOf([&] {
    const auto tree = ParseResource(many, TestDefinitions());
    ASSERT_FALSE(tree.ok());
    EXPECT_EQ(tree.error().outcome.issues()[0].rule, "json.too-long");
  });
  EXPECT_LT(seconds, kSlowBuild ? 5.0 : 1.0);
}

TEST(ParseResource, AMillionPlaceHolders) {
  std::string given = "\"a\"";
  std::string beside = "null";
  for (int i = 0; i < 500'000; ++i) {
    given += ",null";
    beside += ",{\"id\":\"1\"}";
  }
  const std::string text =
      R"({"resourceType":"Patient","name":[{"given":[)" + given + R"(],"_given":[)" + beside + "]}]}";
  EXPECT_LT(SecondsOf([&] { EXPECT_EQ(WriteJson(MustParse(text)), text); }), kSlowBuild ? 10.0 : 2.0);
}

TEST(ParseResource, DepthIsBoundedAndCostsNoStack) {
  constexpr size_t kDepth = 1'000'000;
  std::string deep = R"({"resourceType":"Questionnaire")";
  for (size_t i = 0; i < kDepth / 2; ++i) deep += R"(,"item":[{"linkId":"1")";
  for (size_t i = 0; i < kDepth / 2; ++i) deep += "}]";
  deep += '}';
  const auto refused = ParseResource(deep, TestDefinitions());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().outcome.issues()[0].rule, "json.too-deep");

  ParseLimits no_limit;
  no_limit.json.depth_max = 2 * kDepth;
  const auto taken = ParseResource(deep, TestDefinitions(), no_limit);
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(WriteJson(*taken), deep);
  EXPECT_EQ(WriteJson(taken->Clone()), deep);
}

TEST(WriteStored, PutsMetaWhereItStoodOrBehindTheId) {
  const auto stored = [](const char* text) { return WriteStored(MustParse(text)); };
  const StoredJson none = stored(R"({"resourceType":"Patient","id":"p","active":true})");
  EXPECT_EQ(none.bytes, R"({"resourceType":"Patient","id":"p","meta":{},"active":true})");
  EXPECT_TRUE(none.meta_empty);
  EXPECT_EQ(none.bytes.substr(none.slot - 8, 9), R"("meta":{})");
  const StoredJson no_id = stored(R"({"resourceType":"Patient","active":true})");
  EXPECT_EQ(no_id.bytes, R"({"resourceType":"Patient","meta":{},"active":true})");
  const StoredJson late = stored(R"({"resourceType":"Patient","id":"p","active":true,"meta":{"source":"x"}})");
  EXPECT_EQ(late.bytes, R"({"resourceType":"Patient","id":"p","active":true,"meta":{"source":"x"}})");
  EXPECT_FALSE(late.meta_empty);
}

TEST(WriteStored, DropsTheClientsVersionAndTime) {
  const StoredJson only = WriteStored(
      MustParse(R"({"resourceType":"Patient","id":"p","meta":{"versionId":"9","lastUpdated":"2020-01-01T00:00:00Z"}})"));
  EXPECT_EQ(only.bytes, R"({"resourceType":"Patient","id":"p","meta":{}})");
  EXPECT_TRUE(only.meta_empty);
  const StoredJson others = WriteStored(MustParse(
      R"({"resourceType":"Patient","id":"p","meta":{"versionId":"9","_lastUpdated":{"id":"1"},"profile":["http://p"],)"
      R"("tag":[{"code":"t"}]}})"));
  EXPECT_EQ(others.bytes, R"({"resourceType":"Patient","id":"p","meta":{"profile":["http://p"],"tag":[{"code":"t"}]}})");
  const StoredJson nested = WriteStored(
      MustParse(R"({"resourceType":"Bundle","id":"b","type":"collection","entry":[{"resource":)"
                R"({"resourceType":"Patient","meta":{"versionId":"9"}}}]})"));
  EXPECT_NE(nested.bytes.find(R"("meta":{"versionId":"9"})"), std::string::npos) << "only the root's own";
}

TEST(AppendSpliced, GivesAResourceThatIsStoredTheSameAgain) {
  for (const char* text : {R"({"resourceType":"Patient","id":"p","active":true})",
                           R"({"resourceType":"Patient","meta":{"profile":["http://p"]},"id":"p"})"}) {
    const StoredJson stored = WriteStored(MustParse(text));
    std::string out = "before";
    AppendSpliced(stored.bytes, stored.slot, 12, "2026-11-24T11:41:29.123+08:00", out);
    ASSERT_TRUE(out.starts_with("before{"));
    const Tree read = MustParse(out.substr(6));
    EXPECT_EQ(read.root().Member("meta").TextAt("versionId"), "12");
    EXPECT_EQ(read.root().Member("meta").TextAt("lastUpdated"), "2026-11-24T11:41:29.123+08:00");
    const StoredJson again = WriteStored(read);
    EXPECT_EQ(again.bytes, stored.bytes);
    EXPECT_EQ(again.slot, stored.slot);
  }
}

}  // namespace
}  // namespace heyi::fhir
