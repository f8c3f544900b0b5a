// What is kept for how long, by a clock that is set: what must stay stays, what must go goes.
#include <fmt/format.h>
#include <unistd.h>

#include "base/ids.h"
#include "exchange/inbox/parked.h"
#include "exchange/inbox/retention.h"
#include "exchange/outbox/outbox.h"
#include "tests/exchange/exchange_house.h"

namespace heyi::exchange {
namespace {

constexpr base::TimeMs kDay = 86'400'000;

class RetentionCases : public ::testing::Test {
 protected:
  std::string Elder(const std::string& id, const std::string& name) {
    base::JsonValue record = base::JsonValue::Object();
    record.Set("id", base::JsonValue::OfInteger(1));
    record.Set("name", base::JsonValue::OfString(name));
    record.Set("gender", base::JsonValue::OfString("2"));
    record.Set("idCardNo", base::JsonValue::OfString("310199194002030026"));
    return adapters::CivilAdapter().Write({"ELDER", id, "52310199MJ00000016", "310199", 1'790'000'000'000, std::move(record)});
  }
  static std::string Update(const std::string& id) {
    return "MSH|^~\\&|HIS|H1|HUB|DISTRICT|20260310101500||ADT^A08|" + id + "|P|2.5|||||CHN|UNICODE UTF-8\rEVN|A08|20260301090000\rPID|1||P5^^^H1^PI||LI\rPV1|1|I\r";
  }

  void Cull() {
    Culler culler(house_.services(), retention_, house_.clock());
    for (int steps = 0; steps < 1'000; ++steps) {
      const auto more = culler.Step();
      ASSERT_TRUE(more.ok()) << more.error().outcome.issues().front().rule;
      if (!*more) return;
    }
    FAIL() << "does not end";
  }

  std::optional<InboxRow> Row(const std::string& key) { return *FindInboxRow(*house_.store().Now(), key); }
  bool HasFact(std::string_view space, const std::string& key) { return (*house_.store().Now()->Fact(space, key)).has_value(); }
  size_t FactsIn(std::string_view space) {
    size_t count = 0;
    EXPECT_TRUE(house_.store().Now()->Facts(space, "", [&](std::string_view, std::string_view) { return ++count > 0; }).ok());
    return count;
  }

  ExchangeHouse house_;
  Retention retention_{10, 20, 5, 5, 15, 30};
  const std::string key_ = "civil-affairs/52310199MJ00000016/E1";
};

TEST_F(RetentionCases, EachStageInItsTime) {
  const std::string raw = Elder("E1", "李示例"), update = Update("U1");
  const std::string first = house_.Take("civil-affairs", raw);
  const std::string kept = house_.Take("health", update);
  ASSERT_EQ(Row("health/H1/U1")->state, InboxState::kParked);
  house_.clock().AdvanceMs(9 * kDay);
  Cull();
  EXPECT_FALSE(Row(key_)->blob.empty()) << "raw bytes stay ten days";

  house_.clock().AdvanceMs(2 * kDay);  // 11
  Cull();
  EXPECT_TRUE(Row(key_)->blob.empty());
  EXPECT_FALSE(Row("health/H1/U1")->blob.empty()) << "what is parked is not done with";
  EXPECT_TRUE(HasFact("lineage", key_));
  EXPECT_EQ(house_.Take("civil-affairs", raw), first) << "a repeat gets the answer that was given";
  EXPECT_EQ(house_.Take("health", update), kept);
  EXPECT_NE(house_.Take("civil-affairs", Elder("E1", "王示例")), first) << "and other content is still told apart";
  const auto again = house_.AskDesk("POST", "/messages/replay", R"({"keys":[")" + key_ + R"("]})");
  ASSERT_TRUE(again.ok());
  EXPECT_NE(again->json.find("exchange.raw-gone"), std::string::npos) << again->json;

  house_.clock().AdvanceMs(5 * kDay);  // 16
  Cull();
  EXPECT_FALSE(HasFact("lineage", key_));
  EXPECT_FALSE(HasFact("outputs", key_));

  house_.clock().AdvanceMs(5 * kDay);  // 21
  Cull();
  EXPECT_EQ(Row("health/H1/U1")->state, InboxState::kExpired);
  EXPECT_TRUE(Row("health/H1/U1")->blob.empty());
  EXPECT_EQ(FactsIn(kParkedSpace) + FactsIn(kParkedWaitsSpace) + FactsIn(kParkedDueSpace), 0u);
  EXPECT_EQ(house_.Take("health", update), kept) << "a repeat gets its answer still";

  house_.clock().AdvanceMs(10 * kDay);  // 31
  Cull();
  EXPECT_FALSE(Row(key_).has_value());
  EXPECT_FALSE(Row("health/H1/U1").has_value());
  EXPECT_EQ(FactsIn(kInboxIndexSpace), 0u);
  EXPECT_EQ(house_.Ask("GET", "/Patient?identifier=310199194002030026", "").status, 200) << "what it wrote stays";
  house_.Take("civil-affairs", raw);
  EXPECT_TRUE(Row(key_).has_value()) << "now it is a new message";
}

TEST_F(RetentionCases, WhatWasOpenAtTheTimeGoesLater) {
  house_.Take("health", Update("U2"));
  retention_.parked_days = 0;
  house_.clock().AdvanceMs(11 * kDay);
  house_.Take("civil-affairs", Elder("E1", "李示例"));
  Cull();
  ASSERT_EQ(Row("health/H1/U2")->state, InboxState::kParked);
  ASSERT_FALSE(Row("health/H1/U2")->blob.empty());
  house_.Ask("PUT", "/Patient/p", R"({"resourceType":"Patient","id":"p","identifier":[{"system":"https://heyi.example/fhir/id/hospital/patient","value":"H1-P5"}]})");
  const auto done = house_.AskDesk("POST", "/messages/replay", R"({"keys":["health/H1/U2"]})");
  ASSERT_TRUE(done.ok());
  for (int wait = 0; wait < 500 && Row("health/H1/U2")->state != InboxState::kDone; ++wait) ::usleep(10'000);
  ASSERT_EQ(Row("health/H1/U2")->state, InboxState::kDone);
  house_.clock().AdvanceMs(kDay);
  Cull();
  EXPECT_TRUE(Row("health/H1/U2")->blob.empty());
  EXPECT_FALSE(Row(key_)->blob.empty());
}

TEST_F(RetentionCases, NothingConfiguredNothingGoes) {
  retention_ = {};
  house_.Take("civil-affairs", Elder("E1", "李示例"));
  house_.clock().AdvanceMs(40'000 * kDay);
  const uint64_t t = house_.store().health().last_t;
  Cull();
  EXPECT_EQ(house_.store().health().last_t, t);
  EXPECT_FALSE(Row(key_)->blob.empty());
}

TEST_F(RetentionCases, OutboxRowsGoByTheTimeOfTheirEntry) {
  house_.Take("civil-affairs", Elder("E1", "李示例"));
  const auto add = [&](const std::string& department) {
    const uint64_t t = house_.store().health().last_t + 1;
    store::CommitDraft draft;
    audit::Leaf leaf;
    leaf.interaction = "deliver";
    draft.leaf = audit::EncodeLeaf(leaf);
    draft.facts.push_back({std::string(kDeliveredSpace), fmt::format("{}/{:016x}/0000", department, t), "m"});
    draft.facts.push_back({std::string(kDeadSpace), fmt::format("{}/{:016x}/0001", department, t), "m"});
    ASSERT_TRUE(house_.store().CommitAndWait(std::move(draft)).ok());
  };
  add("civil-affairs");
  add("insurance");
  house_.clock().AdvanceMs(4 * kDay);
  add("civil-affairs");
  house_.clock().AdvanceMs(2 * kDay);
  add("insurance");  // an entry of now behind the limit
  Cull();
  EXPECT_EQ(FactsIn(kDeliveredSpace), 2u);
  EXPECT_EQ(FactsIn(kDeadSpace), 2u);
}

}  // namespace
}  // namespace heyi::exchange
