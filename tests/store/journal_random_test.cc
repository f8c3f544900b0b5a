// Journals made by chance, against a plain list; torn and damaged by chance. Each seed repeats.
#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "store/journal/format.h"
#include "tests/store/journal_testing.h"

namespace heyi::store {
namespace {

using base::Result;

std::vector<EntryDraft> RandomGroup(const TestJournal& j, std::mt19937_64& engine) {
  std::vector<EntryDraft> group;
  for (uint64_t n = engine() % 4 + 1; n > 0; --n) {
    EntryDraft& draft = group.emplace_back();
    draft.kind = engine() % 3 == 0 ? EntryKind::kAccess : EntryKind::kCommit;
    draft.leaf = RandomText(engine, engine() % 200);
    for (uint64_t i = engine() % 3; i > 0; --i) {
      Fact& fact = draft.facts.emplace_back();
      fact.space = RandomText(engine, engine() % 9);
      fact.key = RandomText(engine, engine() % 40);
      if (engine() % 2 == 0) fact.value = RandomText(engine, engine() % 300);
    }
    for (uint64_t i = engine() % 4; i > 0; --i) {
      const size_t size = engine() % 20 == 0 ? engine() % 9000 : engine() % 600;
      draft.bodies.push_back(j.journal->Pack("Observation", RandomText(engine, 1 + engine() % 63), engine() % 1000,
                                             RandomText(engine, size), static_cast<uint32_t>(engine() % 100),
                                             static_cast<uint32_t>(engine())));
    }
  }
  return group;
}

// Power cuts: of the last group some sectors arrived and some did not.
TEST(JournalRandom, SomeSectorsOfTheLastGroupAreLost) {
  constexpr uint64_t kSector = 512;
  int torn = 0, whole = 0;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 engine(seed);
    TestDirectory directory;
    TestJournal j;
    std::string at = directory / "0";
    ASSERT_TRUE(j.Open(at).ok());
    for (int life = 1; life <= 3; ++life) {
      for (uint64_t n = engine() % 12; n > 0; --n) ASSERT_TRUE(j.Append(RandomGroup(j, engine)).ok());
      const std::vector<Held> acknowledged = j.All();
      CrashImage(at, directory / "before");
      ASSERT_TRUE(j.Append(RandomGroup(j, engine)).ok());
      const std::vector<Held> longer = j.All();
      const std::string next = CrashImage(at, directory / std::to_string(life));
      j.journal.reset();
      const auto files = ListSegments(next);
      for (const SegmentFile& file : *files) {
        std::string after = ReadAll(SegmentPath(next, file.number));
        std::string before = ReadAll(SegmentPath(directory / "before", file.number));  // "" where it was not there yet
        before.resize(after.size(), '\0');
        for (uint64_t sector = 0; sector < after.size(); sector += kSector) {
          if (engine() % 2 != 0) continue;
          const uint64_t size = std::min<uint64_t>(kSector, after.size() - sector);
          after.replace(sector, size, before, sector, size);
        }
        WriteAll(SegmentPath(next, file.number), after);
      }
      at = next;
      const auto opened = j.Open(at);
      ASSERT_TRUE(opened.ok()) << DetailOf(opened);
      const std::vector<Held> now = j.All();
      if (now.size() == acknowledged.size()) {
        ASSERT_EQ(now, acknowledged);
        ++torn;
      } else {
        ASSERT_EQ(now, longer);
        ++whole;
      }
      const auto verified = VerifyJournal(at, nullptr, nullptr);
      ASSERT_TRUE(verified.ok()) << DetailOf(verified);
    }
  }
  EXPECT_GT(torn, 150);
  EXPECT_GT(whole, 20);
}

// Bit rot: whatever bit flips, what is given out is right, or it is refused; and what Verify passes is all right.
TEST(JournalRandom, NoFlippedBitIsEverGivenOut) {
  int refused = 0, verified_bad = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 engine(seed);
    TestDirectory directory;
    TestJournal j;
    ASSERT_TRUE(j.Open(directory / "a").ok());
    for (uint64_t n = engine() % 20 + 5; n > 0; --n) ASSERT_TRUE(j.Append(RandomGroup(j, engine)).ok());
    const std::vector<Held> all = j.All();
    j.journal.reset();
    const std::vector<SegmentFile> files = *ListSegments(directory / "a");
    for (int flip = 0; flip < 60; ++flip) {
      SCOPED_TRACE(fmt::format("seed {} flip {}", seed, flip));
      CrashImage(directory / "a", directory / "b");
      const uint32_t number = files[engine() % files.size()].number;
      std::string bytes = ReadAll(SegmentPath(directory / "b", number));
      const size_t byte = engine() % std::max<uint64_t>(1, UsedBytes(bytes));
      bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << engine() % 8));
      WriteAll(SegmentPath(directory / "b", number), bytes);

      const bool passes = VerifyJournal(directory / "b", nullptr, nullptr).ok();
      verified_bad += passes ? 0 : 1;
      if (!j.Open(directory / "b").ok()) {
        ++refused;
        ASSERT_FALSE(passes);
        continue;
      }
      std::vector<Held> now;
      const auto scanned = j.journal->Scan(1, [&](const EntryView& entry) -> Result<bool> {
        now.push_back(j.Copy(entry));
        return true;
      });
      ASSERT_LE(now.size(), all.size());
      for (size_t i = 0; i < now.size(); ++i) {
        Held want = all[i];
        for (size_t k = 0; k < now[i].bodies.size(); ++k) {
          if (std::get<6>(now[i].bodies[k]) == "store.corrupt") std::get<6>(want.bodies.at(k)) = "store.corrupt";
        }
        ASSERT_EQ(now[i], passes ? all[i] : want);
      }
      ASSERT_TRUE(now.size() == all.size() || (!scanned.ok() && !passes));
      j.journal.reset();
    }
  }
  EXPECT_GT(refused, 50);
  EXPECT_GT(verified_bad, 1100);
}

}  // namespace
}  // namespace heyi::store
