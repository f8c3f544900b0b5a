// UCUM against its own tables: what is a unit, what it is in base units, conversions.
#include "fhir/ucum/ucum.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "fhir/ucum/parser.h"

namespace heyi::fhir {
namespace {

UcumUnit Unit(std::string_view code) {
  auto unit = UcumUnit::Parse(code);
  EXPECT_TRUE(unit.ok()) << code;
  return unit.ok() ? std::move(*unit) : UcumUnit::One();
}

std::string Converted(std::string_view value, std::string_view from, std::string_view to) {
  return ConvertQuantity(value, Unit(from), Unit(to)).value_or("none");
}

// unit TAB value of one of it in base units TAB base units; or unit TAB ! TAB rule
TEST(Ucum, Units) {
  const auto file = base::ReadFile(HEYI_SOURCE_DIR "/tests/data/fhir/ucum/units.tsv");
  ASSERT_TRUE(file.ok());
  const std::string& text = *file;
  size_t count = 0;
  for (const std::string_view line : base::Split(text, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> cells = base::Split(line, '\t');
    ASSERT_EQ(cells.size(), 3u) << line;
    const auto unit = UcumUnit::Parse(cells[0]);
    if (cells[1] == "!") {
      ASSERT_FALSE(unit.ok()) << line;
      EXPECT_EQ(unit.error().outcome.issues().at(0).rule, cells[2]) << line;
    } else {
      ASSERT_TRUE(unit.ok()) << line;
      const auto canonical = CanonicalQuantity("1", *unit);
      EXPECT_EQ(canonical ? canonical->value : "none", cells[1]) << line;
      EXPECT_EQ(unit->CanonicalCode(), cells[2]) << line;
    }
    ++count;
  }
  EXPECT_GE(count, 60u);
}

TEST(Ucum, TheWholeTableCanBeRead) {
  for (const UcumAtom& atom : UcumAtoms()) {
    const auto unit = UcumUnit::Parse(atom.code);
    ASSERT_TRUE(unit.ok()) << atom.code;
    EXPECT_TRUE(CanonicalQuantity("1", *unit)) << atom.code;
    EXPECT_EQ(ConvertQuantity("1", *unit, *unit).value_or("none"), "1") << atom.code;
    for (const UcumPrefix& prefix : UcumPrefixes()) {
      const std::string code = std::string(prefix.code) + std::string(atom.code);
      if (FindUcumAtom(code) != nullptr) continue;  // "cd" is no hundredth of a day
      EXPECT_TRUE(!atom.metric() || UcumUnit::Parse(code).ok()) << code;
    }
  }
}

TEST(Ucum, Converts) {
  EXPECT_EQ(Converted("1", "[in_i]", "cm"), "2.54");
  EXPECT_EQ(Converted("72.4", "kg", "g"), "72400");
  EXPECT_EQ(Converted("37", "Cel", "[degF]"), "98.6");
  EXPECT_EQ(Converted("98.6", "[degF]", "Cel"), "37");
  EXPECT_EQ(Converted("-40", "[degF]", "Cel"), "-40");
  EXPECT_EQ(Converted("37", "Cel", "K"), "310.15");
  EXPECT_EQ(Converted("1", "km/h", "m/s"), "0.2777777777777777777777777777777778");
  EXPECT_EQ(Converted("3", "m/s", "km/h"), "10.8");
  EXPECT_EQ(Converted("180", "deg", "rad"), "3.141592653589793238462643383279503");
  EXPECT_EQ(Converted("2", "[pi].rad", "deg"), "360");
  EXPECT_EQ(Converted("20", "dB", "B"), "2");
  EXPECT_EQ(Converted("7", "[pH]", "mol/L"), "0.0000001");
  EXPECT_EQ(Converted("120", "mm[Hg]", "kPa"), "15.99864");
  EXPECT_EQ(Converted("1e3", "[iU]/L", "m[iU]/mL"), "1000");
  EXPECT_EQ(Converted("1", "[iU]", "[arb'U]"), "none");
  EXPECT_EQ(Converted("1", "kg", "m"), "none");
  EXPECT_EQ(Converted("1", "Cel/s", "K/s"), "none");  // a scale that is none in a product
}

TEST(Ucum, ComparesExactly) {
  const auto compare = [](std::string_view a, std::string_view x, std::string_view b, std::string_view y) {
    return CompareQuantities(a, Unit(x), b, Unit(y));
  };
  EXPECT_EQ(compare("1", "[in_i]", "2.54", "cm"), 0);
  EXPECT_EQ(compare("1", "[in_i]", "2.5400000000000000000000000001", "cm"), -1);
  EXPECT_EQ(compare("1", "h", "3600", "s"), 0);
  EXPECT_EQ(compare("1", "K/9", "1", "K/10"), 1);
  EXPECT_EQ(compare("3", "K/9", "1", "K/3"), 0);
  EXPECT_EQ(compare("1", "a", "365.25", "d"), 0);
  EXPECT_EQ(compare("1", "kg", "1", "m"), std::nullopt);
}

TEST(Ucum, Multiplies) {
  const auto speed = Unit("km").Over(Unit("h"));
  ASSERT_TRUE(speed);
  EXPECT_EQ(speed->CanonicalCode(), "m.s-1");
  EXPECT_TRUE(UcumUnit::Commensurable(*speed, Unit("m/s")));
  const auto force = Unit("kg").Times(Unit("m/s2"));
  ASSERT_TRUE(force);
  EXPECT_EQ(ConvertQuantity("5", *force, Unit("N")).value_or("none"), "5");
}

TEST(Ucum, Names) {
  EXPECT_EQ(*UcumDisplayName("mmol/L"), "(millimole) / (liter)");
  EXPECT_EQ(*UcumDisplayName("kg.m/s2"), "(kilogram) * (meter) / (second ^ 2)");
  EXPECT_EQ(*UcumDisplayName("mg/(8.h)"), "(milligram) / (8 * (hour))");
}

TEST(Ucum, IsBounded) {
  const auto rule = [](const std::string& code) {
    const auto unit = UcumUnit::Parse(code);
    return unit.ok() ? std::string() : unit.error().outcome.issues().at(0).rule;
  };
  EXPECT_EQ(rule(std::string(300, 'm')), "ucum.too-costly");
  EXPECT_EQ(rule(std::string(20, '(') + "m" + std::string(20, ')')), "ucum.too-costly");
  EXPECT_EQ(rule("m100"), "ucum.syntax");
  EXPECT_EQ(rule("[e]99.[h]99"), "ucum.too-costly");
  EXPECT_EQ(rule("10*99"), "");
}

TEST(Exact, Calculates) {
  const auto number = [](std::string_view text) { return *Exact::Parse(text); };
  EXPECT_EQ(number("-12.50e3").ToText(), "-12500");
  EXPECT_EQ(number("0.00012").ToText(), "0.00012");
  EXPECT_EQ(number("1").Over(number("3"))->Times(number("3"))->ToText(), "1");
  EXPECT_EQ(number("2").Over(number("3"))->ToText(), "0.6666666666666666666666666666666667");
  EXPECT_EQ(number("1.5").Plus(number("-2.25"))->ToText(), "-0.75");
  EXPECT_EQ(number("99999999999999999999999999").Plus(number("1"))->ToText(), "100000000000000000000000000");
  EXPECT_EQ(number("1e200").ToText(), "1e200");
  EXPECT_EQ(Exact::Compare(number("1e-50"), number("1e50")), -1);
  EXPECT_EQ(Exact::Compare(number("-1"), number("-2")), 1);
  for (const char* bad : {"", "-", "1.", ".5", "1e", "1x", "0x1"}) EXPECT_FALSE(Exact::Parse(bad)) << bad;
}

}  // namespace
}  // namespace heyi::fhir
