// The mapping language's text: tests/data/mapping/fml/grammar/*.cases, read and printed; round trips; scrambled texts.
#include <gtest/gtest.h>

#include <random>

#include "base/text.h"
#include "mapping/fml/json.h"
#include "mapping/fml/parse.h"
#include "mapping/fml/print.h"
#include "tests/mapping/fml_testing.h"
#include "tests/mapping/mapping_testing.h"

namespace heyi::mapping {
namespace {

const std::filesystem::path kData = HEYI_SOURCE_DIR "/tests/data/mapping/fml";

std::string FirstIssue(const base::Outcome& outcome) {
  const base::Issue& issue = outcome.issues().at(0);
  const size_t colon = issue.expression.find(':');
  return issue.rule + (colon == std::string::npos ? "" : " " + issue.expression.substr(colon + 1));
}

TEST(FmlGrammar, ReadsAndPrints) {
  size_t count = 0;
  for (const FmlCase& one : ReadFmlCases(kData / "grammar" / "forms.cases")) {
    SCOPED_TRACE("forms.cases:" + std::to_string(one.line) + " " + one.title);
    ++count;
    const auto map = ParseFml("map", one.map);
    if (!map.ok()) {
      ADD_FAILURE() << FirstIssue(map.error().outcome) << " " << base::EnglishText(map.error().outcome.issues()[0]);
      continue;
    }
    const std::string printed = PrintFml(*map);
    EXPECT_EQ(base::Trim(printed), base::Trim(one.want));
    const auto again = ParseFml("printed", printed);
    ASSERT_TRUE(again.ok()) << printed;
    EXPECT_TRUE(*again == *map) << printed;
  }
  EXPECT_GT(count, 10u);
}

TEST(FmlGrammar, RefusesWithPlaces) {
  size_t count = 0;
  for (const FmlCase& one : ReadFmlCases(kData / "grammar" / "refused.cases")) {
    SCOPED_TRACE("refused.cases:" + std::to_string(one.line) + " " + one.title);
    ++count;
    const auto map = ParseFml("map", one.map);
    ASSERT_FALSE(map.ok());
    std::string got;
    for (const std::string& line : Lines(map.error().outcome)) got += line + "\n";
    EXPECT_EQ(base::Trim(got), base::Trim(one.want));
  }
  EXPECT_GT(count, 10u);
}

// All maps of the engine's cases, too: text -> resource -> tree -> resource -> the same map but for names that R4 wants.
TEST(FmlGrammar, GoesThroughTheResource) {
  size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(kData / "engine")) {
    for (const FmlCase& one : ReadFmlCases(file.path())) {
      SCOPED_TRACE(file.path().filename().string() + ":" + std::to_string(one.line) + " " + one.title);
      const auto map = ParseFml("map", one.map);
      if (!map.ok()) continue;
      const auto tree = StructureMapTree(*map, TestDefinitions());
      ASSERT_TRUE(tree.ok()) << base::EnglishText(tree.error().outcome.issues()[0]);
      const auto back = ReadStructureMap(*tree);
      ASSERT_TRUE(back.ok()) << base::EnglishText(back.error().outcome.issues()[0]);
      const auto named = ReadStructureMap(WriteStructureMap(*back, TestDefinitions()));
      ASSERT_TRUE(named.ok());
      EXPECT_TRUE(*named == *back);
      const auto text = ParseFml("printed", PrintFml(*back));
      ASSERT_TRUE(text.ok()) << PrintFml(*back);
      EXPECT_EQ(PrintFml(*text), PrintFml(*back));
      ++count;
    }
  }
  EXPECT_GT(count, 30u);
}

TEST(FmlGrammar, DepthIsBounded) {
  const auto nested = [](int depth) {
    std::string text = "group G(source a, target b) { ";
    for (int i = 0; i < depth; ++i) text += "a.x as x then { ";
    for (int i = 0; i < depth; ++i) text += "}; ";
    return text + "}";
  };
  EXPECT_TRUE(ParseFml("m", nested(60)).ok());
  const auto deep = ParseFml("m", nested(10'000));
  ASSERT_FALSE(deep.ok());
  EXPECT_EQ(deep.error().outcome.issues()[0].rule, "fml.too-deep");
  const std::string brackets = "group G(source a, target b) { a.x where " + std::string(100'000, '(') + "1" + std::string(100'000, ')') + " -> b.x; }";
  const auto expression = ParseFml("m", brackets);
  ASSERT_FALSE(expression.ok());
  EXPECT_EQ(expression.error().outcome.issues()[0].rule, "fml.too-deep");
  EXPECT_EQ(ParseFml("m", std::string(5 << 20, ' ')).error().outcome.issues()[0].rule, "fml.too-large");
}

// What is broken anywhere is refused or read, and never more than that.
TEST(FmlGrammar, ScrambledTexts) {
  std::vector<std::string> texts;
  for (const FmlCase& one : ReadFmlCases(kData / "grammar" / "forms.cases")) texts.push_back(one.map);
  std::mt19937 random(7);
  const auto below = [&random](size_t limit) { return static_cast<size_t>(random() % limit); };
  const std::string signs = "(){};,:.\"'`<>-+*/\\=@%$\n\x80 a1";
  size_t read = 0;
  for (int round = 0; round < 4'000; ++round) {
    std::string text = texts[below(texts.size())];
    for (size_t changes = 1 + below(4); changes > 0; --changes) {
      const size_t at = below(text.size());
      switch (below(4)) {
        case 0: text.erase(at, 1 + below(8)); break;
        case 1: text.insert(at, 1, signs[below(signs.size())]); break;
        case 2: text[at] = signs[below(signs.size())]; break;
        default: text.insert(at, texts[below(texts.size())].substr(0, 1 + below(40))); break;
      }
      if (text.empty()) text = "x";
    }
    const auto map = ParseFml("m", text);
    if (!map.ok()) {
      EXPECT_FALSE(map.error().outcome.empty());
      continue;
    }
    ++read;
    const auto again = ParseFml("printed", PrintFml(*map));
    ASSERT_TRUE(again.ok()) << text << "\n-- printed:\n" << PrintFml(*map);
    EXPECT_TRUE(*again == *map) << text << "\n-- printed:\n" << PrintFml(*map);
  }
  EXPECT_GT(read, 100u);
}

// No text of FHIR holds a NUL, so a map cannot write one (found by fuzzing).
TEST(FmlGrammar, RefusesWhatNoStringMayHold) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"group G(source s, target t) { s.a -> t.b = 'x\0y'; }"sv, "\0"sv, "group G(source s, target t) { s.a -> t.b = '\xff'; }"sv}) {
    const auto map = ParseFml("t.map", text);
    ASSERT_FALSE(map.ok());
    EXPECT_EQ(map.error().outcome.issues().front().rule, "fml.syntax");
  }
}

}  // namespace
}  // namespace heyi::mapping
