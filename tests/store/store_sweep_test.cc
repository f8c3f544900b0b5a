// What nobody can ask for any more is swept from the index, and nothing else is.
#include "store/index/posting.h"
#include "store/limits.h"
#include "store/view/keys.h"
#include "store/view/sweeper.h"
#include "tests/store/store_testing.h"

namespace heyi::store {
namespace {

size_t CountRows(const ViewDb& db, std::string_view prefix) {
  size_t count = 0;
  auto rows = db.Walk(nullptr);
  for (rows->Seek(std::string(prefix)); rows->Valid() && rows->key().starts_with(std::string(prefix)); rows->Next()) ++count;
  return count;
}

TEST(StoreSweep, TakesWhatNoCursorCanSee) {
  TestDirectory directory;
  TestWorld test;
  auto file = test.Open(directory / "s");
  auto memory = test.Memory();
  RandomWorld world(21);
  for (int i = 0; i < 120; ++i) {
    world.Change(*file, *memory);
    test.clock.AdvanceMs(90'000);
  }
  std::vector<fhir::SearchRequest> queries;
  for (int i = 0; i < 60; ++i) queries.push_back(world.Query());
  const uint64_t newest = file->Now()->t();
  const std::vector<uint64_t> ts = {newest - 15, newest - 5, newest};
  ASSERT_TRUE(file->At(ts.front()).ok());
  file.reset();

  size_t kept_events = 0;
  {
    auto db = ViewDb::Open(directory / "s/views");
    ASSERT_TRUE(db.ok());
    Horizon horizon;
    ASSERT_TRUE(horizon.Load(**db).ok());
    const size_t events_before = CountRows(**db, "p"), sweeps_before = CountRows(**db, "s");
    Sweeper sweeper(**db, horizon, test.clock);
    size_t swept = 0, steps = 0;
    for (;; ++steps) {
      const auto step = sweeper.Step(20);
      ASSERT_TRUE(step.ok());
      if (*step == 0) break;
      EXPECT_LE(*step, 20 + kSweepPartMax);
      swept += *step;
    }
    EXPECT_GT(swept, 100u);
    EXPECT_GT(steps, 3u) << "bounded work a step";
    kept_events = CountRows(**db, "p");
    EXPECT_LT(kept_events, events_before - swept) << "each closing event goes with what it closed";
    EXPECT_LT(CountRows(**db, "s"), sweeps_before);
    EXPECT_GT(CountRows(**db, "s"), 0u) << "what a cursor may need stays";
    (*db)->Flush();
  }
  file = test.Open(directory / "s");
  EXPECT_EQ("", FirstDifference(Everything(*memory, queries, ts), Everything(*file, queries, ts)));

  // An hour and a bit after the last change nothing is left but what is open.
  for (const uint64_t ages : {1u, 2u}) {
    test.clock.AdvanceMs(static_cast<int64_t>(ages) * (kCursorLifeMs + 200'000));
    world.Change(*file, *memory);
  }
  file.reset();
  auto db = ViewDb::Open(directory / "s/views");
  Horizon horizon;
  ASSERT_TRUE(horizon.Load(**db).ok());
  Sweeper sweeper(**db, horizon, test.clock);
  while (*sweeper.Step(1'000) > 0) {
  }
  size_t closed = 0, events = 0;
  auto rows = (*db)->Walk(nullptr);
  for (rows->Seek("p"); rows->Valid() && rows->key().starts_with("p"); rows->Next(), ++events) {
    if (!rows->value().empty()) ++closed;
  }
  EXPECT_LT(closed, 60u) << "those of the last changes only";
  EXPECT_LT(events, kept_events);
}

}  // namespace
}  // namespace heyi::store
