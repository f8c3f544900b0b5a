// tests/data/mapping/<department>/<message>/<case>/
//   in.json      a message, byte for byte; in.hl7 where it is HL7 v2 (the answer then is a list of segments), in.xml
//                where it is a document
//   store.json   what stands already: [{"name": the map's name for it, "resource"}]; may be missing
//   want.json    what the map makes of it, with lineage, exported values, the way back, and the acknowledgement
//   issues.json  ["rule @ expression"], of the adapter or of the map
// HEYI_UPDATE=1 writes the last two anew. Beside the goldens, every case is held to the laws of docs/mapping.md.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "adapters/logical_model.h"
#include "base/charset.h"
#include "base/file.h"
#include "base/text.h"
#include "laws_testing.h"
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

void CheckCase(const fs::path& folder) {
  const std::string raw = ReadText(folder / (IsV2(folder) ? "in.hl7" : IsXml(folder) ? "in.xml" : "in.json"));
  const LawCase at{folder.string(), IsV2(folder), IsXml(folder)};
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
  CheckLineage(at, raw, *mapped);
  const bool good = !mapped->outcome.HasErrors();
  std::vector<std::string> lines = Lines(mapped->outcome);
  if (good) {
    CheckResourcesAreSound(at, *mapped);
    CheckNothingChangesTwice(at, *map, *message, *mapped, store, nullptr);
    base::Outcome outcome;
    base::Result<JsonValue> back = map->ToRecord(Named(*mapped, store), outcome);
    ASSERT_TRUE(back.ok()) << folder;
    if (message->type != "1101") {
      CheckSameFields(at, *adapters::FindModel(message->department, message->type), message->record, *back, "");
    }
    if (message->type != "1101" && !outcome.HasErrors()) {
      CheckNothingChangesTwice(at, *map, *message, *mapped, store, &*back);
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
