// Any text may come as an expression or a unit: it is refused or evaluated, within its budget, and never more. Texts
// are made from the cases of the other tests by cutting, joining and changing them; the seed is fixed.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/file.h"
#include "base/json/value.h"
#include "base/text.h"
#include "fhir/path/path.h"
#include "fhir/path/plain_tree.h"
#include "fhir/ucum/ucum.h"
#include "tests/fhir/support.h"

namespace heyi::fhir {
namespace {

constexpr int kRounds = 20'000;

class Mutations {
 public:
  explicit Mutations(std::vector<std::string> seeds) : seeds_(std::move(seeds)) {}

  std::string Next() {
    std::string text = Pick(seeds_);
    for (size_t changes = Below(4); changes > 0; --changes) Change(text);
    return text;
  }

 private:
  size_t Below(size_t bound) { return bound == 0 ? 0 : engine_() % bound; }
  const std::string& Pick(const std::vector<std::string>& from) { return from[Below(from.size())]; }

  void Change(std::string& text) {
    const size_t at = Below(text.size() + 1);
    const std::string& other = Pick(seeds_);
    const size_t from = Below(other.size() + 1);
    switch (Below(5)) {
      case 0: text.erase(at, Below(8)); break;
      case 1: text.insert(at, other.substr(from, Below(12))); break;
      case 2: text.insert(at, 1, static_cast<char>(' ' + Below(96))); break;
      case 3: text = text.substr(0, at) + other.substr(from); break;
      default: text = "(" + text + ")." + other; break;
    }
  }

  std::vector<std::string> seeds_;
  std::mt19937_64 engine_{20'261'124};
};

std::vector<std::string> Expressions() {
  std::vector<std::string> texts;
  for (const auto& file : FilesIn(HEYI_SOURCE_DIR "/tests/data/fhir/path", ".json")) {
    const auto text = base::ReadFile(file.string());
    const auto cases = base::ParseJson(text.ok() ? *text : "");
    if (!cases.ok()) continue;
    for (const base::JsonValue& one : cases->items()) texts.emplace_back(one.StringAt("expression"));
  }
  return texts;
}

TEST(PathRobustness, AnyTextIsRefusedOrEvaluated) {
  const auto subject = base::ReadFile(HEYI_SOURCE_DIR "/tests/data/fhir/path/subjects/patient.json");
  ASSERT_TRUE(subject.ok());
  const Tree patient = MustParse(*subject);
  const auto plain = PlainTree::Parse(*subject);
  ASSERT_TRUE(plain.ok());
  const LocalEvalContext context(1'795'492'800'000);
  Mutations mutations(Expressions());
  int compiled = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string text = mutations.Next();
    CompileOptions options;
    const bool modelled = i % 2 == 0;
    if (!modelled) options.model = CompileOptions::Model::kNone;
    if (i % 3 == 0) options.types = CompileOptions::Types::kChecked;
    if (modelled) options.focus = patient.type();
    const auto expression = Expression::Compile(text, TestDefinitions(), options);
    if (!expression.ok()) continue;
    ++compiled;
    const Node focus = modelled ? patient.root() : plain->root();
    const auto items = expression->Evaluate(focus, context, {.steps_max = 20'000, .items_max = 2'000});
    if (items.ok()) {
      EXPECT_LE(items->size(), 2'000u) << text;
    }
  }
  EXPECT_GT(compiled, kRounds / 10);
}

TEST(PathRobustness, AnyUnitIsRefusedOrConverted) {
  const auto text = base::ReadFile(HEYI_SOURCE_DIR "/tests/data/fhir/ucum/units.tsv");
  ASSERT_TRUE(text.ok());
  std::vector<std::string> seeds;
  for (const std::string_view line : base::Split(*text, '\n')) seeds.emplace_back(line.substr(0, line.find('\t')));
  Mutations mutations(std::move(seeds));
  int units = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string code = mutations.Next();
    const auto unit = UcumUnit::Parse(code);
    if (!unit.ok()) continue;
    ++units;
    const auto canonical = CanonicalQuantity("12.5", *unit);
    if (canonical) {
      EXPECT_TRUE(Exact::Parse(canonical->value)) << code;
      EXPECT_TRUE(UcumUnit::Parse(canonical->unit).ok()) << code << " " << canonical->unit;
    }
    EXPECT_TRUE(UcumDisplayName(code).ok()) << code;
  }
  EXPECT_GT(units, kRounds / 10);
}

}  // namespace
}  // namespace heyi::fhir
