// The heart: the store on disk and its twin in plain maps see the same random life of the same people, and are asked
// the same random questions. They must agree on every answer, at every t, after every way of opening again.
#include <filesystem>

#include "fhir/json/write.h"
#include "tests/store/store_testing.h"

namespace heyi::store {
namespace {

std::vector<fhir::SearchRequest> RandomQueries(RandomWorld& world, size_t count) {
  std::vector<fhir::SearchRequest> queries;
  for (size_t i = 0; i < count; ++i) queries.push_back(world.Query());
  return queries;
}

TEST(StoreAgreement, FileAndMemoryAnswerAlike) {
  for (const uint64_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(seed);
    TestDirectory directory;
    TestWorld test;
    auto file = test.Open(directory / "s");
    auto memory = test.Memory();
    RandomWorld world(seed);
    std::vector<uint64_t> ts;
    for (int round = 0; round < 8; ++round) {
      for (int i = 0; i < 40; ++i) {
        world.Change(*file, *memory);
        test.clock.AdvanceMs(static_cast<int64_t>(world.Below(1500)));
        if (HasFatalFailure()) return;
      }
      const std::vector<fhir::SearchRequest> queries = RandomQueries(world, 60);
      ts.push_back(file->Now()->t());
      if (ts.size() > 3) ts.erase(ts.begin());
      ASSERT_EQ("", FirstDifference(Everything(*memory, queries, ts), Everything(*file, queries, ts)));
      if (round % 3 == 2) {
        file.reset();
        OpenReport report;
        file = test.Open(directory / "s", &report);
        ASSERT_NE(file, nullptr);
        EXPECT_FALSE(report.rebuilt) << report.why;
        EXPECT_EQ(report.replayed, 0u) << "a clean close leaves nothing to replay";
        ASSERT_EQ("", FirstDifference(Everything(*memory, queries, ts), Everything(*file, queries, ts)));
      }
    }
  }
}

TEST(StoreAgreement, PagesStandStillWhileOthersWrite) {
  TestDirectory directory;
  TestWorld test;
  auto file = test.Open(directory / "s");
  auto memory = test.Memory();
  RandomWorld world(11);
  for (int i = 0; i < 150; ++i) world.Change(*file, *memory);
  for (int round = 0; round < 60; ++round) {
    fhir::SearchRequest request = world.Query();
    request.count = 2;
    PagePosition position{file->Now()->t(), ""};
    for (int page_number = 0; page_number < 50; ++page_number) {
      const auto a = (*file->At(position.t))->Search(request, {}, position);
      const auto b = (*memory->At(position.t))->Search(request, {}, position);
      ASSERT_TRUE(a.ok() && b.ok()) << RuleOf(a) << RuleOf(b);
      ASSERT_EQ(Show(**memory->At(position.t), *b), Show(**file->At(position.t), *a));
      ASSERT_EQ(a->next.has_value(), b->next.has_value());
      if (!a->next) break;
      ASSERT_EQ(a->next->after, b->next->after);
      position = *a->next;
      world.Change(*file, *memory);
    }
  }
}

TEST(StoreDictionary, IsAnEntryOfItsOwnAndNoResource) {
  TestDirectory directory;
  TestWorld test;
  StoreOptions options = test.Options(directory / "s");
  options.dictionary = TestParameters()->definitions().dictionary();
  ASSERT_FALSE(options.dictionary.empty());
  const std::string patient = R"({"resourceType":"Patient","id":"a","name":[{"family":"Smith"}]})";
  for (const bool again : {false, true}) {
    SCOPED_TRACE(again);
    OpenReport report;
    auto store = OpenFileStore(options, &report);
    ASSERT_TRUE(store.ok()) << RuleOf(store);
    EXPECT_EQ(report.replayed, again ? 2u : 1u);
    if (!again) {
      ASSERT_TRUE(Put(**store, TreeOf(patient)).ok());
    }
    EXPECT_EQ((*store)->Now()->t(), 2u);
    const auto record = (*store)->Now()->Current(TypeNamed("Patient"), "a");
    EXPECT_EQ((*record)->pointer.codec, Codec::kZstdDictionary);
    EXPECT_EQ(fhir::WriteJson(*(*store)->Now()->Tree(**record)), patient);
    store->reset();
    std::filesystem::remove_all(directory / "s/views");
  }
}

// A world of some hundred commits, closed, and what it must look like.
class StoreDamage : public ::testing::Test {
 protected:
  void SetUp() override {
    auto file = test_.Open(Original());
    memory_ = test_.Memory();
    RandomWorld world(5);
    for (int i = 0; i < 120; ++i) world.Change(*file, *memory_);
    file.reset();
    std::filesystem::copy(Original() + "/views", directory_ / "older", std::filesystem::copy_options::recursive);
    std::filesystem::copy(Original() + "/journal", directory_ / "older-journal", std::filesystem::copy_options::recursive);
    file = test_.Open(Original());
    for (int i = 0; i < 120; ++i) world.Change(*file, *memory_);
    merkle_ = Merkle(*file);
    file.reset();
    queries_ = RandomQueries(world, 40);
    ts_ = {100, memory_->Now()->t()};
    want_ = Everything(*memory_, queries_, ts_);
  }

  static std::string Merkle(const Store& store) { return store.Now()->Fact("gender.merkle", "digest")->value_or(""); }
  std::string Original() const { return directory_ / "original"; }
  std::string Copy() const {
    const std::string copy = directory_ / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(Original(), copy, std::filesystem::copy_options::recursive);
    return copy;
  }
  std::vector<std::string> ViewFiles() const {
    std::vector<std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(Original() + "/views")) {
      const std::string name = file.path().filename().string();
      if (!name.starts_with("LO")) files.push_back(name);  // LOCK and LOG say nothing
    }
    return files;
  }

  // What a damaged copy answers: right at once, or it says that it is damaged and is right after the next start.
  void ExpectRightInTheEnd(const std::string& copy, int* rebuilt) {
    for (int start = 0; start < 2; ++start) {
      OpenReport report;
      const auto store = test_.Open(copy, &report);
      ASSERT_NE(store, nullptr);
      *rebuilt += report.rebuilt ? 1 : 0;
      const std::string have = Everything(*store, queries_, ts_);
      if (start == 0 && have.find("store.view-corrupt") != std::string::npos) continue;
      ASSERT_EQ("", FirstDifference(want_, have));
      return;
    }
  }

  TestDirectory directory_;
  TestWorld test_;
  std::unique_ptr<Store> memory_;
  std::vector<fhir::SearchRequest> queries_;
  std::vector<uint64_t> ts_;
  std::string want_;
  std::string merkle_;
};

TEST_F(StoreDamage, MissingViewsAreMadeAgain) {
  const std::string copy = Copy();
  std::filesystem::remove_all(copy + "/views");
  OpenReport report;
  const auto store = test_.Open(copy, &report);
  EXPECT_TRUE(report.rebuilt);
  EXPECT_EQ(report.replayed, store->Now()->t());
  EXPECT_EQ("", FirstDifference(want_, Everything(*store, queries_, ts_)));
  EXPECT_NE("", merkle_);
  EXPECT_EQ(merkle_, Merkle(*store));
}

TEST_F(StoreDamage, OlderViewsAreBroughtUp) {
  const std::string copy = Copy();
  std::filesystem::remove_all(copy + "/views");
  std::filesystem::copy(directory_ / "older", copy + "/views", std::filesystem::copy_options::recursive);
  OpenReport report;
  const auto store = test_.Open(copy, &report);
  EXPECT_FALSE(report.rebuilt) << report.why;
  EXPECT_GT(report.replayed, 0u);
  EXPECT_LT(report.replayed, store->Now()->t());
  EXPECT_EQ("", FirstDifference(want_, Everything(*store, queries_, ts_)));
}

TEST_F(StoreDamage, ViewsAheadOfTheJournalAreMadeAgain) {
  const std::string copy = Copy();
  std::filesystem::remove_all(copy + "/journal");
  std::filesystem::copy(directory_ / "older-journal", copy + "/journal", std::filesystem::copy_options::recursive);
  OpenReport report;
  const auto store = test_.Open(copy, &report);
  EXPECT_TRUE(report.rebuilt);
  EXPECT_EQ(report.why, "ahead of the journal");
  EXPECT_EQ(report.replayed, store->Now()->t());
}

TEST_F(StoreDamage, ViewsOfOtherMakingAreMadeAgain) {
  const std::string copy = Copy();
  StoreOptions options = test_.Options(copy);
  options.derived = {&test_.other_derived};
  OpenReport report;
  const auto store = OpenFileStore(options, &report);
  ASSERT_TRUE(store.ok());
  EXPECT_TRUE(report.rebuilt);
  EXPECT_EQ("", FirstDifference(want_, Everything(**store, queries_, ts_)));
}

TEST_F(StoreDamage, FlippedBitsNeverGiveWrongAnswers) {
  std::mt19937_64 chance(3);
  int rebuilt = 0;
  int flips = 0;
  for (const std::string& name : ViewFiles()) {
    for (int i = 0; i < 10; ++i, ++flips) {
      const std::string copy = Copy();
      const std::string path = copy + "/views/" + name;
      std::string bytes = ReadAll(path);
      if (bytes.empty()) break;
      const size_t at = chance() % bytes.size();
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << chance() % 8));
      WriteAll(path, bytes);
      SCOPED_TRACE(name + " byte " + std::to_string(at));
      ExpectRightInTheEnd(copy, &rebuilt);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(flips, 20);
  EXPECT_GT(rebuilt, 0);
}

TEST_F(StoreDamage, TruncatedFilesNeverGiveWrongAnswers) {
  int rebuilt = 0;
  for (const std::string& name : ViewFiles()) {
    const std::string copy = Copy();
    const std::string path = copy + "/views/" + name;
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    SCOPED_TRACE(name);
    ExpectRightInTheEnd(copy, &rebuilt);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(rebuilt, 0);
}

}  // namespace
}  // namespace heyi::store
