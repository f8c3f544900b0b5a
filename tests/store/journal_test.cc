#include "store/journal/journal.h"

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "base/bytes.h"
#include "tests/store/journal_testing.h"

namespace heyi::store {
namespace {

using base::Result;

std::vector<EntryDraft> EveryKind(const TestJournal& j) {
  EntryDraft commit = j.Draft("e1", std::string(1300, 'x') + R"({"type":"Patient"})");
  commit.bodies.push_back(j.journal->Pack("Observation", "o-2", 12, "short", 0, 0));
  commit.bodies.push_back(j.journal->Pack("$blob", "b", 1, "", 0, 9));
  PackedBody gone;
  gone.type = "Encounter";
  gone.id = "gone";
  gone.version = 3;
  gone.deleted = true;
  commit.bodies.push_back(gone);
  EntryDraft access;
  access.kind = EntryKind::kAccess;
  access.leaf = std::string("binary\0leaf", 11);
  EntryDraft erased;
  erased.kind = EntryKind::kErased;
  erased.facts = {{"erased", "Patient/e1/1", "2026"}};
  return {commit, access, erased, EntryDraft{}};
}

TEST(Journal, GivesBackEveryKindOfEntry) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  EXPECT_EQ(j.journal->last_t(), 0u);
  EXPECT_TRUE(j.All().empty());
  const auto appended = j.Append(EveryKind(j));
  ASSERT_TRUE(appended.ok());
  const std::vector<Held> all = j.All();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(j.journal->last_t(), 4u);
  EXPECT_EQ(all[0].kind, EntryKind::kCommit);
  EXPECT_EQ(all[0].leaf, "leaf of e1");
  const decltype(all[0].facts) facts = {{"inbox", "e1", "=received"}, {"outbox", "e1", "removed"}, {"empty", "", "="}};
  EXPECT_EQ(all[0].facts, facts);
  EXPECT_EQ(all[0].bodies, (decltype(all[0].bodies){
                               {"Patient", "e1", 1, false, 3, 5, std::string(1300, 'x') + R"({"type":"Patient"})"},
                               {"Observation", "o-2", 12, false, 0, 0, "short"},
                               {"$blob", "b", 1, false, 9, 0, ""},
                               {"Encounter", "gone", 3, true, 0, 0, ""}}));
  EXPECT_EQ(all[1].kind, EntryKind::kAccess);
  EXPECT_EQ(all[1].leaf, std::string("binary\0leaf", 11));
  EXPECT_EQ(all[2].kind, EntryKind::kErased);

  ASSERT_TRUE(j.journal->Scan(1, [&](const EntryView& entry) -> Result<bool> {
    const AppendedEntry& told = (*appended)[entry.t - 1];
    EXPECT_EQ(told.t, entry.t);
    EXPECT_EQ(told.time_ms, entry.time_ms);
    EXPECT_EQ(told.merkle_bytes, entry.merkle_bytes);
    EXPECT_EQ(told.pointers.size(), entry.bodies.size());
    for (size_t i = 0; i < entry.bodies.size(); ++i) EXPECT_EQ(told.pointers[i], entry.bodies[i].pointer);
    return true;
  }).ok());

  j.journal.reset();
  ASSERT_TRUE(j.Open(directory / "a").ok());
  EXPECT_TRUE(j.report.clean_shutdown);
  EXPECT_EQ(j.report.last_t, 4u);
  EXPECT_EQ(j.All(), all);
  uint64_t entries = 0, bytes = 0;
  EXPECT_TRUE(VerifyJournal(directory / "a", &entries, &bytes).ok());
  EXPECT_EQ(entries, 4u);
  EXPECT_GT(bytes, 500u);
}

TEST(Journal, CoversWhatTheGrammarSays) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  EntryDraft draft;
  draft.leaf = "L";
  draft.facts = {{"not", "covered", "x"}};
  draft.bodies = {j.journal->Pack("Patient", "p", 300, "raw", 1, 2)};
  const auto appended = j.Append({draft});
  ASSERT_TRUE(appended.ok());
  std::string want = std::string("\x01\x02", 2);
  base::PutLittle(want, uint64_t{1});
  base::PutLittle(want, static_cast<uint64_t>(j.clock.NowMs()));
  want += std::string("\x01L\x01\x07Patient\x01p\xac\x02\x00", 16);
  const base::Digest32 hash = base::Sha256(draft.bodies[0].salt + "raw");
  want.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  EXPECT_EQ(appended->at(0).merkle_bytes, want);
}

TEST(Journal, TimeNeverFallsWhateverTheClockDoes) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  const base::TimeMs start = j.clock.NowMs();
  ASSERT_TRUE(j.Append({EntryDraft{}, EntryDraft{}}).ok());
  j.clock.AdvanceMs(-1'000'000);
  ASSERT_TRUE(j.Open(directory / "a").ok());
  ASSERT_TRUE(j.Append({EntryDraft{}}).ok());
  CrashImage(directory / "a", directory / "b");
  ASSERT_TRUE(j.Open(directory / "b").ok());
  ASSERT_TRUE(j.Append({EntryDraft{}}).ok());
  j.clock.AdvanceMs(2'000'000);
  ASSERT_TRUE(j.Append({EntryDraft{}}).ok());
  std::vector<base::TimeMs> times;
  for (const Held& held : j.All()) times.push_back(held.time_ms);
  EXPECT_EQ(times, (std::vector<base::TimeMs>{start, start, start, start, start + 1'000'000}));
}

// Long enough for places to be kept (256 KB apart), over several segments, and also where they are learnt by walking.
TEST(Journal, AWalkFromTheMiddleBeginsWhereItWasAsked) {
  TestDirectory directory;
  TestJournal j;
  const SegmentSizes sizes{1 << 20, 1 << 20};
  ASSERT_TRUE(j.Open(directory / "a", sizes).ok());
  std::mt19937_64 engine(3);
  for (int i = 0; i < 900; ++i) {
    std::vector<EntryDraft> group;
    for (size_t n = engine() % 3 + 1; n > 0; --n) {
      EntryDraft draft;
      draft.leaf = RandomText(engine, 1'500);
      group.push_back(std::move(draft));
    }
    ASSERT_TRUE(j.Append(group).ok());
  }
  for (const bool reopened : {false, true}) {
    if (reopened) {
      ASSERT_TRUE(j.Open(directory / "a", sizes).ok());
    }
    const uint64_t last = j.journal->last_t();
    ASSERT_GT(last, 1'500u);
    for (uint64_t from = last; from > 37; from -= 37) {
      uint64_t expected = from;
      const auto scanned = j.journal->Scan(from, [&](const EntryView& entry) -> base::Result<bool> {
        EXPECT_EQ(entry.t, expected++);
        return expected < from + 5;
      });
      ASSERT_TRUE(scanned.ok()) << DetailOf(scanned);
      EXPECT_EQ(expected, std::min(from + 5, last + 1));
    }
  }
}

TEST(Journal, CompressesWhereItHelps) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  std::mt19937_64 engine(1);
  std::string noise(500, ' ');
  for (char& c : noise) c = static_cast<char>(engine());
  EXPECT_EQ(j.journal->Pack("P", "1", 1, std::string(63, 'a'), 0, 0).codec, Codec::kNone);
  EXPECT_EQ(j.journal->Pack("P", "1", 1, std::string(64, 'a'), 0, 0).codec, Codec::kZstd);
  EXPECT_EQ(j.journal->Pack("P", "1", 1, noise, 0, 0).codec, Codec::kNone);
  const PackedBody one = j.journal->Pack("P", "1", 1, "same", 0, 0), two = j.journal->Pack("P", "1", 1, "same", 0, 0);
  EXPECT_NE(one.salt, two.salt);
  EXPECT_NE(one.salted_hash, two.salted_hash);
}

TEST(Journal, DictionariesComeFirstAndStay) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  std::vector<std::string> samples;
  for (int i = 0; i < 400; ++i) {
    samples.push_back(R"({"resourceType":"Patient","gender":"female","id":")" + std::to_string(i * 7919) + "\"}");
  }
  const std::string dictionary = base::TrainZstdDictionary(samples, 2048);
  ASSERT_FALSE(dictionary.empty());
  ASSERT_TRUE(j.journal->AddDictionary(dictionary).ok());
  const std::string raw = samples[5] + samples[6];
  const PackedBody body = j.journal->Pack("Patient", "5", 1, raw, 0, 0);
  EXPECT_EQ(body.codec, Codec::kZstdDictionary);
  EXPECT_EQ(body.dictionary, 1u);
  ASSERT_TRUE(j.journal->AddDictionary(dictionary).ok());
  EXPECT_EQ(j.journal->Pack("Patient", "5", 1, raw, 0, 0).dictionary, 2u);
  EntryDraft draft;
  draft.bodies = {body};
  ASSERT_TRUE(j.Append({draft}).ok());
  EXPECT_EQ(RuleOf(j.journal->AddDictionary(dictionary)), "store.dictionary");
  ASSERT_TRUE(j.Open(directory / "a").ok());
  const std::vector<Held> all = j.All();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].kind, EntryKind::kDictionary);
  EXPECT_EQ(std::get<0>(all[0].bodies.at(0)), "$dictionary");
  EXPECT_EQ(std::get<6>(all[0].bodies.at(0)), dictionary);
  EXPECT_EQ(std::get<6>(all[2].bodies.at(0)), raw);
  EXPECT_EQ(j.journal->Pack("Patient", "5", 1, raw, 0, 0).dictionary, 2u);
  EXPECT_TRUE(VerifyJournal(directory / "a", nullptr, nullptr).ok());
}

TEST(Journal, RollsOverAndFindsEveryT) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  std::mt19937_64 engine(3);
  for (int i = 0; i < 60; ++i) {
    std::vector<EntryDraft> group;
    for (uint64_t n = engine() % 4 + 1; n > 0; --n) {
      group.push_back(j.Draft(std::to_string(i), RandomText(engine, engine() % 900)));
    }
    ASSERT_TRUE(j.Append(group).ok());
  }
  for (const size_t size : {20'000, 300'000}) {  // larger than a segment; than what is read through the mapping
    std::string noise(size, ' ');
    for (char& c : noise) c = static_cast<char>(engine());
    ASSERT_TRUE(j.Append({j.Draft("large", noise)}).ok());
    ASSERT_TRUE(j.Append({j.Draft("small", "behind it")}).ok());
  }
  const std::vector<Held> all = j.All();
  ASSERT_EQ(all.size(), j.journal->last_t());
  const auto check = [&] {
    EXPECT_GT(ListSegments(directory / "a")->size(), 8u);
    for (uint64_t from = 0; from <= all.size() + 1; ++from) {
      const std::vector<Held> some = j.All(from);
      ASSERT_EQ(some.size(), all.size() - std::min<size_t>(all.size(), from == 0 ? 0 : from - 1));
      if (!some.empty()) { EXPECT_EQ(some.front(), all[std::max<uint64_t>(from, 1) - 1]); }
    }
  };
  check();
  ASSERT_TRUE(j.Open(directory / "a").ok());
  EXPECT_TRUE(j.report.clean_shutdown);
  check();
  EXPECT_EQ(j.All(), all);
  ASSERT_TRUE(j.Append({j.Draft("more", "more")}).ok());
  j.journal.reset();
  uint64_t entries = 0;
  const auto verified = VerifyJournal(directory / "a", &entries, nullptr);
  EXPECT_TRUE(verified.ok()) << DetailOf(verified);
  EXPECT_EQ(entries, all.size() + 1);
}

TEST(Journal, ClosesInGoodOrderHoweverFullTheSegmentIs) {
  for (size_t size = 3700; size < 4100; size += 16) {
    TestDirectory directory;
    TestJournal j;
    ASSERT_TRUE(j.Open(directory / "a").ok());
    EntryDraft draft;
    draft.leaf = std::string(size, 'l');
    ASSERT_TRUE(j.Append({draft}).ok());
    ASSERT_TRUE(j.Open(directory / "a").ok());
    ASSERT_TRUE(j.report.clean_shutdown) << size;
    EXPECT_EQ(std::filesystem::file_size(SegmentPath(directory / "a", 1)), size <= 3918 ? 4096u : 8192u) << size;
  }
}

TEST(Journal, AFirstGroupMayBeLargerThanTheSegmentMadeAtOpen) {
  TestDirectory directory;
  TestJournal j;
  std::mt19937_64 engine(3);
  std::string noise(20'000, ' ');
  for (char& c : noise) c = static_cast<char>(engine());
  std::string at = directory / "0";
  for (uint32_t life = 1; life <= 3; ++life) {
    ASSERT_TRUE(j.Open(at).ok());
    const auto appended = j.Append({j.Draft("large", noise)});
    ASSERT_TRUE(appended.ok());
    EXPECT_EQ(appended->at(0).pointers.at(0).segment, life);
    ASSERT_EQ(j.All().size(), life);
    at = CrashImage(at, directory / std::to_string(life));
  }
  ASSERT_TRUE(j.Open(at).ok());
  EXPECT_EQ(j.All().size(), 3u);
}

TEST(Journal, ScanStopsWhenToldTo) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  ASSERT_TRUE(j.Append({EntryDraft{}, EntryDraft{}, EntryDraft{}}).ok());
  int seen = 0;
  EXPECT_TRUE(j.journal->Scan(1, [&](const EntryView&) -> Result<bool> { return ++seen < 2; }).ok());
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(RuleOf(j.journal->Scan(1, [](const EntryView&) -> Result<bool> {
    return base::Error(base::ErrorKind::kInternal, "internal.failed");
  })), "internal.failed");
}

TEST(Journal, OneAtATimeAndNoNewerFormat) {
  TestDirectory directory;
  TestJournal j, other;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  EXPECT_EQ(RuleOf(other.Open(directory / "a")), "store.locked");
  j.journal.reset();
  ASSERT_TRUE(other.Open(directory / "a").ok());
  other.journal.reset();
  const std::string format = ReadAll(directory / "a/FORMAT");
  EXPECT_TRUE(format.starts_with("heyi-journal 1\n"));
  for (const char* text : {"heyi-journal 2\n", "heyi-journal 2\nid 0123456789abcdef\n", "heyi-journal 1\n",
                           "heyi-journal\n", "", "leveldb 1\nid 0123456789abcdef\n", "heyi-journal 1\nid xyz\n",
                           "heyi-journal 1x\nid 1\n"}) {
    WriteAll(directory / "a/FORMAT", text);
    EXPECT_EQ(RuleOf(j.Open(directory / "a")), "store.format") << text;
    EXPECT_EQ(RuleOf(VerifyJournal(directory / "a", nullptr, nullptr)), "store.format") << text;
  }
  std::filesystem::remove(directory / "a/FORMAT");
  EXPECT_EQ(RuleOf(j.Open(directory / "a")), "store.format");
  WriteAll(directory / "a/FORMAT", format);
  EXPECT_TRUE(j.Open(directory / "a").ok());
}

TEST(Journal, TooLargeIsRefusedAndDoesNoHarm) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  EntryDraft draft;
  draft.bodies = {j.journal->Pack("P", "1", 1, "x", 0, 0)};
  draft.bodies[0].raw_size = static_cast<uint32_t>(kEntryBytesMax + 1);
  EXPECT_EQ(RuleOf(j.Append({draft})), "store.too-large");
  draft.bodies.assign(kBodiesMax + 1, PackedBody{});
  EXPECT_EQ(RuleOf(j.Append({draft})), "store.too-large");
  EXPECT_FALSE(j.journal->stopped());
  EXPECT_TRUE(j.Append({EntryDraft{}}).ok());
  EXPECT_EQ(j.journal->last_t(), 1u);
}

TEST(Journal, MadeUpPointersAreRefused) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  const auto appended = j.Append({j.Draft("a", std::string(500, 'a'))});
  const Pointer good = appended->at(0).pointers.at(0);
  ASSERT_TRUE(j.journal->ReadBody(good).ok());
  std::vector<Pointer> bad(7, good);
  bad[0].segment = 9;
  bad[1].segment = 0;
  bad[2].offset = UINT32_MAX;
  bad[3].stored_size = UINT32_MAX;
  bad[4].offset = 3;
  bad[5].raw_size = 499;
  bad[6].codec = Codec::kZstdDictionary;
  for (const Pointer& pointer : bad) EXPECT_EQ(RuleOf(j.journal->ReadBody(pointer)), "store.corrupt");
}

TEST(Journal, ReadersNeverSeeHalfOfAnything) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  std::atomic<bool> done{false};
  std::atomic<uint64_t> seen{0};
  const auto read = [&] {
    while (!done) {
      uint64_t t = 0;
      const uint64_t last = j.journal->last_t();
      const auto scanned = j.journal->Scan(last > 50 ? last - 50 : 1, [&](const EntryView& entry) -> Result<bool> {
        t = entry.t;
        const Result<std::string> raw = j.journal->ReadBody(entry.bodies.at(0).pointer);
        EXPECT_TRUE(raw.ok());
        EXPECT_EQ(*raw, std::string(200, static_cast<char>('a' + entry.t % 26)));
        ++seen;
        return true;
      });
      EXPECT_TRUE(scanned.ok()) << DetailOf(scanned);
      EXPECT_GE(t, last);
      const auto verified = VerifyJournal(directory / "a", nullptr, nullptr);  // beside a living writer
      EXPECT_TRUE(verified.ok()) << DetailOf(verified);
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back(read);
  for (uint64_t t = 1; t <= 1500 || (seen < 1000 && t < 100'000); ++t) {
    EntryDraft draft;
    draft.bodies = {j.journal->Pack("P", "1", t, std::string(200, static_cast<char>('a' + t % 26)), 0, 0)};
    if (!j.Append({draft}).ok()) ADD_FAILURE();
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(seen, 0u);
}

// A file system that says no. A limit on file sizes gives a short write and then a refusal, as a full disk does.
class Limit {
 public:
  explicit Limit(uint64_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~Limit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(Journal, StopsForGoodWhenAWriteFails) {
  for (const uint64_t limit : {100, 700, 900, 1200}) {
    TestDirectory directory;
    TestJournal j;
    ASSERT_TRUE(j.Open(directory / "a").ok());
    ASSERT_TRUE(j.Append({j.Draft("one", "first")}).ok());
    std::vector<Held> acknowledged = j.All();
    {
      const Limit full(limit);
      Result<std::vector<AppendedEntry>> appended = j.Append({j.Draft("two", std::string(60, '2'))});
      for (; appended.ok(); appended = j.Append({j.Draft("two", std::string(60, '2'))})) acknowledged = j.All();
      EXPECT_EQ(RuleOf(appended), "store.stopped");
      EXPECT_EQ(appended.error().kind, base::ErrorKind::kUnavailable);
    }
    EXPECT_TRUE(j.journal->stopped());
    EXPECT_EQ(RuleOf(j.Append({j.Draft("three", "3")})), "store.stopped");  // although there is room again
    EXPECT_EQ(RuleOf(j.journal->AddDictionary("x")), j.journal->last_t() == 0 ? "store.stopped" : "store.dictionary");
    EXPECT_EQ(j.All(), acknowledged);
    ASSERT_TRUE(j.Open(directory / "a").ok());
    EXPECT_FALSE(j.report.clean_shutdown);
    std::vector<Held> now = j.All();
    ASSERT_GE(now.size(), acknowledged.size());
    now.resize(acknowledged.size());
    EXPECT_EQ(now, acknowledged);
    EXPECT_TRUE(j.Append({j.Draft("four", "4")}).ok());
  }
}

TEST(Journal, StopsWhenNoSegmentCanBeMadeAndGoesOnWhenThereIsRoomInTime) {
  TestDirectory directory;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory / "a").ok());
  {
    const Limit full(4096);  // the segment there is fits, the next one does not
    while (j.journal->last_t() < 8) ASSERT_TRUE(j.Append({j.Draft("x", std::string(60, 'x'))}).ok());
  }
  while (ListSegments(directory / "a")->size() < 3) ASSERT_TRUE(j.Append({j.Draft("y", std::string(60, 'y'))}).ok());
  const Limit full(8191);
  Result<std::vector<AppendedEntry>> appended = j.Append({EntryDraft{}});
  while (appended.ok()) appended = j.Append({j.Draft("z", std::string(60, 'z'))});
  EXPECT_EQ(RuleOf(appended), "store.stopped");
  EXPECT_NE(DetailOf(appended).find(".seg.new"), std::string::npos) << DetailOf(appended);
  EXPECT_EQ(j.All().size(), j.journal->last_t());
}

}  // namespace
}  // namespace heyi::store
