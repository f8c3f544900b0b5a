// Entries whose checksums are right and whose contents are not: a reader refuses them and never reads beyond them.
#include "store/journal/format.h"

#include <cstring>
#include <functional>
#include <random>

#include <gtest/gtest.h>

namespace heyi::store {
namespace {

struct Group {
  std::string bytes;
  GroupHeader header;

  Group() : bytes(kGroupHeaderBytes, '\0') {
    for (uint64_t t = 10; t < 12; ++t) {
      EntryDraft draft;
      draft.leaf = "leaf";
      draft.facts = {{"space", "key", "value"}, {"space", "gone", std::nullopt}};
      PackedBody body;
      body.type = "Patient";
      body.id = "p";
      body.salt = std::string(kSaltBytes, 's');
      body.stored = "stored";
      body.raw_size = 6;
      draft.bodies = {body, body};
      AppendedEntry appended;
      AppendEntry(draft, t, static_cast<base::TimeMs>(t) * 1000, &bytes, &header.entries_crc, &appended);
    }
    header.t0 = 10;
    header.count = 2;
    header.length = static_cast<uint32_t>(bytes.size() - kGroupHeaderBytes);
  }

  template <typename T>
  T At(uint64_t at) const {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }
  template <typename T>
  void Put(uint64_t at, T value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
  }
  uint64_t SecondEntry() const { return kGroupHeaderBytes + At<uint64_t>(kGroupHeaderBytes + 8); }

  // Makes all checksums of the headers and metas right again, as far as their sizes let it.
  void Seal() {
    header.entries_crc = 0;
    for (const uint64_t at : {kGroupHeaderBytes, SecondEntry()}) {
      if (at > bytes.size() || bytes.size() - at < kEntryHeaderBytes) return;
      const std::string_view meta = std::string_view(bytes).substr(at + kEntryHeaderBytes, At<uint32_t>(at + 32));
      Put(at + 4, base::Crc32c(meta));
      Put(at, base::Crc32c(std::string_view(bytes).substr(at + 4, kEntryHeaderBytes - 4)));
      header.entries_crc = base::Crc32c(std::string_view(bytes).substr(at, kEntryHeaderBytes), header.entries_crc);
    }
  }

  // What is wrong, or "" and how many entries there are.
  std::string Read(int* entries = nullptr) const {
    GroupReader reader(bytes, 0, header);
    int seen = 0;
    while (reader.Next()) {
      ++seen;
      for (const BodyView& body : reader.entry().bodies) {
        EXPECT_LE(uint64_t{body.pointer.offset} + body.pointer.stored_size, bytes.size());
      }
    }
    if (entries != nullptr) *entries = seen;
    return std::string(reader.damage().what);
  }
};

TEST(JournalFormat, RefusesWhatIsSealedButWrong) {
  int entries = 0;
  EXPECT_EQ(Group().Read(&entries), "");
  EXPECT_EQ(entries, 2);
  const std::vector<std::pair<std::string, std::function<void(Group&)>>> cases = {
      {"the entry is out of place", [](Group& g) { g.Put<uint64_t>(g.SecondEntry() + 16, 12); }},                       // t
      {"the entry is out of place", [](Group& g) { g.Put<uint8_t>(g.SecondEntry() + 44, 0); }},                        // kind
      {"the entry is out of place", [](Group& g) { g.Put<uint8_t>(g.SecondEntry() + 44, 5); }},
      {"time falls", [](Group& g) { g.Put<uint64_t>(g.SecondEntry() + 24, 9'999); }},                         // time
      {"time falls", [](Group& g) { g.header.time_before = 10'002; }},
      {"the entry is cut off", [](Group& g) { g.Put<uint64_t>(g.SecondEntry() + 8, 1 << 20); }},                       // length
      {"the entry is cut off", [](Group& g) { g.Put<uint64_t>(g.SecondEntry() + 8, kEntryHeaderBytes); }},
      {"the entry is cut off", [](Group& g) { g.Put<uint32_t>(g.SecondEntry() + 32, UINT32_MAX); }},                   // meta
      {"the entry's meta is wrong", [](Group& g) { g.Put<uint32_t>(g.SecondEntry() + 36, 1); }},                       // facts
      {"the entry's meta is wrong", [](Group& g) { g.Put<uint32_t>(g.SecondEntry() + 36, UINT32_MAX); }},
      {"the entry's meta is wrong", [](Group& g) { g.Put<uint32_t>(g.SecondEntry() + 40, 1); }},                       // bodies
      {"the entry's meta is wrong", [](Group& g) { g.Put<uint32_t>(g.SecondEntry() + 40, UINT32_MAX); }},
      {"bytes behind the last entry", [](Group& g) { g.header.count = 1; }},
      {"the entry is cut off", [](Group& g) { g.header.count = 3; }},
      {"the group is cut off", [](Group& g) { g.header.length += 1; }},
  };
  for (const auto& [want, change] : cases) {
    Group group;
    change(group);
    group.Seal();
    EXPECT_EQ(group.Read(), want) << &want - &cases[0].first;
  }
  Group other;
  other.header.entries_crc ^= 1;
  EXPECT_EQ(other.Read(), "the entries are not those of the group");
}

TEST(JournalFormat, AnyBytesAtAllAreReadSafely) {
  std::mt19937_64 engine(1);
  int refused = 0;
  for (int i = 0; i < 50'000; ++i) {
    Group group;
    for (uint64_t n = engine() % 3 + 1; n > 0; --n) {
      const uint64_t at = kGroupHeaderBytes + engine() % (group.bytes.size() - kGroupHeaderBytes);
      group.bytes[at] = static_cast<char>(engine() % 4 == 0 ? 0xff : engine());
    }
    group.Seal();
    refused += group.Read().empty() ? 0 : 1;
  }
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace heyi::store
