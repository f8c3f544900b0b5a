// The shared invented fixtures: read, mapped, and cut short at every byte.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "mapping_testing.h"

namespace heyi::mapping {
namespace {

namespace fs = std::filesystem;

fs::path Shared() {
  const char* named = std::getenv("HEYI_SHARED");
  return fs::path(named != nullptr ? named : HEYI_SOURCE_DIR "/../shared") / "formats/cn/synthetic";
}

struct Fixture {
  const char* file;
  const char* type;
};
constexpr Fixture kKnown[] = {{"hl7v2/ADT_A01_utf8.hl7", "ADT^A01"}, {"hl7v2/ADT_A01_gb18030.hl7", "ADT^A01"}, {"mz/elder.json", "ELDER"}, {"mz/bed.json", "BED"}, {"mz/bed_referral.json", "BED_REFERRAL"},
                              {"yibao/1101_request.json", "1101"}, {"yibao/2401_request.json", "2401"},
                              {"yibao/2402_request.json", "2402"}};

const adapters::Adapter& AdapterFor(std::string_view file) {
  if (file.starts_with("hl7v2/")) return adapters::HealthAdapter();
  return file.starts_with("mz/") ? adapters::CivilAdapter() : adapters::InsuranceAdapter();
}

// The elders, the visit and the insured person that the fixtures speak of.
MemoryTargets People() {
  MemoryTargets people;
  for (const char* text :
       {R"({"resourceType":"Patient","id":"a","identifier":[{"system":"urn:oid:2.16.156.10011.1.3","value":"310106193902150017"}]})",
        R"({"resourceType":"Patient","id":"b","identifier":[{"system":"urn:oid:2.16.156.10011.1.3","value":"310105194507300028"}]})",
        R"({"resourceType":"Encounter","id":"v","identifier":[{"system":"https://heyi.example/fhir/id/nhsa/mdtrt_id","value":"310100G000000001"}],
            "status":"in-progress","class":{"code":"IMP"},"subject":{"reference":"Patient/a"}})"}) {
    auto json = base::ParseJson(text);
    people.Add("", ReadResource(*json));
  }
  return people;
}

TEST(Fixtures, AreReadAndMappedWithoutErrors) {
  if (!fs::exists(Shared())) GTEST_SKIP() << "no shared fixtures at " << Shared() << " (HEYI_SHARED names them)";
  for (const Fixture& fixture : kKnown) {
    const std::string raw = ReadText(Shared() / fixture.file);
    base::Result<adapters::Message> message = AdapterFor(fixture.file).Read(raw);
    ASSERT_TRUE(message.ok()) << fixture.file << " " << Lines(message.error().outcome).front();
    EXPECT_EQ(message->type, fixture.type);
    MemoryTargets people = People();
    // 2402 names its person by the number that 2401 brings.
    if (message->type == "2402") {
      auto admission = adapters::InsuranceAdapter().Read(ReadText(Shared() / "yibao/2401_request.json"));
      ASSERT_TRUE(admission.ok());
      auto admitted = TestMaps().Find("insurance", "2401")->ToFhir(*admission, people);
      ASSERT_TRUE(admitted.ok());
      MemoryTargets known;
      for (const auto& [name, tree] : people.resources()) {
        if (tree.type()->name != "Patient") known.Add(name, tree.Clone());
      }
      for (MappedResource& resource : admitted->resources) {
        if (resource.name == "patient") known.Add("", std::move(resource.tree));
      }
      people = std::move(known);
    }
    base::Result<Mapped> mapped = TestMaps().Find(message->department, message->type)->ToFhir(*message, people);
    ASSERT_TRUE(mapped.ok());
    EXPECT_TRUE(mapped->outcome.empty()) << fixture.file << " " << Lines(mapped->outcome).front();
    EXPECT_FALSE(mapped->resources.empty()) << fixture.file;
    if (message->department == "health") continue;  // what a hospital's segments hold beside it is told of, and is much
    EXPECT_TRUE(mapped->unread.empty()) << fixture.file << " " << mapped->unread.front();
  }
}

TEST(Fixtures, CutShortAtAnyByteTheyAreRefused) {
  if (!fs::exists(Shared())) GTEST_SKIP() << "no shared fixtures at " << Shared() << " (HEYI_SHARED names them)";
  for (const Fixture& fixture : kKnown) {
    if (std::string_view(fixture.type).starts_with("ADT")) continue;  // segments may be missing: tests/adapters/v2_test.cc
    const std::string raw(ReadText(Shared() / fixture.file));
    const size_t end = raw.find_last_of('}');
    for (size_t size = 0; size <= end; ++size) {
      const std::string_view cut = std::string_view(raw).substr(0, size);
      ASSERT_FALSE(AdapterFor(fixture.file).Read(cut).ok()) << fixture.file << " at " << size;
      const std::string answer = AdapterFor(fixture.file).Answer(cut, nullptr, {adapters::Verdict::kRefused, {}, {}, "x", 0, 0});
      ASSERT_TRUE(base::ParseJson(answer).ok());
    }
  }
}

// One byte changed: refused, or read as something else that is still sound. Never a crash.
TEST(Fixtures, OneByteChangedDoesNoHarm) {
  if (!fs::exists(Shared())) GTEST_SKIP() << "no shared fixtures at " << Shared() << " (HEYI_SHARED names them)";
  size_t refused = 0;
  for (const Fixture& fixture : kKnown) {
    const std::string raw = ReadText(Shared() / fixture.file);
    MemoryTargets people = People();
    for (size_t at = 0; at < raw.size(); ++at) {
      for (const char byte : {'\0', '"', '9', '{', '\x80', '\\'}) {
        std::string changed = raw;
        changed[at] = byte;
        base::Result<adapters::Message> message = AdapterFor(fixture.file).Read(changed);
        if (!message.ok()) {
          ++refused;
          continue;
        }
        const PairMap* map = TestMaps().Find(message->department, message->type);
        ASSERT_NE(map, nullptr);
        ASSERT_TRUE(map->ToFhir(*message, people).ok());
      }
    }
  }
  EXPECT_GT(refused, 1000u);
}

}  // namespace
}  // namespace heyi::mapping
