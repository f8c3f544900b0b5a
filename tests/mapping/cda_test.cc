// Documents as they come: whatever is read of a damaged one and mapped without an error passes the structure check.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cstdlib>

#include "base/ids.h"
#include "conformance/structure.h"
#include "mapping_testing.h"

namespace heyi::mapping {
namespace {

namespace fs = std::filesystem;

const fs::path kCase = HEYI_SOURCE_DIR "/tests/data/mapping/health-cda/C0053/discharge";

MemoryTargets Store() {
  MemoryTargets store;
  const auto json = base::ParseJson(ReadText(kCase / "store.json"));
  EXPECT_TRUE(json.ok());
  for (const base::JsonValue& entry : json->items()) store.Add(std::string(entry.StringAt("name")), ReadResource(entry["resource"]));
  return store;
}

// Whether the document was mapped without an error.
bool CheckNoHarm(const std::string& raw, MemoryTargets& store) {
  const auto message = adapters::CdaAdapter().Read(raw);
  if (!message.ok()) return false;
  const PairMap* map = TestMaps().Find(message->department, message->type);
  if (map == nullptr) return false;
  const auto mapped = map->ToFhir(*message, store);
  EXPECT_TRUE(mapped.ok());
  if (!mapped.ok() || mapped->outcome.HasErrors()) return false;
  for (const MappedResource& resource : mapped->resources) {
    base::Outcome outcome;
    conformance::CheckStructure(resource.tree, TestDefinitions(), outcome);
    EXPECT_TRUE(outcome.empty()) << resource.name << " " << Lines(outcome).front();
  }
  return true;
}

TEST(CdaMaps, WhatIsMadeOfADamagedDocumentIsSound) {
  const std::string good = ReadText(kCase / "in.xml");
  MemoryTargets store = Store();
  ASSERT_TRUE(CheckNoHarm(good, store));
  base::SeededRandom random(23);
  constexpr std::string_view kPieces[] = {"<section/>", "<entry>", "</entry>", " nullFlavor=\"NI\"", "\" x=\"", " ", "\n", "&#x9;", "：", "0", "2.16.156.10011.1.12", "<id/>"};
  size_t mapped = 0;
  for (int round = 0; round < 1'200; ++round) {
    uint16_t dice[4];
    random.Fill(dice, sizeof dice);
    std::string text = good;
    const size_t at = dice[0] % text.size();
    switch (dice[1] % 3) {
      case 0: text.insert(at, kPieces[dice[2] % std::size(kPieces)]); break;
      case 1: text.erase(at, dice[2] % 6); break;
      default: text[at] = static_cast<char>(dice[2]); break;
    }
    mapped += CheckNoHarm(text, store) ? 1 : 0;
  }
  EXPECT_GT(mapped, 200u);
}

// The hub and whoever reads the map must agree on the id that the document is stored under.
TEST(CdaMaps, NameTheBinaryThatHoldsTheDocument) {
  MemoryTargets store = Store();
  const auto message = adapters::CdaAdapter().Read(ReadText(kCase / "in.xml"));
  ASSERT_TRUE(message.ok());
  const auto mapped = TestMaps().Find("health-cda", "C0053")->ToFhir(*message, store);
  ASSERT_TRUE(mapped.ok());
  const std::string url = "Binary/" + base::UuidV5("cda-binary", fmt::format("{}|{}", message->id, message->sender));
  EXPECT_NE(std::find(mapped->values.begin(), mapped->values.end(), "binary=" + url), mapped->values.end());
  bool found = false;
  for (const MappedResource& resource : mapped->resources) {
    if (resource.name != "document") continue;
    const fhir::Node content = resource.tree.root().Member("content").first_child();
    found = content.Member("attachment").TextAt("url") == url;
  }
  EXPECT_TRUE(found);
}

TEST(CdaMaps, ReadAllFiftyThreeTypes) {
  for (int number = 1; number <= 53; ++number) {
    const PairMap* map = TestMaps().Find("health-cda", fmt::format("C{:04}", number));
    ASSERT_NE(map, nullptr) << number;
    EXPECT_EQ(map->message_type(), number == 53 ? "C0053" : "C0001");
  }
  EXPECT_EQ(TestMaps().Find("health-cda", "C0053@1.2.3"), nullptr);
}

// The invented documents that lie beside the project.
TEST(CdaMaps, FixturesAreMappedWithoutErrors) {
  const char* given = std::getenv("HEYI_SHARED");
  const fs::path folder = (given != nullptr ? fs::path(given) : fs::path(HEYI_SOURCE_DIR) / "../shared") / "formats/cn/synthetic/cda";
  if (!fs::is_directory(folder)) GTEST_SKIP() << "no " << folder << ": set HEYI_SHARED";
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string raw = ReadText(entry.path());
    const auto message = adapters::CdaAdapter().Read(raw);
    ASSERT_TRUE(message.ok()) << entry.path();
    MemoryTargets store;
    store.Add("patient", ReadResource(*base::ParseJson(fmt::format(
                             R"({{"resourceType":"Patient","id":"p1","identifier":[{{"system":"urn:oid:2.16.156.10011.1.3","value":"{}"}}]}})",
                             message->record.StringAt("idCardNo")))));
    EXPECT_TRUE(CheckNoHarm(raw, store)) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 12u);
}

}  // namespace
}  // namespace heyi::mapping
