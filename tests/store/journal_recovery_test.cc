// Every way in which the end of a journal may be torn, and every way in which its middle may be damaged.
#include <algorithm>

#include <fmt/format.h>

#include "store/journal/format.h"
#include "tests/store/journal_testing.h"

namespace heyi::store {
namespace {

using base::Result;

struct GroupPlace {
  uint64_t at = 0;
  uint64_t end = 0;  // not aligned
};

std::vector<GroupPlace> Groups(const std::string& directory, uint32_t number) {
  const std::string bytes = ReadAll(SegmentPath(directory, number));
  const uint64_t journal = *ReadFormat(directory);
  std::vector<GroupPlace> places;
  GroupHeader header;
  for (uint64_t at = 0; ReadGroupHeader(bytes, at, journal, number, &header) == HeaderState::kGood;) {
    if (!header.closed) places.push_back({at, at + kGroupHeaderBytes + header.length});
    at = AlignGroup(at + kGroupHeaderBytes + header.length);
  }
  return places;
}

// Opens, expects `want`, appends, and reopens twice: in good order and after a crash.
void ExpectRecovers(TestJournal& j, const std::string& directory, const std::vector<Held>& want,
                    const std::string& what) {
  const auto opened = j.Open(directory);
  ASSERT_TRUE(opened.ok()) << what << DetailOf(opened);
  ASSERT_EQ(j.All(), want) << what;
  const auto verified = VerifyJournal(directory, nullptr, nullptr);
  ASSERT_TRUE(verified.ok()) << what << DetailOf(verified);
  ASSERT_TRUE(j.Append({j.Draft("after", "the crash")}).ok());
  ASSERT_TRUE(j.Append({j.Draft("after2", "the crash")}).ok());
  std::vector<Held> longer = j.All();
  ASSERT_EQ(longer.size(), want.size() + 2) << what;
  CrashImage(directory, directory + "-again");
  ASSERT_TRUE(j.Open(directory + "-again").ok()) << what;
  ASSERT_EQ(j.All(), longer) << what;
  ASSERT_TRUE(j.Open(directory).ok()) << what;
  ASSERT_TRUE(j.report.clean_shutdown) << what;
  ASSERT_EQ(j.All(), longer) << what;
  j.journal.reset();
}

TEST(JournalRecovery, DropsATornTailCutAnywhere) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  ASSERT_TRUE(j.Append({j.Draft("one", "first"), j.Draft("two", std::string(100, 'b'))}).ok());
  ASSERT_TRUE(j.Append({j.Draft("three", "third")}).ok());
  const std::vector<Held> want = j.All();
  CrashImage(directory / "a", directory / "before");
  ASSERT_TRUE(j.Append({j.Draft("torn", std::string(70, 't')), j.Draft("torn too", "t")}).ok());
  const std::vector<Held> whole = j.All();
  CrashImage(directory / "a", directory / "image");
  j.journal.reset();

  const GroupPlace last = Groups(directory / "image", 1).back();
  const std::string bytes = ReadAll(SegmentPath(directory / "image", 1));
  int cases = 0;
  for (uint64_t at = last.at; at < last.end; ++at) {
    std::vector<std::pair<std::string, std::string>> damaged;
    damaged.emplace_back("cut", bytes.substr(0, at));
    damaged.emplace_back("zeros from", bytes.substr(0, at) + std::string(bytes.size() - at, '\0'));
    std::string garbage = bytes;
    for (uint64_t i = at; i < last.end; ++i) garbage[i] = static_cast<char>(garbage[i] ^ 0x5a);
    damaged.emplace_back("garbage from", garbage);
    std::string headless = bytes;
    for (uint64_t i = last.at; i <= at; ++i) headless[i] = '\0';
    damaged.emplace_back("zeros up to", headless);
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    damaged.emplace_back("flipped", flipped);
    for (const auto& [how, text] : damaged) {
      const std::string what = fmt::format("{} byte {} of {}: ", how, at - last.at, last.end - last.at);
      CrashImage(directory / "image", directory / "try");
      WriteAll(SegmentPath(directory / "try", 1), text);
      // The salt has no checksum of its own at open; a flip there is found by what checks the hash.
      const std::string padded = text + std::string(bytes.size() - text.size(), '\0');
      if (padded == bytes) {
        ExpectRecovers(j, directory / "try", whole, what);
      } else {
        ASSERT_TRUE(j.Open(directory / "try").ok()) << what;
        const bool kept = j.journal->last_t() == whole.size();
        if (kept) {
          ASSERT_EQ(j.All(), whole) << what;
          ASSERT_EQ(how, "flipped") << what;
          continue;
        }
        ASSERT_FALSE(j.report.clean_shutdown);
        CrashImage(directory / "image", directory / "try2");
        WriteAll(SegmentPath(directory / "try2", 1), text);
        ExpectRecovers(j, directory / "try2", want, what);
        ++cases;
      }
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(cases, 2000);
}

TEST(JournalRecovery, DropsATornFirstGroupOfANewSegment) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  std::vector<Held> want;
  while (ListSegments(directory / "a")->size() < 2 || Groups(directory / "a", 2).empty()) {
    want = j.All();
    ASSERT_TRUE(j.Append({j.Draft("x", std::string(60, 'x')), j.Draft("y", std::string(50, 'y'))}).ok());
  }
  CrashImage(directory / "a", directory / "image");
  j.journal.reset();
  const GroupPlace last = Groups(directory / "image", 2).back();
  const std::string bytes = ReadAll(SegmentPath(directory / "image", 2));
  for (uint64_t at = 0; at < last.end; at += 3) {
    std::string headless = bytes;
    for (uint64_t i = 0; i <= at; ++i) headless[i] = '\0';
    const std::string zeroed = bytes.substr(0, at) + std::string(bytes.size() - at, '\0');
    for (const std::string& text : {bytes.substr(0, at), zeroed, headless}) {
      if (text + std::string(bytes.size() - text.size(), '\0') == bytes) continue;
      CrashImage(directory / "image", directory / "try");
      WriteAll(SegmentPath(directory / "try", 2), text);
      ExpectRecovers(j, directory / "try", want, fmt::format("byte {}: ", at));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(JournalRecovery, ATornFirstGroupDoesNotHideDamageBeforeIt) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  while (ListSegments(directory / "a")->size() < 2 || Groups(directory / "a", 2).empty()) {
    ASSERT_TRUE(j.Append({j.Draft("x", std::string(60, 'x'))}).ok());
  }
  CrashImage(directory / "a", directory / "b");
  j.journal.reset();
  const GroupPlace last = Groups(directory / "b", 1).back();
  std::string first = ReadAll(SegmentPath(directory / "b", 1)), second = ReadAll(SegmentPath(directory / "b", 2));
  second[70] = static_cast<char>(second[70] ^ 1);  // torn: a good header, a bad entry
  WriteAll(SegmentPath(directory / "b", 2), second);
  CrashImage(directory / "b", directory / "c");
  EXPECT_TRUE(j.Open(directory / "c").ok());
  first[last.at + 70] = static_cast<char>(first[last.at + 70] ^ 1);
  WriteAll(SegmentPath(directory / "b", 1), first);
  EXPECT_TRUE(DetailOf(j.Open(directory / "b")).starts_with(fmt::format("segment 000001, byte {}: ", last.at + 64)));
  EXPECT_EQ(ReadAll(SegmentPath(directory / "b", 2)), second);  // nothing is changed
}

TEST(JournalRecovery, TornBehindAClosingMark) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  ASSERT_TRUE(j.Append({j.Draft("one", "first")}).ok());
  const std::vector<Held> want = j.All();
  ASSERT_TRUE(j.Open(directory / "a").ok());
  ASSERT_TRUE(j.report.clean_shutdown);
  CrashImage(directory / "a", directory / "still-clean");
  ASSERT_TRUE(j.Append({j.Draft("torn", std::string(900, 't'))}).ok());
  CrashImage(directory / "a", directory / "b");
  ASSERT_TRUE(j.Open(directory / "still-clean").ok());
  EXPECT_TRUE(j.report.clean_shutdown);
  EXPECT_EQ(j.report.segments, 1u);
  j.journal.reset();
  std::string bytes = ReadAll(SegmentPath(directory / "b", 1));
  const GroupPlace last = Groups(directory / "b", 1).back();
  for (uint64_t i = last.at; i < last.at + 64; ++i) bytes[i] = '\0';
  WriteAll(SegmentPath(directory / "b", 1), bytes);
  ASSERT_TRUE(j.Open(directory / "b").ok());
  EXPECT_FALSE(j.report.clean_shutdown);
  EXPECT_EQ(j.report.torn_bytes, last.end - last.at);
  EXPECT_EQ(j.report.segments, 2u);
  ExpectRecovers(j, directory / "b", want, "");
}

TEST(JournalRecovery, KeepsAWholeGroupThatNobodyWasToldOf) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  ASSERT_TRUE(j.Append({j.Draft("one", "first")}).ok());
  const std::vector<Held> want = j.All();
  ExpectRecovers(j, CrashImage(directory / "a", directory / "b"), want, "");
  ASSERT_TRUE(j.Open(directory / "b").ok());
  EXPECT_EQ(j.report.segments, 2u);
}

TEST(JournalRecovery, AnEmptyOrHalfMadeJournalOpens) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  ExpectRecovers(j, CrashImage(directory / "a", directory / "b"), {}, "segment of zeros");
  CrashImage(directory / "a", directory / "c");
  std::filesystem::rename(SegmentPath(directory / "c", 1), SegmentPath(directory / "c", 1) + ".new");
  ExpectRecovers(j, directory / "c", {}, "segment not finished");
  EXPECT_FALSE(std::filesystem::exists(SegmentPath(directory / "c", 1) + ".new"));
  CrashImage(directory / "a", directory / "d");
  WriteAll(SegmentPath(directory / "d", 1), "");
  ExpectRecovers(j, directory / "d", {}, "segment without a byte");
}

// A resource that looks like a group must not turn a torn tail into damage. What keeps it from that is the journal's
// id, which no client knows: with it, the same bytes do.
TEST(JournalRecovery, ABodyIsNeverTakenForAGroup) {
  for (const bool knows_id : {false, true}) {
    TestDirectory directory;
    TestJournal j;
    ASSERT_TRUE(j.Open(directory / "a", {65536, 65536}).ok());
    ASSERT_TRUE(j.Append({j.Draft("one", "first")}).ok());
    const std::vector<Held> want = j.All();
    const uint64_t id = *ReadFormat(directory / "a") + (knows_id ? 0 : 1);
    GroupHeader forged{.journal = id, .segment = 1, .sequence = 3, .t0 = 3};
    char header[kGroupHeaderBytes];
    EncodeGroupHeader(&forged, header);
    EntryDraft draft;
    draft.bodies = {j.journal->Pack("$blob", "b", 1, "", 0, 0)};
    PackedBody& body = draft.bodies[0];
    for (int i = 0; i < 64; ++i) body.stored.append(header, sizeof header).append(1, '\0');  // at any alignment
    body.raw_size = static_cast<uint32_t>(body.stored.size());
    body.crc = base::Crc32c(body.stored) + 1;  // torn
    ASSERT_TRUE(j.Append({draft}).ok());
    CrashImage(directory / "a", directory / "b");
    j.journal.reset();
    if (knows_id) {
      EXPECT_EQ(RuleOf(j.Open(directory / "b")), "store.corrupt");
    } else {
      ExpectRecovers(j, directory / "b", want, "");
    }
  }
}

struct Damaged : ::testing::Test {
  // Segment 1: three groups, closed. Then segment 2 and 3.
  void SetUp() override {
    ASSERT_TRUE(j.Open(directory / "a").ok());
    ASSERT_TRUE(j.Append({j.Draft("one", "first")}).ok());
    ASSERT_TRUE(j.Append({j.Draft("two", std::string(100, 'b')), j.Draft("2b", std::string(70, 'c'))}).ok());
    ASSERT_TRUE(j.Append({j.Draft("three", "third")}).ok());
    all = j.All();
    j.journal.reset();
  }
  // What it says when byte `at` of segment `number` is not what it was.
  std::string Try(uint32_t number, uint64_t at, int flip) {
    CrashImage(directory / "a", directory / "try");
    std::string bytes = ReadAll(SegmentPath(directory / "try", number));
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ flip);
    WriteAll(SegmentPath(directory / "try", number), bytes);
    return DetailOf(j.Open(directory / "try"));
  }
  TestDirectory directory;
  TestJournal j;
  std::vector<Held> all;
};

TEST_F(Damaged, EveryByteOfAMiddleGroup) {
  const std::vector<GroupPlace> groups = Groups(directory / "a", 1);
  const GroupPlace middle = groups.at(1);
  std::vector<std::pair<uint64_t, uint64_t>> entries;  // where each begins, and where its bodies do
  std::vector<std::pair<uint64_t, uint64_t>> bodies;   // stored bytes
  ASSERT_TRUE(j.Open(directory / "a").ok());
  ASSERT_TRUE(j.journal->Scan(2, [&](const EntryView& entry) -> Result<bool> {
    if (entry.t > 3) return false;
    const Pointer& pointer = entry.bodies.at(0).pointer;
    entries.emplace_back(entry.offset, pointer.offset - kSaltBytes);
    bodies.emplace_back(pointer.offset, pointer.offset + pointer.stored_size);
    return true;
  }).ok());
  ASSERT_EQ(entries.size(), 2u);
  j.journal.reset();

  for (uint64_t at = middle.at; at < AlignGroup(middle.end); ++at) {
    for (const int flip : {1, 0x80, 0xff}) {
      const std::string detail = Try(1, at, flip);
      const size_t which = at < entries[1].first ? 0 : 1;
      uint64_t want = UINT64_MAX;
      if (at < middle.at + kGroupHeaderBytes) want = middle.at;
      else if (at < middle.end && at >= entries[which].first && at < entries[which].second) want = entries[which].first;
      if (want != UINT64_MAX) {
        ASSERT_TRUE(detail.starts_with(fmt::format("segment 000001, byte {}: ", want))) << at << " " << detail;
        ASSERT_EQ(j.journal, nullptr);
      } else {
        ASSERT_EQ(detail, "") << at;
        ASSERT_TRUE(j.report.clean_shutdown);
        const std::vector<Held> now = j.All();  // headers have checksums of their own: the scan goes on
        ASSERT_EQ(now.size(), all.size());
        for (size_t i = 0; i < all.size(); ++i) {
          const bool hit = at >= bodies[which].first && at < bodies[which].second && i == which + 1;
          ASSERT_EQ(now[i].merkle, all[i].merkle);
          if (hit) {
            ASSERT_EQ(std::get<6>(now[i].bodies.at(0)), "store.corrupt");
          } else {
            ASSERT_EQ(now[i], all[i]);
          }
        }
      }
      j.journal.reset();
      const auto verified = VerifyJournal(directory / "try", nullptr, nullptr);
      ASSERT_EQ(RuleOf(verified), "store.corrupt") << at;
      ASSERT_TRUE(DetailOf(verified).starts_with("segment 000001, byte ")) << DetailOf(verified);
    }
  }
}

TEST_F(Damaged, TheLastGroupBeforeTheClosingMark) {
  const GroupPlace last = Groups(directory / "a", 1).back();
  EXPECT_TRUE(Try(1, last.at + 9, 1).starts_with(fmt::format("segment 000001, byte {}: ", last.at)));
  const uint64_t entry = last.at + kGroupHeaderBytes;
  EXPECT_TRUE(Try(1, entry + 50, 1).starts_with(fmt::format("segment 000001, byte {}: ", entry)));
}

struct ManySegments : ::testing::Test {
  void SetUp() override {
    ASSERT_TRUE(j.Open(directory / "a").ok());
    for (int i = 0; i < 90; ++i) ASSERT_TRUE(j.Append({j.Draft(std::to_string(i), std::string(60, 'x'))}).ok());
    j.journal.reset();
    ASSERT_GE(ListSegments(directory / "a")->size(), 4u);
  }
  // Opens what was done to `try` and scans it; the first detail of what is wrong.
  std::string OpenAndScan() {
    const auto verified = VerifyJournal(directory / "try", nullptr, nullptr);
    EXPECT_EQ(RuleOf(verified), "store.corrupt");
    const auto opened = j.Open(directory / "try");
    if (!opened.ok()) return DetailOf(opened);
    const std::string detail = DetailOf(j.journal->Scan(1, [](const EntryView&) -> Result<bool> { return true; }));
    j.journal.reset();
    return detail;
  }
  TestDirectory directory;
  TestJournal j;
};

TEST_F(ManySegments, AMissingOne) {
  for (const uint32_t missing : {1, 2, 3}) {
    CrashImage(directory / "a", directory / "try");
    std::filesystem::remove(SegmentPath(directory / "try", missing));
    EXPECT_EQ(OpenAndScan(), fmt::format("segment {:06}, byte 0: the segment is missing", missing));
  }
}

TEST_F(ManySegments, DamageInASealedOne) {
  for (const uint32_t number : {1, 2}) {
    const std::vector<GroupPlace> groups = Groups(directory / "a", number);
    for (const GroupPlace& group : {groups[0], groups[1], groups.back()}) {
      for (const uint64_t into : {0, 20, 63, 64, 100, 120}) {  // group header, entry header, meta
        CrashImage(directory / "a", directory / "try");
        std::string bytes = ReadAll(SegmentPath(directory / "try", number));
        bytes[group.at + into] = static_cast<char>(bytes[group.at + into] ^ 4);
        WriteAll(SegmentPath(directory / "try", number), bytes);
        const std::string place = fmt::format("segment {:06}, byte {}: ", number, into < 64 ? group.at : group.at + 64);
        EXPECT_TRUE(OpenAndScan().starts_with(place)) << place;
      }
    }
  }
}

TEST_F(ManySegments, GroupsLostAtTheEndOfASealedOne) {
  const GroupPlace last = Groups(directory / "a", 2).back();
  CrashImage(directory / "a", directory / "try");
  std::string bytes = ReadAll(SegmentPath(directory / "try", 2));
  std::fill(bytes.begin() + static_cast<ptrdiff_t>(last.at), bytes.end(), '\0');
  WriteAll(SegmentPath(directory / "try", 2), bytes);
  EXPECT_EQ(OpenAndScan(), "segment 000003, byte 0: the group does not follow the one before");
}

TEST_F(ManySegments, AGroupInTheNextOnesPlace) {
  const uint32_t newest = static_cast<uint32_t>(ListSegments(directory / "a")->size());
  for (const uint32_t number : {1u, newest}) {
    const std::vector<GroupPlace> groups = Groups(directory / "a", number);
    ASSERT_GE(groups.size(), 3u);
    const uint64_t size = groups[1].end - groups[1].at;
    ASSERT_EQ(groups[2].end - groups[2].at, size);
    CrashImage(directory / "a", directory / "try");
    std::string bytes = ReadAll(SegmentPath(directory / "try", number));
    bytes.replace(groups[2].at, size, bytes, groups[1].at, size);
    WriteAll(SegmentPath(directory / "try", number), bytes);
    const std::string place = fmt::format("segment {:06}, byte {}: ", number, groups[2].at);
    EXPECT_EQ(DetailOf(j.Open(directory / "try")), number == 1 ? "" : place + "the group does not follow the one before");
    j.journal.reset();
    EXPECT_EQ(OpenAndScan(), place + "the group does not follow the one before");
  }
}

// Two histories that begin alike, as when an old copy of a journal has been used further: they do not mix.
TEST_F(ManySegments, OneOfAnotherHistory) {
  const uint32_t newest = static_cast<uint32_t>(ListSegments(directory / "a")->size());
  for (const char* name : {"b", "c"}) {
    ASSERT_TRUE(j.Open(CrashImage(directory / "a", directory / name)).ok());
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(j.Append({j.Draft(name, std::string(60, 'x'))}).ok());
    j.journal.reset();
  }
  CrashImage(directory / "b", directory / "try");
  WriteAll(SegmentPath(directory / "try", newest + 1), ReadAll(SegmentPath(directory / "c", newest + 1)));
  EXPECT_EQ(OpenAndScan(), fmt::format("segment {:06}, byte 0: the group does not follow the one before", newest + 1));
}

TEST_F(ManySegments, TwoThatChangedPlaces) {
  CrashImage(directory / "a", directory / "try");
  const std::string second = ReadAll(SegmentPath(directory / "a", 2)), third = ReadAll(SegmentPath(directory / "a", 3));
  WriteAll(SegmentPath(directory / "try", 2), third);
  WriteAll(SegmentPath(directory / "try", 3), second);
  EXPECT_TRUE(OpenAndScan().starts_with("segment 000002, byte 0: "));
}

TEST_F(ManySegments, OneOfAnotherJournal) {
  TestJournal other;
  other.random.Fill(std::string(8, ' ').data(), 8);
  ASSERT_TRUE(other.Open(directory / "b").ok());
  for (int i = 0; i < 90; ++i) ASSERT_TRUE(other.Append({other.Draft(std::to_string(i), std::string(60, 'x'))}).ok());
  other.journal.reset();
  CrashImage(directory / "a", directory / "try");
  WriteAll(SegmentPath(directory / "try", 2), ReadAll(SegmentPath(directory / "b", 2)));
  EXPECT_TRUE(OpenAndScan().starts_with("segment 000002, byte 0: "));
}

TEST(JournalErasure, LeavesEveryProofStanding) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  const auto appended = j.Append({j.Draft("one", std::string(500, 'a')), j.Draft("two", std::string(500, 'b'))});
  ASSERT_TRUE(appended.ok());
  const Pointer pointer = appended->at(0).pointers.at(0);
  const std::vector<Held> before = j.All();
  const auto blank = [&](const std::string& at) {
    std::string bytes = ReadAll(SegmentPath(at, pointer.segment));
    for (uint64_t i = pointer.offset - kSaltBytes; i < pointer.offset + pointer.stored_size; ++i) bytes[i] = '\0';
    WriteAll(SegmentPath(at, pointer.segment), bytes);
  };

  // Without an entry that names it, a blank body is damage.
  ASSERT_TRUE(j.Append({EntryDraft{}}).ok());
  CrashImage(directory / "a", directory / "b");
  blank(directory / "b");
  EXPECT_EQ(RuleOf(VerifyJournal(directory / "b", nullptr, nullptr)), "store.corrupt");

  EntryDraft erased;
  erased.kind = EntryKind::kErased;
  PackedBody named;
  named.type = "Patient";
  named.id = "one";
  named.version = 1;
  ASSERT_TRUE(j.journal->Scan(1, [&](const EntryView& entry) -> Result<bool> {
    named.salted_hash = entry.bodies.at(0).salted_hash;
    return false;
  }).ok());
  erased.bodies = {named};
  ASSERT_TRUE(j.Append({erased}).ok());
  j.journal.reset();
  blank(directory / "a");
  ASSERT_TRUE(j.Open(directory / "a").ok());
  const auto read = j.journal->ReadBody(pointer);
  EXPECT_EQ(RuleOf(read), "store.erased");
  EXPECT_EQ(read.error().kind, base::ErrorKind::kGone);
  const std::vector<Held> after = j.All();
  EXPECT_EQ(after.at(0).merkle, before.at(0).merkle);
  EXPECT_EQ(after.at(0).leaf, before.at(0).leaf);
  EXPECT_EQ(after.at(1), before.at(1));
  const auto verified = VerifyJournal(directory / "a", nullptr, nullptr);
  EXPECT_TRUE(verified.ok()) << DetailOf(verified);
}

}  // namespace
}  // namespace heyi::store
