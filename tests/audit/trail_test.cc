// The trail over real stores: what it finds is what a look at every leaf finds, the trees are the journals'.
#include "tests/audit/trail_testing.h"

#include <algorithm>
#include <random>

namespace heyi::audit {
namespace {

struct Written {
  Source source;
  uint64_t t;
  base::TimeMs time_ms;
  Leaf leaf;
  std::string id() const { return std::string(1, static_cast<char>(source)) + "-" + std::to_string(t); }
};

class TrailOver : public ::testing::TestWithParam<Kind> {
 protected:
  TrailOver() : journals_(GetParam()) {}

  void Write(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      if (engine_() % 3 != 0) journals_.clock().AdvanceMs(static_cast<int64_t>(engine_() % 50));
      const Source source = engine_() % 2 == 0 ? Source::kData : Source::kAccess;
      if (engine_() % 6 == 0) {  // an entry that has no leaf is in the tree and nowhere else
        journals_.Append(Source::kData, "");
        continue;
      }
      Leaf leaf;
      leaf.caller.client = "client-" + std::to_string(engine_() % 4);
      if (engine_() % 2 == 0) leaf.caller.organization = "org-" + std::to_string(engine_() % 2);
      if (engine_() % 4 == 0) leaf.recipient = "org-1";
      leaf.interaction = "read";
      for (size_t n = engine_() % 3; n > 0; --n) leaf.elders.push_back(engine_() % 5);
      std::sort(leaf.elders.begin(), leaf.elders.end());
      leaf.elders.erase(std::unique(leaf.elders.begin(), leaf.elders.end()), leaf.elders.end());
      const store::CommitReceipt receipt = journals_.Append(source, EncodeLeaf(leaf));
      written_.push_back({source, receipt.t, receipt.time_ms, std::move(leaf)});
    }
    std::stable_sort(written_.begin(), written_.end(), [](const Written& a, const Written& b) {
      return a.time_ms != b.time_ms ? a.time_ms < b.time_ms : a.source != b.source && a.source == Source::kData;
    });
  }

  // What a look at every leaf finds.
  std::vector<std::string> LookedUp(const TrailQuery& query) const {
    std::vector<std::string> ids;
    for (const Written& w : written_) {
      if (w.time_ms < query.from_ms || w.time_ms >= query.to_ms) continue;
      if (query.elder && std::count(w.leaf.elders.begin(), w.leaf.elders.end(), *query.elder) == 0) continue;
      if (query.agent && w.leaf.caller.client != *query.agent && w.leaf.caller.organization != *query.agent && w.leaf.recipient != *query.agent) {
        continue;
      }
      ids.push_back(w.id());
    }
    return ids;
  }

  // All pages of `limit`.
  std::vector<std::string> Found(TrailQuery query, size_t limit) const {
    std::vector<std::string> ids;
    query.limit = limit;
    for (;;) {
      auto page = journals_.trail().Find(query);
      if (!page.ok()) {
        ADD_FAILURE() << page.error().outcome.issues()[0].rule;
        return ids;
      }
      EXPECT_LE(page->size(), limit);
      for (const TrailEntry& entry : *page) ids.push_back(entry.event_id());
      if (page->size() < limit) return ids;
      query.after = page->back().event_id();
    }
  }

  void CheckQueries() {
    for (int i = 0; i < 60; ++i) {
      TrailQuery query;
      if (engine_() % 2 == 0) query.elder = engine_() % 6;
      if (engine_() % 2 == 0) query.agent = std::vector<std::string>{"client-1", "client-9", "org-1", "org-0"}[engine_() % 4];
      if (engine_() % 2 == 0) query.from_ms = written_[engine_() % written_.size()].time_ms + static_cast<int64_t>(engine_() % 2);
      if (engine_() % 2 == 0) query.to_ms = written_[engine_() % written_.size()].time_ms + static_cast<int64_t>(engine_() % 2);
      const std::vector<std::string> want = LookedUp(query);
      EXPECT_EQ(Found(query, 1'000), want);
      EXPECT_EQ(Found(query, 1 + engine_() % 7), want);
    }
  }

  void CheckHeads() {
    auto heads = journals_.trail().Heads();
    ASSERT_TRUE(heads.ok());
    ASSERT_EQ(heads->size(), 2u);
    for (const TreeHead& head : *heads) {
      std::vector<std::string> leaves;
      ASSERT_TRUE(journals_.store(head.source)
                      .Follow(1, [&](const store::EntryView& entry) -> base::Result<bool> {
                        leaves.emplace_back(entry.merkle_bytes);
                        return true;
                      })
                      .ok());
      EXPECT_EQ(head.size, leaves.size());
      EXPECT_EQ(head.sha256, MerkleRoot(TreeHash::kSha256, leaves));
      EXPECT_EQ(head.sm3, MerkleRoot(TreeHash::kSm3, leaves));
    }
  }

  Journals journals_;
  std::mt19937_64 engine_{5};
  std::vector<Written> written_;
};

TEST_P(TrailOver, StartsEmpty) {
  CheckHeads();
  EXPECT_TRUE(Found({}, 10).empty());
  EXPECT_TRUE(LookedUp({}).empty());
}

TEST_P(TrailOver, FindsWhatALookAtEveryLeafFinds) {
  Write(150);
  CheckQueries();
  CheckHeads();
  TrailQuery none;
  none.limit = 0;
  EXPECT_TRUE(journals_.trail().Find(none)->empty());
}

TEST_P(TrailOver, ReadsOneEventByItsIdOnly) {
  Write(30);
  for (const Written& w : written_) {
    auto entry = journals_.trail().Read(w.id());
    ASSERT_TRUE(entry.ok()) << w.id();
    EXPECT_EQ(entry->event_id(), w.id());
    EXPECT_EQ(entry->time_ms, w.time_ms);
    EXPECT_EQ(EncodeLeaf(entry->leaf), EncodeLeaf(w.leaf));
  }
  const std::string last = "a-" + std::to_string(1 + journals_.store(Source::kAccess).Now()->t());
  for (const std::string& id : {last, std::string("d-0"), std::string("d-01"), std::string("x-1"), std::string("d1"), std::string(""), std::string("d-"),
                                std::string("d--1"), std::string("d-1x"), std::string("d-99999999999999999999999")}) {
    auto entry = journals_.trail().Read(id);
    ASSERT_FALSE(entry.ok()) << id;
    EXPECT_EQ(entry.error().kind, base::ErrorKind::kNotFound) << id;
  }
  TrailQuery query;
  query.after = "d-99999";
  EXPECT_EQ(journals_.trail().Find(query).error().kind, base::ErrorKind::kNotFound);
}

TEST_P(TrailOver, ShowsThatAnUnreadableLeafStandsThere) {
  journals_.Append(Source::kAccess, "no leaf");
  auto found = journals_.trail().Find({});
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().leaf.interaction, "unreadable");
  EXPECT_EQ(found->front().leaf.rule, "audit.leaf");
  CheckHeads();
}

TEST_P(TrailOver, IsTheSameAfterReopeningAndAfterRebuilding) {
  if (GetParam() == Kind::kMemory) GTEST_SKIP() << "memory keeps nothing";
  Write(60);
  for (const bool rebuild : {false, true}) {
    journals_.Close();
    if (rebuild) journals_.ForgetViews();
    journals_.Open();
    CheckQueries();
    CheckHeads();
    Write(20);
    CheckHeads();
  }
  CheckQueries();
}

INSTANTIATE_TEST_SUITE_P(Stores, TrailOver, ::testing::Values(Kind::kMemory, Kind::kFile),
                         [](const auto& kind) { return kind.param == Kind::kMemory ? "Memory" : "File"; });

}  // namespace
}  // namespace heyi::audit
