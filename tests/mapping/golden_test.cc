// tests/data/mapping/<department>/<message>/<case>/
//   in.json      a message, byte for byte; in.hl7 where it is HL7 v2 (the answer then is a list of segments), in.xml
//                where it is a document
//   store.json   what stands already: [{"name": the map's name for it, "resource"}]; may be missing
//   want.json    what the map makes of it, with lineage, exported values, the way back, and the acknowledgement
//   issues.json  ["rule @ expression"], of the adapter or of the map
// HEYI_UPDATE=1 writes the last two anew. Beside the goldens, every case is held to the laws of docs/mapping.md.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "adapters/health/v2/syntax.h"
#include "adapters/logical_model.h"
#include "base/charset.h"
#include "base/file.h"
#include "base/text.h"
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
    for (const char* name : {"in.json", "in.hl7", "in.xml"}) {
      if (entry.path().filename() == name) cases.push_back(entry.path().parent_path());
    }
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

bool IsV2(const fs::path& folder) { return fs::exists(folder / "in.hl7"); }
bool IsXml(const fs::path& folder) { return fs::exists(folder / "in.xml"); }

// The acknowledgement as JSON: HL7 v2's as its segments, in UTF-8.
JsonValue AnswerJson(const fs::path& folder, const std::string& answer) {
  if (!IsV2(folder)) {
    auto json = base::ParseJson(answer);
    EXPECT_TRUE(json.ok()) << folder;
    return json.ok() ? std::move(*json) : JsonValue();
  }
  std::string text;
  const bool utf8 = base::IsValidUtf8(answer);
  EXPECT_TRUE(base::CharsetConverter(utf8 ? base::Charset::kUtf8 : base::Charset::kGb18030).ToUtf8(answer, &text)) << folder;
  JsonValue segments = JsonValue::Array();
  for (std::string_view segment : base::Split(text, '\r')) {
    if (!segment.empty()) segments.Append(JsonValue::OfString(segment));
  }
  return segments;
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

// "v2.NK1[1].5[0].7" -> segment NK1 the second, field 5, first repetition, component 7.
void CheckV2Lineage(const fs::path& folder, const std::string& raw, const Mapped& mapped) {
  const base::Charset charset = base::IsValidUtf8(raw) ? base::Charset::kUtf8 : base::Charset::kGb18030;
  const auto message = adapters::V2Message::Parse(raw, charset);
  ASSERT_TRUE(message.ok()) << folder;
  for (const LineageRow& row : mapped.lineage) {
    std::string found;
    std::map<std::string_view, size_t> seen;
    for (const adapters::V2Segment& segment : message->segments()) {
      const size_t number = seen[segment.name]++;
      for (const adapters::V2Leaf* leaf = message->begin(segment); leaf != message->end(segment); ++leaf) {
        if (leaf->begin != row.begin || leaf->size == 0) continue;
        found = fmt::format("{}.{}.{}.{}.{}.{}", segment.name, number, leaf->field, leaf->repetition, leaf->component + 1, leaf->subcomponent + 1);
      }
    }
    // The same from the path: what it leaves out is the first.
    const std::string path = row.source.starts_with("v2.") ? row.source.substr(3) : row.source;
    const std::vector<std::string_view> steps = base::Split(path, '.');
    const auto name = [](std::string_view step) { return std::string(step.substr(0, step.find('['))); };
    const auto index = [](std::string_view step) { return step.find('[') == std::string_view::npos ? "0" : std::string(step.substr(step.find('[') + 1, step.size() - step.find('[') - 2)); };
    const std::string want = fmt::format("{}.{}.{}.{}.{}.{}", name(steps[0]), index(steps[0]), name(steps[1]), index(steps[1]),
                                         steps.size() > 2 ? std::string(steps[2]) : "1", steps.size() > 3 ? std::string(steps[3]) : "1");
    EXPECT_EQ(found, want) << folder << " " << row.source << " at " << row.begin;
  }
}

// A value of a document begins with its own first byte, or is made of an element and stands at its `<`.
void CheckXmlLineage(const fs::path& folder, const std::string& raw, const Mapped& mapped) {
  for (const LineageRow& row : mapped.lineage) {
    ASSERT_LT(row.begin, raw.size()) << folder;
    const std::string id = row.target.substr(0, row.target.find('#'));
    std::string text;
    for (const MappedResource& resource : mapped.resources) {
      if (fmt::format("{}/{}", resource.tree.type()->name, resource.tree.id()) != id) continue;
      text = fhir::WriteJson(resource.tree);
    }
    EXPECT_FALSE(text.empty()) << folder << " " << row.target;
    const std::string_view here = std::string_view(raw).substr(row.begin);
    const size_t end = here.find_first_of("<\"&");
    std::string said;
    base::CharsetConverter converter(base::IsValidUtf8(raw) ? base::Charset::kUtf8 : base::Charset::kGb18030);
    ASSERT_TRUE(converter.ToUtf8(here.substr(0, end), &said)) << folder << " " << row.source;
    EXPECT_NE(text.find(base::ClipUtf8(said, 4)), std::string::npos) << folder << " " << row.source << " " << said;
  }
}

// Lineage points at the very bytes.
void CheckLineage(const fs::path& folder, const std::string& raw, const Mapped& mapped) {
  if (IsV2(folder)) return CheckV2Lineage(folder, raw, mapped);
  if (IsXml(folder)) return CheckXmlLineage(folder, raw, mapped);
  for (const LineageRow& row : mapped.lineage) {
    ASSERT_LT(row.begin, raw.size()) << folder;
    const std::string member = "\"" + row.source.substr(row.source.find_last_of('.') + 1) + "\":";
    const std::string before = raw.substr(0, row.begin);
    EXPECT_TRUE(before.ends_with(member) || before.ends_with(member + "\"")) << folder << " " << row.source;
  }
}

// What HL7 v2 may say in two ways comes back in one: a name or an address in parts as a whole, 1 as M.
bool IsSaidOtherwise(std::string_view model_path) {
  constexpr std::string_view kPaths[] = {"PID.5[].1", "PID.8", "PID.11[].1", "PV1.7[].2"};
  return std::find(std::begin(kPaths), std::end(kPaths), model_path) != std::end(kPaths);
}

void CheckSameFields(const fs::path& folder, const adapters::LogicalModel& model, const JsonValue& sent, const JsonValue& back,
                     const std::string& level);

// The items of an HL7 v2 field are told apart by their type, not by their place; each that comes back was sent so.
void CheckSameItems(const fs::path& folder, const adapters::LogicalModel& model, const JsonValue& sent, const JsonValue& back,
                    const std::string& level) {
  for (const JsonValue& item : back.items()) {
    const JsonValue* type = item.Find("5");
    const JsonValue* same = sent.items().empty() ? nullptr : &sent.items().front();
    for (const JsonValue& other : sent.items()) {
      if (type != nullptr && other.StringAt("5") == type->text()) same = &other;
    }
    ASSERT_NE(same, nullptr) << folder << " " << level;
    CheckSameFields(folder, model, *same, item, level);
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
    const bool a_field_early = IsV2(folder) && level + name == "PV1.19" && sent["18"].StringAt("5") == "VN";
    if (a_field_early) continue;
    if (field->kind == adapters::FieldKind::kObject) {
      CheckSameFields(folder, model, *there, value, level + name + ".");
    } else if (field->kind == adapters::FieldKind::kList && IsV2(folder)) {
      CheckSameItems(folder, model, *there, value, level + name + "[].");
    } else if (field->kind == adapters::FieldKind::kList) {
      ASSERT_EQ(there->items().size(), value.items().size()) << folder;
      for (size_t i = 0; i < value.items().size(); ++i) {
        CheckSameFields(folder, model, there->items()[i], value.items()[i], level + name + "[].");
      }
    } else if (IsV2(folder) && IsSaidOtherwise(level + name)) {
      continue;
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
  const std::string raw = ReadText(folder / (IsV2(folder) ? "in.hl7" : IsXml(folder) ? "in.xml" : "in.json"));
  const adapters::Adapter& adapter = AdapterFor(folder);
  base::Result<adapters::Message> message = adapter.Read(raw);
  if (!message.ok()) {
    JsonValue want = JsonValue::Object();
    want.Set("answer", AnswerJson(folder, adapter.Answer(raw, nullptr, Acknowledge(adapters::Verdict::kRefused, message.error().outcome))));
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
  want.Set("answer", AnswerJson(folder, adapter.Answer(raw, &*message, Acknowledge(verdict, mapped->outcome))));
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
                              "insurance/1101", "insurance/2401", "insurance/2402", "health-cda/C0053", "health/ADT_A01", "health/ADT_A02", "health/ADT_A03",
                              "health/ADT_A04", "health/ADT_A08", "health/ADT_A11", "health/ADT_A13", "health/ADT_A37", "health/ADT_A40"}) {
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
  // A hospital, in either charset.
  for (const char* folder : {"new_elder", "new_elder_gb18030"}) {
    const std::string adt = ReadText(HEYI_SOURCE_DIR "/tests/data/mapping/health/ADT_A01/" + std::string(folder) + "/in.hl7");
    base::Result<adapters::Message> admission = adapters::HealthAdapter().Read(adt);
    ASSERT_TRUE(admission.ok());
    base::Result<Mapped> admitted = TestMaps().Find("health", "ADT^A01")->ToFhir(*admission, empty);
    ASSERT_TRUE(admitted.ok());
    EXPECT_EQ(mapped->resources[0].tree.id(), admitted->resources[0].tree.id());
  }
}

}  // namespace
}  // namespace heyi::mapping
