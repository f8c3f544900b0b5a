#include <ctime>

#include "base/ids.h"
#include "base/text.h"
#include "tests/fhir/xml_support.h"

namespace heyi::fhir {
namespace {

std::vector<std::vector<std::string>> Rows(const std::string& file) {
  const auto text = base::ReadFile(std::string(HEYI_SOURCE_DIR "/tests/data/fhir/xml/") + file);
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

std::string Patient(std::string_view content) { return "<Patient xmlns=\"http://hl7.org/fhir\">" + std::string(content) + "</Patient>"; }

std::string Refusal(const std::string& text, const ParseLimits& limits = {}) {
  const auto tree = ParseXmlResource(text, TestDefinitions(), limits);
  if (tree.ok()) return "";
  EXPECT_EQ(tree.error().kind, base::ErrorKind::kMalformed);
  return Shown(tree.error().outcome);
}

TEST(ParseXmlResource, RefusesWithRuleAndExpression) {
  const auto rows = Rows("refused.tsv");
  ASSERT_GT(rows.size(), 50u);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 3u) << row[0];
    EXPECT_EQ(Refusal(row[1]), row[2]) << row[0];
  }
}

TEST(ParseXmlResource, GivesTheTreeOfTheJsonAndBack) {
  const auto rows = Rows("same.tsv");
  ASSERT_GT(rows.size(), 15u);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 3u) << row[0];
    const Tree from_xml = MustParseXml(row[1]);
    const Tree from_json = MustParse(row[2]);
    ASSERT_TRUE(from_xml.root() && from_json.root()) << row[0];
    EXPECT_EQ(TreeDifference(from_xml.root(), from_json.root(), {}), "") << row[0];
    EXPECT_EQ(from_xml.root().Member("text").TextAt("div"), from_json.root().Member("text").TextAt("div")) << row[0];
    const std::string written = WriteXml(from_json);
    EXPECT_EQ(WriteXml(from_xml), written) << row[0];
    EXPECT_EQ(TreeDifference(MustParseXml(written).root(), from_json.root(), {}), "") << row[0];
  }
}

TEST(ParseXmlResource, HostileSizesAreRefused) {
  std::string deep, attributes, siblings;
  for (int i = 0; i < 100'000; ++i) deep += "<extension url=\"u\">";
  EXPECT_EQ(Refusal("<Patient xmlns=\"http://hl7.org/fhir\">" + deep), "xml.too-deep @ : 128");
  for (int i = 0; i < 200'000; ++i) attributes.append(" a").append(std::to_string(i)).append("=\"\"");
  EXPECT_EQ(Refusal("<Patient xmlns=\"http://hl7.org/fhir\"" + attributes + "/>"), "xml.too-many-attributes @ : 1000");
  for (int i = 0; i < 200'000; ++i) siblings += "<x/>";
  const std::string refusal = Refusal(Patient(siblings));
  EXPECT_EQ(std::count(refusal.begin(), refusal.end(), '|') + 1, ParseLimits().issues_max);
}

// What is taken can always be read again from its own JSON: depth is that of JSON, where a list is a level, too.
TEST(ParseXmlResource, TakesNothingThatJsonCouldNotCarry) {
  const auto nested = [](int levels, const std::string& inside) {
    std::string open, close;
    for (int i = 0; i < levels; ++i) {
      open += "<extension url=\"u\">";
      close += "</extension>";
    }
    return Patient(open + inside + close);
  };
  size_t taken = 0;
  for (const std::string& inside : {std::string("<valueString value=\"x\"/>"), std::string("<valueString id=\"x\"/>"),
                                    std::string("<valueHumanName><given id=\"x\"/></valueHumanName>"), std::string("<valueHumanName><given value=\"x\"/></valueHumanName>")}) {
    for (int levels = 1; levels < 80; ++levels) {
      const auto tree = ParseXmlResource(nested(levels, inside), TestDefinitions());
      if (tree.ok()) {
        ++taken;
        EXPECT_TRUE(ParseResource(WriteJson(*tree), TestDefinitions()).ok()) << levels << inside;
      } else {
        EXPECT_EQ(tree.error().outcome.issues()[0].rule, "json.too-deep") << levels << inside;
      }
    }
  }
  EXPECT_EQ(taken, 63u + 63u + 62u + 62u);
}

TEST(ParseXmlResource, ManyNullsCostLittle) {
  std::string given;
  for (int i = 0; i < 100'000; ++i) given += i % 2 == 0 ? "<given value=\"a\"/>" : "<given id=\"b\"/>";
  const std::clock_t start = std::clock();
  const Tree tree = MustParseXml(Patient("<name>" + given + "</name>"));
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 3.0);
  const Node name = tree.root().Member("name").first_child();
  EXPECT_EQ(name.Member("given").ChildCount(), 100'000u);
  EXPECT_EQ(name.Member("_given").ChildCount(), 100'000u);
}

// Whatever a damaged text is taken for, it is written back, in either format, as something that reads as the same.
TEST(ParseXmlResource, DamagedTextsNeverCrash) {
  base::SeededRandom random(5);
  const auto rows = Rows("same.tsv");
  constexpr std::string_view kPieces[] = {"<", ">", "/>", "</name>", "<given/>", "<given value=\"x\"/>", "&", "\"", " id=\"x\"", "x", "<!DOCTYPE a>", "xmlns=\"\"", "\0"};
  size_t taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    uint16_t dice[4];
    random.Fill(dice, sizeof dice);
    std::string text = rows[dice[0] % rows.size()][1];
    const size_t at = dice[1] % text.size();
    switch (dice[2] % 3) {
      case 0: text.erase(at, dice[3] % 9); break;
      case 1: text.insert(at, kPieces[dice[3] % std::size(kPieces)]); break;
      default: text[at] = static_cast<char>(dice[3]); break;
    }
    const auto tree = ParseXmlResource(text, TestDefinitions());
    if (!tree.ok()) {
      EXPECT_FALSE(tree.error().outcome.empty());
      continue;
    }
    ++taken;
    ASSERT_EQ(TreeDifference(MustParseXml(WriteXml(*tree)).root(), tree->root(), {}), "") << text;
    ASSERT_EQ(WriteJson(MustParse(WriteJson(*tree))), WriteJson(*tree)) << text;
  }
  EXPECT_GT(taken, 1'000u);
}

}  // namespace
}  // namespace heyi::fhir
