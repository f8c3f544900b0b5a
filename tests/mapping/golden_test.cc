// tests/data/mapping/<department>/<message>/<case>/
//   in.json      a message, byte for byte
//   store.json   what stands already: [{"name": the map's name for it, "resource"}]; may be missing
//   want.json    what the map makes of it, with lineage, exported values, the way back, and the acknowledgement
//   issues.json  ["rule @ expression"], of the adapter or of the map
// HEYI_UPDATE=1 writes the last two anew. Beside the goldens, every case is held to the laws of docs/mapping.md.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "adapters/logical_model.h"
#include "base/file.h"
#include "conformance/structure.h"
#include "fhir/json/write.h"
#include "mapping_testing.h"

namespace heyi::mapping {
namespace {

namespace fs = std::filesystem;
using base::JsonValue;

std::vector<fs::path> Cases() {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::recursive_directory_iterator(HEYI_SOURCE_DIR "/tests/data/mapping")) {
    if (entry.path().filename() == "in.json") cases.push_back(entry.path().parent_path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

const adapters::Adapter& AdapterFor(const fs::path& folder) {
  const adapters::Adapter* adapter = adapters::AdapterOf(folder.parent_path().parent_path().filename().string());
  EXPECT_NE(adapter, nullptr) << folder;
  return *adapter;
}

MemoryTargets ReadStore(const fs::path& folder) {
  MemoryTargets store;
  if (!fs::exists(folder / "store.json")) return store;
  auto json = base::ParseJson(ReadText(folder / "store.json"));
  EXPECT_TRUE(json.ok()) << folder;
  for (const JsonValue& entry : json->items()) store.Add(std::string(entry.StringAt("name")), ReadResource(entry["resource"]));
  return store;
}

// The resources by the map's names: what the map made, and of what stood there the names it did not make.
std::vector<std::pair<std::string, fhir::Node>> Named(const Mapped& mapped, const MemoryTargets& store) {
  std::vector<std::pair<std::string, fhir::Node>> named;
  std::set<std::string> made;
  for (const MappedResource& resource : mapped.resources) {
    named.emplace_back(resource.name, resource.tree.root());
    made.insert(resource.name);
  }
  for (const auto& [name, tree] : store.resources()) {
    if (!made.contains(name)) named.emplace_back(name, tree.root());
  }
  return named;
}

JsonValue Texts(const std::vector<std::string>& lines) {
  JsonValue list = JsonValue::Array();
  for (const std::string& line : lines) list.Append(JsonValue::OfString(line));
  return list;
}

JsonValue Describe(const Mapped& mapped) {
  JsonValue want = JsonValue::Object();
  JsonValue resources = JsonValue::Array();
  for (const MappedResource& resource : mapped.resources) {
    JsonValue entry = JsonValue::Object();
    entry.Set("name", JsonValue::OfString(resource.name));
    entry.Set("existed", JsonValue::OfBool(resource.existed));
    entry.Set("changed", JsonValue::OfBool(resource.changed));
    entry.Set("resource", ToJson(resource.tree));
    resources.Append(std::move(entry));
  }
  want.Set("resources", std::move(resources));
  want.Set("values", Texts(mapped.values));
  want.Set("unread", Texts(mapped.unread));
  JsonValue lineage = JsonValue::Array();
  for (const LineageRow& row : mapped.lineage) {
    lineage.Append(JsonValue::OfString(row.target + " < " + row.source + " at " + std::to_string(row.begin) + " by " + row.rule));
  }
  want.Set("lineage", std::move(lineage));
  return want;
}

void Compare(const fs::path& path, const JsonValue& got) {
  const std::string text = base::WriteJson(got, true) + "\n";
  if (std::getenv("HEYI_UPDATE") != nullptr) {
    ASSERT_TRUE(base::WriteFileDurably(path.string(), text).ok()) << path;
  } else {
    EXPECT_EQ(text, ReadText(path)) << path;
  }
}

adapters::Acknowledgement Acknowledge(adapters::Verdict verdict, const base::Outcome& outcome) {
  return {verdict, outcome, {}, "HY-1", 1'772'414'100'123, 1'772'414'100'456};
}

// ---- the laws ----

void CheckResourcesAreSound(const fs::path& folder, const Mapped& mapped) {
  for (const MappedResource& resource : mapped.resources) {
    base::Outcome outcome;
    conformance::CheckStructure(resource.tree, TestDefinitions(), outcome);
    EXPECT_TRUE(outcome.empty()) << folder << " " << resource.name << ": " << Lines(outcome).front();
    ReadResource(ToJson(resource.tree));
  }
}

// Lineage points at the very bytes.
void CheckLineage(const fs::path& folder, const std::string& raw, const Mapped& mapped) {
  for (const LineageRow& row : mapped.lineage) {
    ASSERT_LT(row.begin, raw.size()) << folder;
    const std::string member = "\"" + row.source.substr(row.source.find_last_of('.') + 1) + "\":";
    const std::string before = raw.substr(0, row.begin);
    EXPECT_TRUE(before.ends_with(member) || before.ends_with(member + "\"")) << folder << " " << row.source;
  }
}

// Every field that comes back says what the message said (PutGet).
void CheckSameFields(const fs::path& folder, const adapters::LogicalModel& model, const JsonValue& sent, const JsonValue& back,
                     const std::string& level) {
  for (const auto& [name, value] : back.members()) {
    const JsonValue* there = sent.Find(name);
    if (there == nullptr || adapters::IsAbsent(*there)) continue;  // stood in the resource before
    const adapters::Field* field = model.Find(level + name);
    ASSERT_NE(field, nullptr) << folder << " " << level << name;
    if (field->kind == adapters::FieldKind::kObject) {
      CheckSameFields(folder, model, *there, value, level + name + ".");
    } else if (field->kind == adapters::FieldKind::kList) {
      ASSERT_EQ(there->items().size(), value.items().size()) << folder;
      for (size_t i = 0; i < value.items().size(); ++i) {
        CheckSameFields(folder, model, there->items()[i], value.items()[i], level + name + "[].");
      }
    } else if (field->kind == adapters::FieldKind::kFlag) {
      const std::string& flag = there->text();
      EXPECT_EQ(value.text() == "1", flag == "1" || flag == "true" || flag == "是") << folder << " " << level << name;
    } else {
      std::string want = adapters::NormalText(*there, field->kind);
      if (field->kind == adapters::FieldKind::kInteger) want.erase(0, std::min(want.find_first_not_of('0'), want.size() - 1));
      EXPECT_EQ(adapters::NormalText(value, field->kind), want) << folder << " " << level << name;
    }
  }
}

// What was read out and put back changes nothing (GetPut).
void CheckNothingChangesTwice(const fs::path& folder, const PairMap& map, const adapters::Message& message, const Mapped& mapped,
                              const MemoryTargets& store, const JsonValue* back) {
  MemoryTargets after;
  std::set<std::string> made;
  for (const MappedResource& resource : mapped.resources) {
    after.Add(resource.name, resource.tree.Clone());
    made.insert(std::string(resource.tree.id()));
  }
  for (const auto& [name, tree] : store.resources()) {
    if (!made.contains(std::string(tree.id()))) after.Add(name, tree.Clone());
  }
  adapters::Message again = message;
  if (back != nullptr) again.record = *back;
  base::Result<Mapped> twice = map.ToFhir(again, after);
  ASSERT_TRUE(twice.ok()) << folder;
  for (const MappedResource& resource : twice->resources) {
    EXPECT_TRUE(resource.existed) << folder << " " << resource.name;
    EXPECT_FALSE(resource.changed) << folder << " " << resource.name << fhir::WriteJson(resource.tree);
  }
}

void CheckCase(const fs::path& folder) {
  const std::string raw = ReadText(folder / "in.json");
  const adapters::Adapter& adapter = AdapterFor(folder);
  base::Result<adapters::Message> message = adapter.Read(raw);
  if (!message.ok()) {
    JsonValue want = JsonValue::Object();
    auto answer = base::ParseJson(adapter.Answer(raw, nullptr, Acknowledge(adapters::Verdict::kRefused, message.error().outcome)));
    ASSERT_TRUE(answer.ok());
    want.Set("answer", std::move(*answer));
    Compare(folder / "want.json", want);
    return Compare(folder / "issues.json", Texts(Lines(message.error().outcome)));
  }
  const PairMap* map = TestMaps().Find(message->department, message->type);
  ASSERT_NE(map, nullptr) << folder;
  MemoryTargets store = ReadStore(folder);
  base::Result<Mapped> mapped = map->ToFhir(*message, store);
  ASSERT_TRUE(mapped.ok()) << folder;
  JsonValue want = Describe(*mapped);
  CheckLineage(folder, raw, *mapped);
  const bool good = !mapped->outcome.HasErrors();
  std::vector<std::string> lines = Lines(mapped->outcome);
  if (good) {
    CheckResourcesAreSound(folder, *mapped);
    CheckNothingChangesTwice(folder, *map, *message, *mapped, store, nullptr);
    base::Outcome outcome;
    base::Result<JsonValue> back = map->ToRecord(Named(*mapped, store), outcome);
    ASSERT_TRUE(back.ok()) << folder;
    if (message->type != "1101") {
      CheckSameFields(folder, *adapters::FindModel(message->department, message->type), message->record, *back, "");
    }
    if (message->type != "1101" && !outcome.HasErrors()) {
      CheckNothingChangesTwice(folder, *map, *message, *mapped, store, &*back);
    }
    want.Set("back", std::move(*back));
    want.Set("back_issues", Texts(Lines(outcome)));
  }
  const adapters::Verdict verdict = good ? adapters::Verdict::kTaken : adapters::Verdict::kKept;
  auto answer = base::ParseJson(adapter.Answer(raw, &*message, Acknowledge(verdict, mapped->outcome)));
  ASSERT_TRUE(answer.ok());
  want.Set("answer", std::move(*answer));
  Compare(folder / "want.json", want);
  Compare(folder / "issues.json", Texts(lines));

  // The same bytes in, the same bytes out.
  base::Result<Mapped> once_more = map->ToFhir(*adapter.Read(raw), store);
  ASSERT_TRUE(once_more.ok());
  EXPECT_EQ(base::WriteJson(Describe(*once_more)), base::WriteJson(Describe(*mapped))) << folder;
}

TEST(Golden, Cases) {
  const std::vector<fs::path> cases = Cases();
  EXPECT_GE(cases.size(), 30u);
  for (const fs::path& folder : cases) CheckCase(folder);
}

TEST(Golden, EveryMapHasCasesBothGoodAndBad) {
  std::set<std::string> good, bad;
  for (const fs::path& folder : Cases()) {
    const std::string message = folder.parent_path().lexically_relative(HEYI_SOURCE_DIR "/tests/data/mapping").string();
    auto issues = base::ParseJson(ReadText(folder / "issues.json"));
    ASSERT_TRUE(issues.ok()) << folder;
    (issues->items().empty() ? good : bad).insert(message);
  }
  for (const char* message : {"civil-affairs/ORG", "civil-affairs/ELDER", "civil-affairs/BED", "civil-affairs/BED_REFERRAL",
                              "insurance/1101", "insurance/2401", "insurance/2402"}) {
    EXPECT_TRUE(good.contains(message)) << message;
    EXPECT_TRUE(bad.contains(message) || std::string(message) == "civil-affairs/ORG") << message;
  }
}

// Whatever department speaks, the elder is the same Patient.
TEST(Golden, OneElderOnePatient) {
  const std::string raw = ReadText(HEYI_SOURCE_DIR "/tests/data/mapping/civil-affairs/ELDER/new/in.json");
  base::Result<adapters::Message> message = adapters::CivilAdapter().Read(raw);
  ASSERT_TRUE(message.ok());
  MemoryTargets empty;
  base::Result<Mapped> mapped = TestMaps().Find("civil-affairs", "ELDER")->ToFhir(*message, empty);
  ASSERT_TRUE(mapped.ok());
  adapters::Message other = *message;
  other.envelope.Set("fromOrgUscc", JsonValue::OfString("123101994250000771"));
  other.sender = "123101994250000771";
  other.record.Set("id", JsonValue::OfString("B-5"));
  base::Result<Mapped> from_other = TestMaps().Find("civil-affairs", "ELDER")->ToFhir(other, empty);
  ASSERT_TRUE(from_other.ok());
  EXPECT_EQ(mapped->resources[0].tree.id(), from_other->resources[0].tree.id());
}

}  // namespace
}  // namespace heyi::mapping
