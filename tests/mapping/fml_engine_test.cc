// The mapping engine: tests/data/mapping/fml/engine/*.cases, each a map with its sources and what comes of them; and what
// a file cannot say: many runs of one map, time that grows with the length of lists, texts that are broken.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/text.h"
#include "fhir/json/write.h"
#include "mapping/fml/engine.h"
#include "mapping/fml/parse.h"
#include "tests/mapping/fml_testing.h"
#include "tests/mapping/mapping_testing.h"

namespace heyi::mapping {
namespace {

const std::filesystem::path kEngineData = HEYI_SOURCE_DIR "/tests/data/mapping/fml/engine";
constexpr base::TimeMs kNoon = 1'700'000'000'000;

// Members by name.
std::string SortedJson(const base::JsonValue& value) {
  if (value.is_array()) {
    std::string text = "[";
    for (const base::JsonValue& item : value.items()) text += SortedJson(item) + ",";
    return text + "]";
  }
  if (!value.is_object()) return base::WriteJson(value);
  std::map<std::string, std::string> members;
  for (const auto& [name, member] : value.members()) members[name] = SortedJson(member);
  std::string text = "{";
  for (const auto& [name, member] : members) text += "\"" + name + "\":" + member + ",";
  return text + "}";
}

std::string Told(const base::Error& error) {
  const base::Issue& issue = error.outcome.issues().at(0);
  const size_t colon = issue.expression.find(':');
  return "error " + issue.rule + (colon == std::string::npos ? "" : " " + issue.expression.substr(colon + 1));
}

// What a case comes to: JSON of the targets, then of what was made besides, then the log.
std::string Outcome(const FmlCase& one) {
  MemoryFmlSource knowledge;
  for (const FmlCase::Part& part : one.parts) {
    if (part.kind == "map") {
      auto map = ParseFml("other", part.text);
      if (!map.ok()) return "other map: " + Told(map.error());
      knowledge.AddMap(std::move(*map));
    } else if (part.kind == "resource") {
      auto json = base::ParseJson(part.text);
      if (!json.ok()) return "broken resource";
      knowledge.AddResource(std::move(*json));
    }
  }
  const auto map = ParseFml("map", one.map);
  if (!map.ok()) return Told(map.error());
  const auto compiled = CompiledMap::Compile(*map, TestDefinitions(), knowledge);
  if (!compiled.ok()) return Told(compiled.error());
  std::vector<FmlInstance> sources;
  std::vector<const fhir::Type*> types;
  for (const auto& input : compiled->inputs()) {
    if (input.mode == StructureMap::InputMode::kSource) types.push_back(input.type);
  }
  for (const FmlCase::Part& part : one.parts) {
    if (part.kind != "source") continue;
    const fhir::Type* type = sources.size() < types.size() ? types[sources.size()] : nullptr;
    auto instance = base::Trim(part.text).starts_with("<") ? ReadXmlInstance(part.text, compiled->models(), type)
                                                           : ReadJsonInstance(part.text, compiled->models(), type);
    if (!instance.ok()) return "source: " + Told(instance.error());
    sources.push_back(std::move(*instance));
  }
  std::vector<fhir::Node> roots;
  for (const FmlInstance& source : sources) roots.push_back(source.tree.root());
  const auto answer = compiled->Run(roots, {.now_ms = kNoon, .seed = "test", .steps_max = 1'000'000});
  if (!answer.ok()) return Told(answer.error());
  std::string text;
  for (const auto* list : {&answer->targets, &answer->produced}) {
    for (const FmlInstance& target : *list) {
      std::string json;
      fhir::AppendJson(target.tree.root(), json);
      const auto parsed = base::ParseJson(json);
      text += (parsed.ok() ? SortedJson(*parsed) : "no JSON: " + json) + "\n";
    }
  }
  for (const std::string& line : answer->log) text += "log " + line + "\n";
  return text;
}

std::string Wanted(const FmlCase& one) {
  std::string text;
  for (const std::string_view line : base::Split(one.want, '\n')) {
    if (line.empty()) continue;
    const auto json = line.starts_with("{") ? base::ParseJson(std::string(line)) : base::Result<base::JsonValue>(base::JsonValue());
    text += (line.starts_with("{") && json.ok() ? SortedJson(*json) : std::string(line)) + "\n";
  }
  return text;
}

class FmlEngine : public ::testing::TestWithParam<std::string> {};

TEST_P(FmlEngine, File) {
  const auto cases = ReadFmlCases(kEngineData / (GetParam() + ".cases"));
  EXPECT_FALSE(cases.empty());
  for (const FmlCase& one : cases) {
    SCOPED_TRACE(GetParam() + ".cases:" + std::to_string(one.line) + " " + one.title);
    std::string got = Outcome(one);
    if (!got.ends_with('\n')) got += '\n';
    EXPECT_EQ(got, Wanted(one));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, FmlEngine, ::testing::Values("sources", "targets", "transforms", "groups", "models"),
                         [](const auto& file) { return file.param; });

CompiledMap Compile(const std::string& text) {
  const auto map = ParseFml("map", text);
  EXPECT_TRUE(map.ok());
  auto compiled = CompiledMap::Compile(*map, TestDefinitions(), MemoryFmlSource());
  EXPECT_TRUE(compiled.ok());
  return std::move(*compiled);
}

std::string PatientWithNames(size_t count) {
  std::string json = R"({"resourceType":"Patient","name":[)";
  for (size_t i = 0; i < count; ++i) json += std::string(i == 0 ? "" : ",") + R"({"family":"F)" + std::to_string(i) + R"(","given":["a","b"]})";
  return json + "]}";
}

uint64_t StepsFor(const CompiledMap& map, size_t count) {
  const auto source = ReadJsonInstance(PatientWithNames(count), map.models(), nullptr);
  EXPECT_TRUE(source.ok());
  const std::vector<fhir::Node> roots = {source->tree.root()};
  const auto answer = map.Run(roots, {.now_ms = kNoon, .seed = "s"});
  EXPECT_TRUE(answer.ok());
  if (!answer.ok()) return 0;
  EXPECT_EQ(answer->targets[0].tree.root().Member("name").ChildCount(), count);
  return answer->steps;
}

// Counted in steps, not in time: every node visited and every item made takes one.
TEST(FmlEngineLength, CostGrowsWithTheLengthOfLists) {
  for (const char* text : {
           "group G(source src : Patient, target tgt : Patient) { src.name as n where (family.exists()) -> tgt.name as m then { n.family as f -> m.family = f; n.given as g -> m.given = g; }; }",
           "group G(source src : Patient, target tgt : Patient) { src.name -> tgt.name; }",
           "group G(source src : Patient, target tgt : Patient) { src.name as n -> tgt.name = n first; }",
           "group G(source src : Patient, target tgt : Patient) { src.name as n -> tgt.name = create('HumanName') as m last then N(n, m); } "
           "group N(source s, target t) { s -> t.text = (s.family & '!'); }",
       }) {
    const CompiledMap map = Compile(text);
    const uint64_t few = StepsFor(map, 100);
    const uint64_t many = StepsFor(map, 10'000);
    EXPECT_LT(many, 110 * few) << text;
    EXPECT_GT(many, 80 * few) << text;
  }
  EXPECT_GT(StepsFor(Compile("group G(source src : Patient, target tgt : Patient) { src.name -> tgt.name; }"), 100'000), 100'000u);
}

TEST(FmlEngineLength, RunsRepeatToTheByte) {
  const CompiledMap map = Compile(
      "group G(source src : Patient, target tgt : Bundle) { src.name as n -> tgt.entry as e, e.resource = create('Basic') as b, "
      "uuid() as u, e.fullUrl = append('urn:uuid:', u), b.id = u; }");
  const auto source = ReadJsonInstance(PatientWithNames(3), map.models(), nullptr);
  ASSERT_TRUE(source.ok());
  const std::vector<fhir::Node> roots = {source->tree.root()};
  std::vector<std::string> texts;
  for (const char* seed : {"a", "a", "b"}) {
    const auto answer = map.Run(roots, {.now_ms = kNoon, .seed = seed});
    ASSERT_TRUE(answer.ok());
    texts.push_back(fhir::WriteJson(answer->targets[0].tree));
  }
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_NE(texts[0], texts[2]) << "another seed, other ids";
}

TEST(FmlEngineLength, StepsAreBounded) {
  const CompiledMap map = Compile("group G(source src : Patient, target tgt : Patient) { src.name as a, src.name as b, src.name as c -> tgt.active = true; }");
  const auto source = ReadJsonInstance(PatientWithNames(1'000), map.models(), nullptr);
  ASSERT_TRUE(source.ok());
  const std::vector<fhir::Node> roots = {source->tree.root()};
  const auto answer = map.Run(roots, {.now_ms = kNoon, .seed = "s", .steps_max = 100'000});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind, base::ErrorKind::kTooLarge);
  EXPECT_EQ(answer.error().outcome.issues()[0].rule, "fml.too-costly");
  EXPECT_EQ(answer.error().outcome.issues()[0].expression, "map:1:55");
}

TEST(FmlEngineLength, TextCosts) {
  std::string rules;
  for (int i = 0; i < 40; ++i) rules += "v" + std::to_string(i) + " -> append(v" + std::to_string(i) + ", v" + std::to_string(i) + ") as v" + std::to_string(i + 1) + " then { ";
  // Forty times twice as long.
  const CompiledMap map = Compile("group G(source src : Patient, target tgt : Patient) { src.id as v0 then { " + rules + "v40 -> tgt.id = v40; " + [] {
    std::string ends;
    for (int i = 0; i < 41; ++i) ends += "}; ";
    return ends;
  }() + "}");
  const auto source = ReadJsonInstance(std::string(R"({"resourceType":"Patient","id":"abcdefgh"})"), map.models(), nullptr);
  ASSERT_TRUE(source.ok());
  const std::vector<fhir::Node> roots = {source->tree.root()};
  const auto answer = map.Run(roots, {.now_ms = kNoon, .seed = "s", .steps_max = 100'000});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().outcome.issues()[0].rule, "fml.too-costly");
}

// Maps that are broken in their text either do not compile or run to an end.
TEST(FmlEngineLength, ScrambledMapsEnd) {
  std::vector<FmlCase> cases;
  for (const auto& file : std::filesystem::directory_iterator(kEngineData)) {
    for (FmlCase& one : ReadFmlCases(file.path())) cases.push_back(std::move(one));
  }
  std::mt19937 random(11);
  const auto below = [&random](size_t limit) { return static_cast<size_t>(random() % limit); };
  const std::vector<std::string> words = {"src", "tgt", "name", "as", "->", "then", "{", "}", "first", "share x", "where (true)", "create('Patient')",
                                          "value", "=", "'a'", "uuid()", "extension", "entry", "resource", "contained"};
  size_t run = 0;
  for (int round = 0; round < 6'000; ++round) {
    FmlCase one = cases[below(cases.size())];
    // Words are exchanged, so that much of it is still a map.
    std::vector<size_t> starts;
    for (size_t i = 1; i < one.map.size(); ++i) {
      if (one.map[i - 1] == ' ' && one.map[i] != ' ') starts.push_back(i);
    }
    if (starts.empty()) continue;
    for (size_t changes = 1; changes > 0; --changes) {
      const size_t at = starts[below(starts.size())];
      if (at >= one.map.size()) continue;
      const size_t end = std::min(one.map.find_first_of(" \n;", at), one.map.size());
      one.map.replace(at, end - at, words[below(words.size())]);
    }
    const std::string got = Outcome(one);
    run += got.starts_with("error") ? 0 : 1;
    EXPECT_FALSE(got.find("no JSON") != std::string::npos) << one.map << got;
  }
  EXPECT_GT(run, 100u);
}

}  // namespace
}  // namespace heyi::mapping
