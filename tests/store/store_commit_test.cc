// What the committer promises: versions, conditions and claims are checked in order, whoever comes at the same time.
// Both stores keep the same promises.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/store/store_testing.h"

namespace heyi::store {
namespace {

fhir::Tree Patient(const std::string& id, const std::string& bed = "", const std::string& identifier = "") {
  std::string json = R"({"resourceType":"Patient","id":")" + id + R"(","identifier":[{"system":"urn:none","value":"0"})";
  if (!bed.empty()) json += R"(,{"system":"urn:bed","value":")" + bed + "\"}";
  if (!identifier.empty()) json += R"(,{"system":"urn:id","value":")" + identifier + "\"}";
  return TreeOf(json + "]}");
}

class StoreCommit : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { store_ = GetParam() ? test_.Open(directory_ / "s") : test_.Memory(); }

  base::Result<CommitReceipt> CommitAll(std::vector<PreparedWrite> writes) {
    CommitDraft draft;
    draft.writes = std::move(writes);
    return store_->CommitAndWait(std::move(draft));
  }
  PreparedWrite Prepare(const fhir::Tree& tree) {
    auto write = store_->PrepareWrite(*store_->Now(), tree, 0);
    EXPECT_TRUE(write.ok()) << RuleOf(write);
    return std::move(*write);
  }

  TestDirectory directory_;
  TestWorld test_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Both, StoreCommit, ::testing::Bool(), [](const auto& which) { return which.param ? "File" : "Memory"; });

TEST_P(StoreCommit, CountsVersionsThroughDeletion) {
  const fhir::Type& patient = TypeNamed("Patient");
  ASSERT_TRUE(Put(*store_, Patient("a")).ok());
  ASSERT_TRUE(Put(*store_, Patient("a", "", "x")).ok());
  ASSERT_TRUE(Delete(*store_, "Patient", "a").ok());
  EXPECT_EQ(RuleOf(Delete(*store_, "Patient", "a")), "store.absent");
  EXPECT_EQ(store_->Now()->Count(patient), 0u);
  const auto deleted = store_->Now()->Current(patient, "a");
  EXPECT_TRUE((*deleted)->deleted);
  EXPECT_EQ((*deleted)->version, 3u);
  EXPECT_EQ(RuleOf(store_->Now()->Json(**deleted)), "store.no-body");
  ASSERT_TRUE(Put(*store_, Patient("a")).ok());
  const auto back = store_->Now()->Current(patient, "a");
  EXPECT_EQ((*back)->version, 4u);
  EXPECT_EQ((*back)->docid, (*deleted)->docid);
  EXPECT_EQ(store_->Now()->History(patient, "a", 0, 10)->size(), 4u);
  EXPECT_EQ(store_->Now()->History(patient, "a", 3, 1)->front().version, 2u);
  EXPECT_FALSE(store_->Now()->Version(patient, "a", 5)->has_value());
}

TEST_P(StoreCommit, RefusesWhatWasPlannedOnAnOlderVersion) {
  ASSERT_TRUE(Put(*store_, Patient("a")).ok());
  std::vector<PreparedWrite> first, second;
  first.push_back(Prepare(Patient("a", "", "1")));
  second.push_back(Prepare(Patient("b")));
  second.push_back(Prepare(Patient("a", "", "2")));
  ASSERT_TRUE(CommitAll(std::move(first)).ok());
  const auto stale = CommitAll(std::move(second));
  EXPECT_EQ(stale.error().kind, base::ErrorKind::kStale);
  EXPECT_EQ(RuleOf(stale), "store.stale");
  EXPECT_FALSE(store_->Now()->Current(TypeNamed("Patient"), "b")->has_value()) << "a commit is whole or not at all";
}

TEST_P(StoreCommit, RefusesAResourceTwiceInOneCommit) {
  std::vector<PreparedWrite> writes;
  writes.push_back(Prepare(Patient("a")));
  writes.push_back(Prepare(Patient("a")));
  EXPECT_EQ(CommitAll(std::move(writes)).error().kind, base::ErrorKind::kInternal);
}

TEST_P(StoreCommit, AClaimHasOneHolder) {
  ASSERT_TRUE(Put(*store_, Patient("a", "7")).ok());
  const auto taken = Put(*store_, Patient("b", "7"));
  EXPECT_EQ(taken.error().kind, base::ErrorKind::kConflict);
  EXPECT_EQ(taken.error().outcome.issues().front().expression, "bed/7");
  EXPECT_EQ(DetailOf(taken), "Patient/a");
  EXPECT_TRUE(Put(*store_, Patient("a", "7", "again")).ok()) << "its holder may go on";
  // One commit may hand it over, in whatever order it is written.
  std::vector<PreparedWrite> writes;
  writes.push_back(Prepare(Patient("b", "7")));
  writes.push_back(Prepare(Patient("a", "8")));
  EXPECT_TRUE(CommitAll(std::move(writes)).ok());
  EXPECT_EQ(DetailOf(Put(*store_, Patient("c", "7"))), "Patient/b");
  ASSERT_TRUE(Delete(*store_, "Patient", "b").ok());
  EXPECT_TRUE(Put(*store_, Patient("c", "7")).ok()) << "a deletion releases";
  writes.clear();
  writes.push_back(Prepare(Patient("d", "9")));
  writes.push_back(Prepare(Patient("e", "9")));
  EXPECT_EQ(DetailOf(CommitAll(std::move(writes))), "Patient/d") << "two takers in one commit";
}

TEST_P(StoreCommit, FactConditions) {
  CommitDraft draft;
  draft.facts = {{"inbox", "m1", "received"}};
  draft.fact_conditions = {{"inbox", "m1", std::nullopt}};
  CommitDraft again = draft;
  ASSERT_TRUE(store_->CommitAndWait(std::move(draft)).ok());
  EXPECT_EQ(RuleOf(store_->CommitAndWait(std::move(again))), "store.stale");
  CommitDraft derived;
  derived.fact_conditions = {{"gender", "entries", "1"}};
  CommitDraft later = derived;
  EXPECT_TRUE(store_->CommitAndWait(std::move(derived)).ok());
  EXPECT_EQ(RuleOf(store_->CommitAndWait(std::move(later))), "store.stale");
  EXPECT_EQ(**store_->Now()->Fact("inbox", "m1"), "received");
}

TEST_P(StoreCommit, SearchConditions) {
  const fhir::Type& patient = TypeNamed("Patient");
  const auto condition = [&](const std::string& identifier) {
    const fhir::SearchRequest request = Ask("Patient", {{"identifier", identifier}});
    const std::string posting = store_->PostingOf(patient, request.criteria.front());
    EXPECT_FALSE(posting.empty());
    return SearchCondition{&patient, posting, store_->Now()->t()};
  };
  ASSERT_TRUE(Put(*store_, Patient("z")).ok());
  const auto passes = [&](const SearchCondition& premise) {
    CommitDraft draft;
    draft.search_conditions = {premise};
    return store_->CommitAndWait(std::move(draft)).ok();
  };
  const SearchCondition exact = condition("urn:id|1"), bare = condition("1"), other = condition("urn:id|2");
  const SearchCondition any{&patient, "", store_->Now()->t()}, any_observation{&TypeNamed("Observation"), "", store_->Now()->t()};
  for (const SearchCondition& premise : {exact, bare, other, any, any_observation}) EXPECT_TRUE(passes(premise));
  ASSERT_TRUE(Put(*store_, Patient("a", "", "1")).ok());
  EXPECT_FALSE(passes(exact));
  EXPECT_FALSE(passes(bare));
  EXPECT_TRUE(passes(other));
  EXPECT_FALSE(passes(any));
  EXPECT_TRUE(passes(any_observation));
  const SearchCondition now = condition("urn:id|1");
  EXPECT_TRUE(passes(now));
  ASSERT_TRUE(Delete(*store_, "Patient", "a").ok());
  EXPECT_FALSE(passes(now)) << "leaving counts as well as coming";
}

TEST_P(StoreCommit, ManyCreateOneKeyAndOneDoes) {
  constexpr int kThreads = 64;
  const fhir::Type& patient = TypeNamed("Patient");
  const fhir::SearchRequest request = Ask("Patient", {{"identifier", "urn:id|one"}});
  const std::string posting = store_->PostingOf(patient, request.criteria.front());
  std::atomic<int> created{0}, found{0}, failed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (;;) {
        const auto snapshot = store_->Now();
        const auto page = snapshot->Search(request, {}, {});
        if (!page.ok() || page->hits.size() > 1) ++failed;
        if (!page.ok()) return;
        if (page->hits.size() == 1) {
          ++found;
          return;
        }
        auto write = store_->PrepareWrite(*snapshot, Patient("p" + std::to_string(i), "", "one"), 0);
        CommitDraft draft;
        draft.writes.push_back(std::move(*write));
        draft.search_conditions = {{&patient, posting, snapshot->t()}};
        const auto receipt = store_->CommitAndWait(std::move(draft));
        if (receipt.ok()) {
          ++created;
          return;
        }
        if (receipt.error().kind != base::ErrorKind::kStale) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(found, kThreads - 1);
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(store_->Now()->Count(patient), 1u);
}

TEST_P(StoreCommit, ManyWantOneBedAndOneGetsIt) {
  std::atomic<int> got{0}, refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&, i] {
      const auto receipt = Put(*store_, Patient("p" + std::to_string(i), "1"));
      if (receipt.ok()) ++got;
      else if (receipt.error().kind == base::ErrorKind::kConflict) ++refused;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, 1);
  EXPECT_EQ(refused, 31);
}

// Drafts that wait together are checked together: each must meet what those before it have changed.
TEST_P(StoreCommit, DraftsOfOneGroupSeeEachOther) {
  ASSERT_TRUE(Put(*store_, Patient("a")).ok());
  const fhir::Type& patient = TypeNamed("Patient");
  const fhir::SearchRequest request = Ask("Patient", {{"identifier", "urn:id|9"}});
  const SearchCondition premise{&patient, store_->PostingOf(patient, request.criteria.front()), store_->Now()->t()};
  std::vector<CommitDraft> drafts(8);
  drafts[0].writes.push_back(Prepare(Patient("a", "", "1")));
  drafts[1].writes.push_back(Prepare(Patient("a", "", "2")));
  drafts[2].writes.push_back(Prepare(Patient("b", "5")));
  drafts[3].writes.push_back(Prepare(Patient("c", "5")));
  drafts[4].facts = drafts[5].facts = {{"inbox", "m", "x"}};
  drafts[4].fact_conditions = drafts[5].fact_conditions = {{"inbox", "m", std::nullopt}};
  drafts[6].writes.push_back(Prepare(Patient("d", "", "9")));
  drafts[7].writes.push_back(Prepare(Patient("e", "", "9")));
  drafts[6].search_conditions = drafts[7].search_conditions = {premise};

  // A commit whose completion does not return holds the committer up, so that the others form one group behind it.
  std::atomic<bool> held{false}, go{false};
  std::thread holder([&] {
    store_->Commit({}, [&](base::Result<CommitReceipt>) {
      held = true;
      held.notify_all();
      go.wait(false);
    });
  });
  held.wait(false);
  std::vector<std::string> rules(drafts.size());
  std::vector<std::string> details(drafts.size());
  std::atomic<size_t> answered{0};
  for (size_t i = 0; i < drafts.size(); ++i) {
    store_->Commit(std::move(drafts[i]), [&, i](base::Result<CommitReceipt> result) {
      rules[i] = RuleOf(result);
      details[i] = DetailOf(result);
      ++answered;
    });
  }
  go = true;
  go.notify_all();
  holder.join();
  while (answered < rules.size()) std::this_thread::yield();
  EXPECT_EQ(rules, (std::vector<std::string>{"", "store.stale", "", "store.claim", "", "store.stale", "", "store.stale"}));
  EXPECT_EQ(details[3], "Patient/b");
  EXPECT_EQ(store_->Now()->History(patient, "a", 0, 9)->size(), 2u);
}

TEST_P(StoreCommit, WhoeverIsToldCanSeeIt) {
  std::atomic<int> blind{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 40; ++n) {
        const std::string id = "p" + std::to_string(i) + "-" + std::to_string(n);
        const auto receipt = Put(*store_, Patient(id));
        const auto snapshot = store_->Now();
        if (!receipt.ok() || snapshot->t() < receipt->t || !snapshot->Current(TypeNamed("Patient"), id)->has_value()) ++blind;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(blind, 0);
  EXPECT_EQ(store_->Now()->t(), 320u);
}

TEST_P(StoreCommit, WorksWithoutResourcesAtAll) {
  for (int i = 0; i < 20; ++i) {
    CommitDraft draft;
    draft.kind = EntryKind::kAccess;
    draft.leaf = "read " + std::to_string(i);
    ASSERT_TRUE(store_->CommitAndWait(std::move(draft)).ok());
  }
  EXPECT_EQ(**store_->Now()->Fact("gender", "entries"), "20");
  std::vector<std::string> leaves;
  ASSERT_TRUE(store_->Follow(18, [&](const EntryView& entry) -> base::Result<bool> {
    leaves.emplace_back(entry.leaf);
    return true;
  }).ok());
  EXPECT_EQ(leaves, (std::vector<std::string>{"read 17", "read 18", "read 19"}));
}

TEST_P(StoreCommit, WaitsForTheNextEntry) {
  EXPECT_EQ(store_->WaitBeyond(0, 1), 0u);
  std::thread writer([&] { EXPECT_TRUE(Put(*store_, Patient("a")).ok()); });
  EXPECT_EQ(store_->WaitBeyond(0, 60'000), 1u);
  writer.join();
}

TEST_P(StoreCommit, OldPagesExpire) {
  ASSERT_TRUE(Put(*store_, Patient("a")).ok());
  EXPECT_EQ(RuleOf(store_->At(2)), "store.expired") << "never was";
  test_.clock.AdvanceMs(5 * 3'600'000);
  EXPECT_TRUE(store_->At(1).ok()) << "the newest never expires";
  ASSERT_TRUE(Put(*store_, Patient("b")).ok());
  EXPECT_TRUE(store_->At(1).ok()) << "it was the newest until now";
  test_.clock.AdvanceMs(3'590'000);
  ASSERT_TRUE(Put(*store_, Patient("c")).ok());
  EXPECT_TRUE(store_->At(1).ok());
  test_.clock.AdvanceMs(20'000);
  EXPECT_EQ(RuleOf(store_->At(1)), "store.expired");
  EXPECT_TRUE(store_->At(2).ok());
  EXPECT_EQ((*store_->At(2))->Search(Ask("Patient", {}), {}, {})->hits.size(), 2u);
}

CommitDraft FactDraft(const std::string& key, uint32_t patience_ms) {
  CommitDraft draft;
  draft.patience_ms = patience_ms;
  draft.facts = {{"inbox", key, "x"}};
  return draft;
}

// A draft that may wait shares the sync of the next that may not, and is not left lying when the store closes.
TEST(StorePatience, WaitsForCompanyAndNoLonger) {
  TestDirectory directory;
  TestWorld test;
  auto store = test.Open(directory / "s");
  constexpr uint32_t kAMinute = 60'000;
  std::atomic<int> done = 0;
  store->Commit(FactDraft("patient", kAMinute), [&](base::Result<CommitReceipt> receipt) { done += receipt.ok() ? 1 : 0; });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(done, 0) << "nobody hurries it";
  ASSERT_TRUE(store->CommitAndWait(FactDraft("urgent", 0)).ok());
  EXPECT_EQ(done, 1) << "it came along, in front of the one that hurried";
  store->Commit(FactDraft("short", 20), [&](base::Result<CommitReceipt> receipt) { done += receipt.ok() ? 1 : 0; });
  for (int i = 0; i < 500 && done < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(done, 2) << "its patience ended";
  store->Commit(FactDraft("last", kAMinute), [&](base::Result<CommitReceipt> receipt) { done += receipt.ok() ? 1 : 0; });
  store.reset();
  EXPECT_EQ(done, 3) << "closing answers whoever still waits";
  store = test.Open(directory / "s");
  EXPECT_TRUE(store->Now()->Fact("inbox", "last")->has_value());
}

// The views' folder goes away under a running store: it stops acknowledging, says why, goes on reading, and the next
// start has everything that was acknowledged.
TEST(StoreStop, StopsAtTheFirstFailureAndLosesNothing) {
  TestDirectory directory;
  TestWorld test;
  auto store = test.Open(directory / "s");
  ASSERT_TRUE(Put(*store, Patient("a")).ok());
  std::filesystem::remove_all(directory / "s/views");
  int told = 0;
  std::string rule;
  for (int i = 0; i < 200 && rule.empty(); ++i) {
    CommitDraft draft;
    draft.facts = {{"inbox", std::to_string(i), std::string(1 << 20, 'x')}};
    rule = RuleOf(store->CommitAndWait(std::move(draft)));
    if (rule.empty()) ++told;
  }
  EXPECT_EQ(rule, "store.stopped");
  EXPECT_GT(told, 10);
  EXPECT_EQ(RuleOf(Put(*store, Patient("b"))), "store.stopped");
  EXPECT_FALSE(store->health().accepting);
  EXPECT_FALSE(store->health().reason.empty());
  EXPECT_TRUE(store->Now()->Current(TypeNamed("Patient"), "a")->has_value()) << "reads stay up";
  store.reset();
  OpenReport report;
  store = test.Open(directory / "s", &report);
  EXPECT_TRUE(report.rebuilt);
  EXPECT_TRUE(store->health().accepting);
  EXPECT_TRUE(store->Now()->Current(TypeNamed("Patient"), "a")->has_value());
  for (int i = 0; i < told; ++i) EXPECT_TRUE(store->Now()->Fact("inbox", std::to_string(i))->has_value()) << i;
  EXPECT_TRUE(Put(*store, Patient("b")).ok());
}

}  // namespace
}  // namespace heyi::store
