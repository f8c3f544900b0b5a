// Ways out against receivers that fail: what was promised of order, repeats, other elders and other receivers.
#include "tests/exchange/outbox_house.h"

namespace heyi::exchange {
namespace {

const SendResult kTakenResult{};
const SendResult kNotSentResult{Sent::kNotSent, Fault::kReceiver, "HTTP 503, and no acknowledgement"};
const SendResult kUnclearResult{Sent::kUnclear, Fault::kReceiver, "timeout"};
const SendResult kRefusedResult{Sent::kRefused, Fault::kContent, "身份证号有误"};

std::vector<std::string> Elders(int count) {
  std::vector<std::string> keys;
  for (int i = 0; i < count; ++i) keys.push_back("Patient/p" + std::to_string(i));
  return keys;
}

class Outbox : public ::testing::Test {
 protected:
  OutboxHouse house_;
};

TEST_F(Outbox, AFifthOfTheSendsFailAndEveryEldersOrderIsKept) {
  const Route route = QuickRoute("a");
  std::map<std::string, std::vector<std::string>> sent;
  for (int round = 0; round < 6; ++round) {
    const auto keys = Elders(30);
    const auto ids = house_.Add(route, keys);
    for (size_t i = 0; i < keys.size(); ++i) sent[keys[i]].push_back(ids[i]);
  }
  OutboxReceiver receiver([](const OutboxRow& row, int before) {
    const bool fails = (base::Hash64(row.message_id) + static_cast<uint64_t>(before)) % 5 == 0;
    return fails ? (before % 2 == 0 ? kUnclearResult : kNotSentResult) : kTakenResult;
  });
  Running running(house_, route, receiver);
  ASSERT_TRUE(Soon([&] { return running.counts().waiting == 0; }));
  for (const auto& [key, ids] : sent) EXPECT_EQ(receiver.TakenOf(key), ids) << key;
  EXPECT_EQ(running.counts().delivered, 180u);
  EXPECT_GT(receiver.sends(), 190);
  EXPECT_EQ(running.counts().dead + running.counts().quarantined, 0u);
}

TEST_F(Outbox, ASlowElderHoldsUpNoOther) {
  const Route route = QuickRoute("a");
  std::atomic<bool> released = false;
  OutboxReceiver receiver([&](const OutboxRow& row, int) {
    while (row.order_key == "Patient/p0" && !released) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return kTakenResult;
  });
  const auto first = house_.Add(route, Elders(20)), second = house_.Add(route, Elders(20));
  Running running(house_, route, receiver);
  EXPECT_TRUE(Soon([&] { return receiver.taken() == 38; }));
  EXPECT_TRUE(receiver.TakenOf("Patient/p0").empty());
  released = true;
  EXPECT_TRUE(Soon([&] { return running.counts().waiting == 0; }));
  EXPECT_EQ(receiver.TakenOf("Patient/p0"), (std::vector<std::string>{first[0], second[0]}));
}

TEST_F(Outbox, TwoThousandStuckRowsHoldUpNoLaterOne) {
  const Route route = QuickRoute("a");
  OutboxReceiver receiver([&](const OutboxRow& row, int) { return row.order_key == "Patient/well" ? kTakenResult : kNotSentResult; });
  for (int round = 0; round < 2; ++round) house_.Add(route, Elders(1'000));
  std::vector<std::string> more;
  for (int i = 0; i < 1'500; ++i) more.push_back("Patient/q" + std::to_string(i));
  house_.Add(route, more);
  Running running(house_, route, receiver);
  EXPECT_EQ(running.counts().waiting, 3'500u);
  const auto late = house_.Add(route, {"Patient/well"});
  running->RowsAdded(1);
  EXPECT_TRUE(Soon([&] { return receiver.taken() == 1; }));
  EXPECT_EQ(receiver.TakenOf("Patient/well"), late);
  EXPECT_TRUE(Soon([&] { return running.counts().waiting == 3'500; }));
}

TEST_F(Outbox, AReceiverThatIsDownHoldsUpNoOther) {
  const Route down = QuickRoute("down"), up = QuickRoute("up");
  house_.Add(down, Elders(50));
  house_.Add(up, Elders(50));
  std::atomic<bool> released = false;
  OutboxReceiver hangs([&](const OutboxRow&, int) {
    while (!released) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return kNotSentResult;
  });
  OutboxReceiver well([](const OutboxRow&, int) { return kTakenResult; });
  {
    Running first(house_, down, hangs), second(house_, up, well);
    EXPECT_TRUE(Soon([&] { return second.counts().waiting == 0; }));
    EXPECT_EQ(first.counts().waiting, 50u);
    released = true;
  }
  EXPECT_EQ(well.taken(), 50u);
}

TEST_F(Outbox, ABreakerOpensProbesAndCloses) {
  Route route = QuickRoute("a");
  route.breaker = {5, 150, 600};
  route.connections = 4;
  std::atomic<bool> well = false;
  OutboxReceiver receiver([&](const OutboxRow&, int) { return well ? kTakenResult : kNotSentResult; });
  house_.Add(route, Elders(100));
  Running running(house_, route, receiver);
  ASSERT_TRUE(Soon([&] { return running.state() == ChannelState::kBroken; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // those under way when it opened
  const int at_opening = receiver.sends();
  EXPECT_LE(at_opening, 5 + 4);
  std::this_thread::sleep_for(std::chrono::milliseconds(400));  // room for probes at 150 and 450 ms, no more
  EXPECT_GE(receiver.sends(), at_opening + 1);
  EXPECT_LE(receiver.sends(), at_opening + 3);
  EXPECT_EQ(running->report().last_error, "HTTP 503, and no acknowledgement");
  EXPECT_EQ(running->report().oldest_waiting_ms, 1'790'000'000'000);
  well = true;
  EXPECT_TRUE(Soon([&] { return running.counts().waiting == 0; }));
  EXPECT_EQ(running.state(), ChannelState::kOpen);
  EXPECT_EQ(running.counts().openings, 1u);
  EXPECT_EQ(receiver.taken(), 100u);
}

TEST_F(Outbox, WhatIsUnclearIsSentAgainOnlyWhereThatDoesNoHarm) {
  for (const bool idempotent : {true, false}) {
    Route route = QuickRoute(idempotent ? "twice" : "once");
    route.idempotent = idempotent;
    const auto ids = house_.Add(route, {"Patient/p1", "Patient/p1"});
    OutboxReceiver receiver([&](const OutboxRow& row, int before) { return row.message_id == ids[0] && before == 0 ? kUnclearResult : kTakenResult; });
    Running running(house_, route, receiver);
    ASSERT_TRUE(Soon([&] { return running.counts().waiting == 0; }));
    EXPECT_EQ(receiver.SeenOf(ids[0]), idempotent ? 2 : 1);
    EXPECT_EQ(running.counts().quarantined, idempotent ? 0u : 1u);
    const auto kept = house_.Find(route, RowState::kQuarantined, ids[0]);
    ASSERT_EQ(kept.has_value(), !idempotent);
    if (!kept) continue;
    EXPECT_EQ(kept->reason, "timeout");
    EXPECT_EQ(kept->owner, "civil-affairs");
    EXPECT_EQ(kept->severity, "error");
    EXPECT_GT(kept->stopped_ms, 0);
    const auto ordered = running->RedeliverAll(RowState::kQuarantined, 10, OperatorLeaf());
    ASSERT_TRUE(ordered.ok());
    EXPECT_EQ(ordered->moved, 1u);
    EXPECT_TRUE(Soon([&] { return receiver.SeenOf(ids[0]) == 2 && running.counts().waiting == 0; }));
    EXPECT_EQ(running.counts().quarantined, 0u);
  }
}

TEST_F(Outbox, ASendThatTheProcessDidNotSurviveIsUnclear) {
  Route once = QuickRoute("once"), twice = QuickRoute("twice");
  once.idempotent = false;
  OutboxReceiver receiver([](const OutboxRow&, int) { return kTakenResult; });
  for (const Route& route : {once, twice}) {
    const auto ids = house_.Add(route, {"Patient/p1"});
    Ledger ledger(house_.store(), route, house_.clock());
    const RowPlace place = *PlaceOfMessageId(ids[0]);
    const auto stored = ledger.Find(RowState::kWaiting, place);
    ASSERT_TRUE(stored.ok() && *stored);
    ASSERT_TRUE(ledger.Claim(place, (*stored)->text).ok());
    EXPECT_EQ(ledger.Claim(place, (*stored)->text).error().kind, base::ErrorKind::kStale);
    Running running(house_, route, receiver);
    EXPECT_TRUE(Soon([&] { return running.counts().waiting == 0; }));
    EXPECT_EQ(running.counts().quarantined, route.idempotent ? 0u : 1u);
    EXPECT_EQ(receiver.SeenOf(ids[0]), route.idempotent ? 1 : 0);
    EXPECT_TRUE(ledger.Claimed()->empty());
  }
}

TEST_F(Outbox, ARefusedMessageIsADeadLetterThatCanComeBackAtItsOldPlace) {
  const Route route = QuickRoute("a");
  std::atomic<bool> mended = false;
  std::string refused;
  OutboxReceiver receiver([&](const OutboxRow& row, int) { return row.message_id == refused && !mended ? kRefusedResult : kTakenResult; });
  const auto ids = house_.Add(route, {"Patient/p1"});
  refused = ids[0];
  Running running(house_, route, receiver);
  ASSERT_TRUE(Soon([&] { return running.counts().dead == 1; }));
  const auto dead = house_.Find(route, RowState::kDead, refused);
  ASSERT_TRUE(dead);
  EXPECT_EQ(dead->reason, "身份证号有误");
  EXPECT_EQ(dead->owner, "health");

  ASSERT_TRUE(*running->SetPaused(true, OperatorLeaf()));
  const auto later = house_.Add(route, {"Patient/p1", "Patient/p2"});
  running->RowsAdded(2);
  mended = true;
  const std::vector<RowPlace> places{*PlaceOfMessageId(refused)};
  EXPECT_EQ(running->Redeliver(places, OperatorLeaf())->moved, 1u);
  const auto again = running->Redeliver(places, OperatorLeaf());
  EXPECT_EQ(again->moved, 0u);
  EXPECT_EQ(again->already, 1u);
  EXPECT_EQ(running.counts().waiting, 3u);
  EXPECT_EQ(running.counts().dead, 0u);
  ASSERT_TRUE(*running->SetPaused(false, OperatorLeaf()));
  ASSERT_TRUE(Soon([&] { return running.counts().waiting == 0; }));
  EXPECT_EQ(receiver.TakenOf("Patient/p1"), (std::vector<std::string>{refused, later[0]}));
  EXPECT_EQ(running->Redeliver(places, OperatorLeaf())->already, 1u) << "delivered";
  EXPECT_EQ(running->Redeliver({{77, 7}}, OperatorLeaf())->unknown, std::vector<std::string>{MessageIdOf({77, 7})});

  int orders = 0, delivered = 0, undeliverable = 0;
  for (const audit::Leaf& leaf : house_.Leaves()) {
    if (leaf.interaction == "channel-order") ++orders;
    if (leaf.interaction != "deliver") continue;
    EXPECT_EQ(leaf.recipient, "civil-affairs");
    EXPECT_EQ(leaf.elders.size(), 1u);
    EXPECT_EQ(leaf.resources.size(), 1u);
    ++(leaf.status == 200 ? delivered : undeliverable);
  }
  EXPECT_EQ(orders, 3) << "pause, redeliver, resume: what changes nothing is not written again";
  EXPECT_EQ(delivered, 3);
  EXPECT_EQ(undeliverable, 1);
}

TEST_F(Outbox, PausedStaysPausedOverARestart) {
  const Route route = QuickRoute("a");
  OutboxReceiver receiver([](const OutboxRow&, int) { return kTakenResult; });
  {
    Running running(house_, route, receiver);
    EXPECT_TRUE(*running->SetPaused(true, OperatorLeaf()));
    EXPECT_FALSE(*running->SetPaused(true, OperatorLeaf())) << "it was already";
    house_.Add(route, Elders(5));
    running->RowsAdded(5);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  Running running(house_, route, receiver);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(receiver.sends(), 0);
  EXPECT_EQ(running.state(), ChannelState::kPaused);
  EXPECT_EQ(running.counts().waiting, 5u);
  EXPECT_TRUE(*running->SetPaused(false, OperatorLeaf()));
  EXPECT_TRUE(Soon([&] { return receiver.taken() == 5; }));
}

TEST_F(Outbox, WhatIsDroppedIsKeptWithItsReason) {
  const Route route = QuickRoute("a");
  std::atomic<bool> released = false;
  OutboxReceiver receiver([&](const OutboxRow& row, int) {
    if (row.order_key == "Patient/p0") return kRefusedResult;
    while (row.order_key == "Patient/p1" && !released) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return row.order_key == "Patient/p2" ? kNotSentResult : kTakenResult;
  });
  const auto ids = house_.Add(route, Elders(3));
  const auto behind = house_.Add(route, {"Patient/p2"});
  Running running(house_, route, receiver);
  ASSERT_TRUE(Soon([&] { return running.counts().dead == 1 && receiver.SeenOf(ids[1]) == 1 && receiver.SeenOf(ids[2]) > 0; }));
  ASSERT_TRUE(*running->SetPaused(true, OperatorLeaf()));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::vector<RowPlace> places;
  for (const std::string& id : ids) places.push_back(*PlaceOfMessageId(id));
  const auto dropped = running->Drop(places, "已电话告知", OperatorLeaf());
  ASSERT_TRUE(dropped.ok());
  EXPECT_EQ(dropped->moved, 2u);
  EXPECT_EQ(dropped->busy, std::vector<std::string>{ids[1]}) << "a send is under way";
  EXPECT_EQ(running->Drop({places[0]}, "again", OperatorLeaf())->already, 1u);
  released = true;
  ASSERT_TRUE(Soon([&] { return running.counts().delivered == 1; }));
  EXPECT_EQ(running.counts().waiting, 1u);
  EXPECT_EQ(running.counts().dead, 0u);
  const auto kept = house_.Find(route, RowState::kDropped, ids[2]);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->reason, "已电话告知");
  std::optional<RowPlace> next;
  EXPECT_EQ(running->Rows(RowState::kDropped, "", std::nullopt, 10, &next)->size(), 2u);
  EXPECT_EQ(running->Rows(RowState::kDropped, "Patient/p2", std::nullopt, 10, &next)->size(), 1u);
  EXPECT_EQ(running->Rows(RowState::kDropped, "", std::nullopt, 1, &next)->size(), 1u);
  ASSERT_TRUE(next);
  const auto rest = running->Rows(RowState::kDropped, "", next, 10, &next);
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ(rest->front().row.message_id, ids[2]);
  EXPECT_EQ(running->Rows(RowState::kWaiting, "", std::nullopt, 10, &next)->front().row.message_id, behind[0]);
}

}  // namespace
}  // namespace heyi::exchange
