// Pair maps written out as StructureMaps: both texts come back as they were, pass the structure check, compile, and do
// the same as the pair map on the golden cases.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "adapters/model_definition.h"
#include "conformance/structure.h"
#include "fhir/json/write.h"
#include "laws_testing.h"
#include "mapping/difference.h"
#include "mapping/fml/engine.h"
#include "mapping/fml/json.h"
#include "mapping/fml/parse.h"
#include "mapping/fml/print.h"
#include "mapping/pair/program.h"
#include "mapping/pair/to_structure_map.h"
#include "mapping_testing.h"

namespace heyi::mapping {
namespace {

namespace fs = std::filesystem;
using base::JsonValue;
using Texts = std::vector<std::pair<std::string, std::string>>;  // place, text

const MemoryFmlSource& Models() {
  static const MemoryFmlSource source = [] {
    MemoryFmlSource made;
    for (const auto& map : TestMaps().maps()) {
      for (const adapters::LogicalModel* model : ModelsOf(*map)) made.AddResource(adapters::ModelDefinition(*model));
    }
    return made;
  }();
  return source;
}

base::Result<CompiledMap> Compiled(const StructureMap& map) {
  auto compiled = CompiledMap::Compile(map, TestDefinitions(), Models());
  if (!compiled.ok()) {
    for (const std::string& line : Lines(compiled.error().outcome)) ADD_FAILURE() << map.name << " " << line << "\n" << PrintFml(map);
  }
  return compiled;
}

void CheckText(const StructureMap& map) {
  const std::string text = PrintFml(map);
  const auto read = ParseFml("export.map", text);
  ASSERT_TRUE(read.ok()) << Lines(read.error().outcome).front() << "\n" << text;
  EXPECT_TRUE(*read == map) << text << "\n-- read again --\n" << PrintFml(*read);
  const auto tree = StructureMapTree(map, TestDefinitions());
  ASSERT_TRUE(tree.ok()) << map.name << " " << Lines(tree.error().outcome).front();
  base::Outcome outcome;
  conformance::CheckStructure(*tree, TestDefinitions(), outcome);
  EXPECT_TRUE(outcome.empty()) << map.name << " " << Lines(outcome).front();
  const auto back = ReadStructureMap(*tree);
  ASSERT_TRUE(back.ok()) << map.name;
  EXPECT_TRUE(*back == map) << PrintFml(map) << "\n-- from JSON --\n" << PrintFml(*back);
}

TEST(StructureMapExport, EveryBuiltInMapComesBackFromItsTextAndItsJson) {
  EXPECT_GE(TestMaps().maps().size(), 10u);
  for (const auto& map : TestMaps().maps()) {
    for (const ExportedMap& exported : {ExportInward(*map), ExportOutward(*map)}) {
      if (exported.map.groups.size() < 2) continue;  // a map without that way
      CheckText(exported.map);
      (void)Compiled(exported.map);
      for (const NotSaid& one : exported.not_said) {
        EXPECT_NE(exported.map.description.find(one.reason), std::string::npos) << map->name() << ":" << one.line;
      }
    }
  }
}

// ---- the same as the pair engine ----

// What it made points into the types of the map.
struct Ran {
  CompiledMap map;
  FmlAnswer answer;
};

std::optional<Ran> RunMap(const StructureMap& map, const std::vector<std::pair<JsonValue, std::string>>& sources) {
  auto compiled = Compiled(map);
  if (!compiled.ok()) return std::nullopt;
  std::vector<FmlInstance> instances;
  std::vector<CompiledMap::Input> inputs;
  for (const CompiledMap::Input& input : compiled->inputs()) {
    if (input.mode == StructureMap::InputMode::kSource) inputs.push_back(input);
  }
  EXPECT_EQ(inputs.size(), sources.size()) << map.name;
  for (size_t i = 0; i < inputs.size() && i < sources.size(); ++i) {
    auto instance = ReadJsonInstance(sources[i].first, compiled->models(), inputs[i].type);
    EXPECT_TRUE(instance.ok()) << map.name << " " << inputs[i].name << (instance.ok() ? "" : Lines(instance.error().outcome).front());
    if (!instance.ok()) return std::nullopt;
    instances.push_back(std::move(*instance));
  }
  std::vector<fhir::Node> roots;
  for (const FmlInstance& instance : instances) roots.push_back(instance.tree.root());
  auto answer = compiled->Run(roots, {.seed = "export"});
  if (!answer.ok()) {
    ADD_FAILURE() << map.name << " " << Lines(answer.error().outcome).front() << " " << base::EnglishText(answer.error().outcome.issues()[0]) << "\n" << PrintFml(map);
    return std::nullopt;
  }
  return Ran{std::move(*compiled), std::move(*answer)};
}

struct Golden {
  std::string name;
  adapters::Message message;
  MemoryTargets store;
  Mapped mapped;
};

std::string MessageFile(const fs::path& folder) {
  for (const char* name : {"in.hl7", "in.xml"}) {
    if (fs::exists(folder / name)) return name;
  }
  return "in.json";
}

std::optional<Golden> ReadGolden(const PairMap& map, const fs::path& folder) {
  Golden golden;
  golden.name = folder.string();
  auto message = adapters::AdapterOf(map.department())->Read(ReadText(folder / MessageFile(folder)));
  if (!message.ok()) return std::nullopt;  // not a message at all
  golden.message = std::move(*message);
  if (fs::exists(folder / "store.json")) {
    const auto stands = base::ParseJson(ReadText(folder / "store.json"));
    EXPECT_TRUE(stands.ok()) << golden.name;
    for (const JsonValue& entry : stands->items()) {
      golden.store.Add(std::string(entry.StringAt("name")), ReadResource(entry["resource"]));
    }
  }
  auto mapped = map.ToFhir(golden.message, golden.store);
  if (!mapped.ok() || mapped->outcome.HasErrors()) return std::nullopt;  // nothing is made
  golden.mapped = std::move(*mapped);
  return golden;
}

// The resources of the Bundle that the exported map made.
std::vector<fhir::Tree> Inward(const PairMap& map, const ExportedMap& exported, const Golden& golden) {
  std::vector<std::pair<JsonValue, std::string>> sources;
  sources.emplace_back(ModelInstance(golden.message.record, *map.program().model), "");
  if (exported.map.groups[0].inputs.size() == 3) {
    sources.emplace_back(ModelInstance(golden.message.envelope, *adapters::FindModel(map.department(), adapters::kEnvelopeModel)), "");
  }
  std::vector<fhir::Tree> made;
  const auto ran = RunMap(exported.map, sources);
  if (!ran) return made;
  const fhir::Node entries = ran->answer.targets[0].tree.root().Member("entry");
  for (fhir::Node entry = entries ? entries.first_child() : fhir::Node(); entry; entry = entry.next()) {
    made.push_back(fhir::Tree::CopyOf(entry.Member("resource")));
  }
  return made;
}

// What FML cannot say is declared; what it says differently on purpose is taken off both sides here: references are told
// by what they refer to, and what is only referred to has its number beside them.
Texts Comparable(const fhir::Tree& tree, const std::map<std::string, std::string>& names, std::set<std::string>* existing) {
  Texts texts;
  for (auto& [path, text] : ValuesOf(tree)) {
    const bool reference = path.ends_with(".reference");
    if (!reference) {
      texts.emplace_back(path, text);
      continue;
    }
    const auto known = names.find(text);
    if (known != names.end()) texts.emplace_back(path, known->second);
    else existing->insert(path.substr(0, path.size() - std::string_view(".reference").size()));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

// Those of sorted `from` that sorted `in` has not.
Texts Missing(const Texts& from, const Texts& in) {
  Texts missing;
  std::set_difference(from.begin(), from.end(), in.begin(), in.end(), std::back_inserter(missing));
  return missing;
}

// Their numbers and types stand in the exported map's result only.
void TakeOff(Texts& texts, const std::set<std::string>& existing, bool numbers) {
  std::erase_if(texts, [&](const auto& one) {
    for (const std::string& place : existing) {
      if (one.first == place + ".type" || (numbers && one.first.starts_with(place + ".identifier."))) return true;
    }
    return false;
  });
}

std::map<std::string, std::string> NamesOf(const std::vector<const fhir::Tree*>& trees) {
  std::map<std::string, std::string> names;
  std::map<std::string, int> numbers;
  for (const fhir::Tree* tree : trees) {
    const std::string& type = tree->type()->name;
    names[type + "/" + std::string(tree->id())] = type + " " + std::to_string(++numbers[type]);
  }
  return names;
}

// The lines of the pair map that the exported one has rules for.
void LinesOf(const std::vector<StructureMap::Rule>& rules, std::set<std::string>* lines) {
  for (const StructureMap::Rule& rule : rules) {
    if (rule.name.starts_with("line")) lines->insert(rule.name.substr(4, rule.name.find('.') - 4));
    LinesOf(rule.rules, lines);
  }
}

// "identifier[0].value" with "identifier[0]" gone: nothing; "identifier[1].value": "identifier[0].value".
void RemoveItem(Texts& texts, const std::string& item) {
  const std::string list = item.substr(0, item.rfind('['));
  const int gone = std::stoi(item.substr(list.size() + 1));
  Texts left;
  for (auto& [place, text] : texts) {
    if (!place.starts_with(list + "[")) {
      left.emplace_back(place, text);
      continue;
    }
    const size_t end = place.find(']', list.size());
    const int number = std::stoi(place.substr(list.size() + 1));
    if (number == gone) continue;
    left.emplace_back(list + "[" + std::to_string(number > gone ? number - 1 : number) + place.substr(end), text);
  }
  std::sort(left.begin(), left.end());
  texts = std::move(left);
}

const Rule* RuleAt(const std::vector<Rule>& rules, const std::string& line) {
  for (const Rule& rule : rules) {
    if (std::to_string(rule.line) == line) return &rule;
    if (const Rule* inner = RuleAt(rule.items, line)) return inner;
  }
  return nullptr;
}

bool Declared(const ExportedMap& exported, const std::string& line) {
  return std::any_of(exported.not_said.begin(), exported.not_said.end(), [&](const NotSaid& one) { return std::to_string(one.line) == line; });
}

// What the pair map's rules wrote that the exported map declares it has no rule for; with the item of a list where the
// value stands in one that says nothing else but its selector.
void TakeOffUnsaid(const PairMap& map, const Golden& golden, const ExportedMap& exported, const MappedResource& resource, Texts& want) {
  std::set<std::string> said;
  for (const StructureMap::Group& group : exported.map.groups) LinesOf(group.rules, &said);
  const std::string id = resource.tree.type()->name + "/" + std::string(resource.tree.id()) + "#";
  for (const ResourceRule& one : map.program().resources) {  // what refers: no lineage tells of it
    for (const Rule& rule : one.rules) {
      if (one.name != resource.name || rule.reference.empty() || said.contains(std::to_string(rule.line))) continue;
      EXPECT_TRUE(Declared(exported, std::to_string(rule.line))) << golden.name << " " << rule.line;
      std::erase_if(want, [&](const auto& text) { return text.first == rule.path.text || text.first.starts_with(rule.path.text + ".identifier."); });
    }
  }
  std::set<std::string> items;
  for (const LineageRow& row : golden.mapped.lineage) {
    const std::string line = row.rule.substr(row.rule.rfind(':') + 1);
    if (said.contains(line) || !row.target.starts_with(id)) continue;
    EXPECT_TRUE(Declared(exported, line)) << golden.name << " " << row.rule;
    const std::string place = row.target.substr(id.size());
    std::erase_if(want, [&](const auto& one) { return one.first == place; });
    const Rule* rule = nullptr;
    for (const ResourceRule& one : map.program().resources) rule = rule == nullptr ? RuleAt(one.rules, line) : rule;
    ASSERT_NE(rule, nullptr) << row.rule;
    const auto list = std::find_if(rule->path.steps.rbegin(), rule->path.steps.rend(), [](const PathStep& step) { return step.list; });
    if (list == rule->path.steps.rend()) continue;
    const std::string item = place.substr(0, place.rfind(']') + 1);
    const auto left = std::count_if(want.begin(), want.end(), [&](const auto& one) { return one.first.starts_with(item); });
    if (static_cast<size_t>(left) <= list->where.size()) items.insert(item);
  }
  for (auto item = items.rbegin(); item != items.rend(); ++item) RemoveItem(want, *item);
}

// The places of `?->`.
std::set<std::string> Kept(const MapProgram& program, std::string_view resource) {
  std::set<std::string> places;
  for (const ResourceRule& rule : program.resources) {
    for (const Rule& one : rule.rules) {
      if (rule.name == resource && one.keeps_what_stands) places.insert(one.path.text);
    }
  }
  return places;
}

enum class Existing { kCompare, kSkip };

void CheckInward(const PairMap& map, const Golden& golden, Existing existing_ones) {
  const ExportedMap exported = ExportInward(map);
  const std::vector<fhir::Tree> made = Inward(map, exported, golden);
  std::vector<const fhir::Tree*> ours, theirs;
  for (const MappedResource& resource : golden.mapped.resources) ours.push_back(&resource.tree);
  for (const fhir::Tree& tree : made) theirs.push_back(&tree);
  ASSERT_EQ(ours.size(), theirs.size()) << golden.name;
  const auto by_type = [](const fhir::Tree* a, const fhir::Tree* b) { return a->type()->name < b->type()->name; };
  std::stable_sort(theirs.begin(), theirs.end(), by_type);
  std::vector<const MappedResource*> mapped;
  for (const MappedResource& resource : golden.mapped.resources) mapped.push_back(&resource);
  std::stable_sort(mapped.begin(), mapped.end(), [&](const MappedResource* a, const MappedResource* b) { return by_type(&a->tree, &b->tree); });
  std::stable_sort(ours.begin(), ours.end(), by_type);
  const auto our_names = NamesOf(ours), their_names = NamesOf(theirs);
  for (size_t i = 0; i < ours.size(); ++i) {
    ASSERT_EQ(ours[i]->type()->name, theirs[i]->type()->name) << golden.name;
    std::set<std::string> existing, none;
    Texts want = Comparable(*ours[i], our_names, &existing), got = Comparable(*theirs[i], their_names, &none);
    EXPECT_TRUE(none.empty()) << golden.name << ": a reference to nothing";
    // One that exists and that another rule of the map changes (2402: who died) is told by its number all the same.
    std::erase_if(want, [&](const auto& one) {
      if (!one.first.ends_with(".reference")) return false;
      const std::string place = one.first.substr(0, one.first.size() - std::string_view(".reference").size());
      const auto has = [&](const std::string& member) {
        return std::any_of(got.begin(), got.end(), [&](const auto& other) { return other.first == place + member; });
      };
      if (has(".reference") || !has(".identifier.value")) return false;
      existing.insert(place);
      return true;
    });
    // By a number both: those that pairs only refer to. The pair map tells no number of what exists.
    const Texts all = want;
    std::set<std::string> unnumbered;
    for (const std::string& place : existing) {
      const bool numbered = std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.first.starts_with(place + ".identifier."); });
      if (!numbered) unnumbered.insert(place);
    }
    TakeOff(got, existing, false);
    TakeOff(got, unnumbered, true);
    TakeOffUnsaid(map, golden, exported, *mapped[i], want);
    if (mapped[i]->existed && existing_ones == Existing::kSkip) continue;
    if (mapped[i]->existed) {
      // What stood there stays in the pair map's result; each value of the message must be in it, but for `?->`.
      const std::set<std::string> kept = Kept(map.program(), mapped[i]->name);
      for (const auto& [place, text] : got) {
        if (kept.contains(place)) continue;
        const bool there = std::any_of(want.begin(), want.end(), [&](const auto& one) { return one.second == text; });
        EXPECT_TRUE(there) << golden.name << " " << place << " = " << text;
      }
      continue;
    }
    EXPECT_EQ(Missing(want, got), Texts()) << golden.name << ": only the pair map says";
    EXPECT_EQ(Missing(got, want), Texts()) << golden.name << ": only the exported map says";
  }
}

void Leaves(const JsonValue& value, const std::string& place, Texts& out) {
  for (const auto& [name, member] : value.members()) Leaves(member, place.empty() ? name : place + "." + name, out);
  for (size_t i = 0; i < value.items().size(); ++i) Leaves(value.items()[i], place + "[" + std::to_string(i) + "]", out);
  if (!value.is_object() && !value.is_array()) out.emplace_back(place, value.text());
}

void CheckOutward(const PairMap& map, const std::string& name, const std::vector<std::pair<std::string, fhir::Node>>& resources) {
  base::Outcome outcome;
  const auto want = map.ToRecord(resources, outcome);
  ASSERT_TRUE(want.ok()) << name;
  const ExportedMap exported = ExportOutward(map);
  std::vector<std::pair<JsonValue, std::string>> sources;
  for (const StructureMap::Input& input : exported.map.groups[0].inputs) {
    if (input.mode == StructureMap::InputMode::kTarget) continue;
    JsonValue source = JsonValue::Object();
    source.Set("resourceType", JsonValue::OfString(input.type));
    JsonValue entries = JsonValue::Array();
    for (const auto& [called, node] : resources) {
      if (input.name == "bundle") {
        JsonValue entry = JsonValue::Object();
        entry.Set("resource", ToJson(fhir::Tree::CopyOf(node)));
        entries.Append(std::move(entry));
      } else if (called == input.name) {
        source = ToJson(fhir::Tree::CopyOf(node));
      }
    }
    if (!entries.items().empty()) source.Set("entry", std::move(entries));
    sources.emplace_back(std::move(source), input.name);
  }
  const auto ran = RunMap(exported.map, sources);
  if (!ran) return;
  JsonValue record = ToJson(ran->answer.targets[0].tree);
  JsonValue bare = JsonValue::Object();
  for (const auto& [member, value] : record.members()) {
    if (member != "resourceType") bare.Set(member, value);
  }
  Texts ours, theirs;
  Leaves(*want, "", ours);
  Leaves(bare, "", theirs);
  std::sort(ours.begin(), ours.end());
  std::sort(theirs.begin(), theirs.end());
  EXPECT_EQ(Missing(ours, theirs), Texts()) << name << ": only the pair map says";
  EXPECT_EQ(Missing(theirs, ours), Texts()) << name << ": only the exported map says";
}

size_t CheckGoldens(std::string_view department, std::string_view type, const std::string& folder, Existing existing_ones) {
  const PairMap* map = TestMaps().Find(department, type);
  EXPECT_NE(map, nullptr) << type;
  if (map == nullptr) return 0;
  size_t checked = 0;
  for (const auto& entry : fs::directory_iterator(std::string(HEYI_SOURCE_DIR) + "/tests/data/mapping/" + folder)) {
    const std::optional<Golden> golden = ReadGolden(*map, entry.path());
    if (!golden) continue;
    ++checked;
    CheckInward(*map, *golden, existing_ones);
    CheckOutward(*map, golden->name, Named(golden->mapped, golden->store));
  }
  return checked;
}

TEST(StructureMapExport, GoldenCasesOfCivilAffairsAreTheSame) {
  EXPECT_GE(CheckGoldens("civil-affairs", "ORG", "civil-affairs/ORG", Existing::kCompare), 2u);
  EXPECT_GE(CheckGoldens("civil-affairs", "ELDER", "civil-affairs/ELDER", Existing::kCompare), 3u);
  EXPECT_GE(CheckGoldens("civil-affairs", "BED", "civil-affairs/BED", Existing::kCompare), 2u);
  EXPECT_GE(CheckGoldens("civil-affairs", "BED_REFERRAL", "civil-affairs/BED_REFERRAL", Existing::kCompare), 2u);
}

TEST(StructureMapExport, GoldenCasesOfInsuranceAreTheSame) {
  EXPECT_GE(CheckGoldens("insurance", "2401", "insurance/2401", Existing::kCompare), 1u);
  EXPECT_GE(CheckGoldens("insurance", "2402", "insurance/2402", Existing::kCompare), 1u);
  EXPECT_GE(CheckGoldens("insurance", "1101", "insurance/1101", Existing::kCompare), 1u);
}

// Resources that no message has made: other zones, fractions of seconds, codes beside others, no number of their own.
TEST(StructureMapExport, ResourcesThatRestMadeAreTheSame) {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"patient", R"({"resourceType":"Patient","id":"p","identifier":[{"system":"urn:x","value":"1"},{"system":"urn:oid:2.16.156.10011.1.3","value":"310199194507300028"}]})"},
      {"requester", R"({"resourceType":"Organization","id":"home","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"52310199MJ00000016"}]})"},
      {"performer", R"({"resourceType":"Organization","id":"hosp","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"123101994250000771"}]})"},
      {"request", R"({"resourceType":"ServiceRequest","id":"r-1","status":"active","intent":"order","subject":{"reference":"Patient/p"},
        "authoredOn":"2026-03-01T16:30:00Z","requester":{"reference":"Organization/home"},"performer":[{"reference":"Organization/hosp"}],
        "locationCode":[{"coding":[{"system":"urn:other","code":"x"},{"system":"https://heyi.example/fhir/cs/bed-kind","code":"hospital"}]}],
        "supportingInfo":[{"type":"Contract","identifier":{"system":"https://heyi.example/fhir/id/mca/agreement","value":"A-1"}}],
        "extension":[{"url":"https://heyi.example/fhir/ext/from-kind","valueCoding":{"system":"https://heyi.example/fhir/cs/bed-kind","code":"care-home"}}]})"},
      {"task", R"({"resourceType":"Task","id":"t","status":"accepted","intent":"order","lastModified":"2026-03-02T01:00:00.5Z"})"}};
  std::vector<fhir::Tree> trees;
  for (const auto& [name, text] : texts) trees.push_back(ReadResource(*base::ParseJson(text)));
  std::vector<std::pair<std::string, fhir::Node>> resources;
  for (size_t i = 0; i < trees.size(); ++i) resources.emplace_back(texts[i].first, trees[i].root());
  const PairMap* map = TestMaps().Find("civil-affairs", "BED_REFERRAL");
  ASSERT_NE(map, nullptr);
  CheckOutward(*map, "made by REST", resources);
  resources.pop_back();  // not answered yet
  CheckOutward(*map, "without a Task", resources);
}

// Names that the export needs for itself, and such that R4's ids cannot have.
TEST(StructureMapExport, NamesOfResourcesDoNotClash) {
  const auto tables = CodeTables::Load();
  ASSERT_TRUE(tables.ok());
  const auto map = PairMap::Compile("own/ELDER.map", R"(
map civil-affairs ELDER 7
resource message Patient
  find $identity-number idCardNo
  id elder idCardNo
  idCardNo <-> identifier[system=$identity-number].value
  name <-> name[0].text
resource the_record Basic
  id x idCardNo
  @message -> subject
  name -> code.text when gender != 0, 2
ignore age "x"
ignore areaCode "x"
ignore gender "x"
ignore phone "x"
ignore address "x"
ignore id "x"
)", TestDefinitions(), *tables);
  ASSERT_TRUE(map.ok()) << Lines(map.error().outcome).front();
  const ExportedMap inward = ExportInward(*map), outward = ExportOutward(*map);
  CheckText(inward.map);
  CheckText(outward.map);
  JsonValue record = JsonValue::Object();
  record.Set("idCardNo", JsonValue::OfString(" 310199194507300028 "));
  record.Set("name", JsonValue::OfString("沈示例"));
  record.Set("age", JsonValue::OfString(""));
  const JsonValue instance = ModelInstance(record, *map->program().model);
  EXPECT_EQ(base::WriteJson(instance), R"({"idCardNo":"310199194507300028","name":"沈示例"})");
  const auto ran = RunMap(inward.map, {{instance, ""}});
  ASSERT_TRUE(ran.has_value());
  EXPECT_EQ(ran->answer.targets[0].tree.root().Member("entry").ChildCount(), 2u);
  EXPECT_NE(fhir::WriteJson(ran->answer.targets[0].tree).find(R"("code":{"text":"沈示例"})"), std::string::npos) << "an absent field is not 0";
  (void)Compiled(outward.map);
}

// What stood there before is compared with the messages above; here, what is new.
TEST(StructureMapExport, GoldenCasesOfHealthAreTheSame) {
  for (const char* type : {"ADT_A01", "ADT_A02", "ADT_A03", "ADT_A04", "ADT_A08", "ADT_A11", "ADT_A13"}) {
    std::string name = type;
    name[3] = '^';
    EXPECT_GE(CheckGoldens("health", name, std::string("health/") + type, Existing::kSkip), 1u) << type;
  }
  EXPECT_GE(CheckGoldens("health-cda", "C0053", "health-cda/C0053", Existing::kSkip), 1u);
}

}  // namespace
}  // namespace heyi::mapping
