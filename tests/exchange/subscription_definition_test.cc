// What a Subscription asks for: understood or refused, case by case, and which changes concern it.
#include "base/file.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "exchange/subscription/definition.h"
#include "tests/exchange/subscription_bench.h"

namespace heyi::exchange {
namespace {

base::JsonValue Cases(const std::string& name) {
  auto text = base::ReadFile(std::string(HEYI_SOURCE_DIR) + "/tests/data/exchange/subscription/" + name);
  EXPECT_TRUE(text.ok()) << name;
  auto json = base::ParseJson(std::move(*text));
  EXPECT_TRUE(json.ok()) << name;
  return std::move(*json);
}

class Definitions : public ::testing::Test {
 protected:
  fhir::Tree TreeOf(const base::JsonValue& json) const {
    auto tree = fhir::ParseResource(base::WriteJson(json), TestParameters()->definitions());
    EXPECT_TRUE(tree.ok()) << base::WriteJson(json) << (tree.ok() ? "" : tree.error().outcome.issues().front().rule);
    return std::move(*tree);
  }

  const Topics topics_ = Topics::Compile(Topics::DistrictRows(), *TestParameters()).value();
  const std::vector<std::string> allowed_ = {"http://127.0.0.1:8091/"};
  const SubscriptionLimits limits_;
  const SubscriptionTerms terms_{*TestParameters(), topics_, allowed_, limits_};
};

TEST_F(Definitions, AreUnderstoodOrRefused) {
  const base::JsonValue cases = Cases("definitions.json");
  ASSERT_GE(cases.items().size(), 50u);
  for (const base::JsonValue& one : cases.items()) {
    const auto read = ReadSubscription(TreeOf(one["resource"]), terms_);
    std::vector<std::string> issues, wanted;
    if (!read.ok()) {
      EXPECT_EQ(read.error().kind, base::ErrorKind::kInvalid);
      for (const base::Issue& issue : read.error().outcome.issues()) {
        issues.push_back(issue.rule + " " + issue.expression);
      }
    }
    for (const base::JsonValue& issue : one["issues"].items()) wanted.push_back(issue.text());
    EXPECT_EQ(issues, wanted) << one.StringAt("case");
  }
}

TEST_F(Definitions, AreConcernedByTheRightChanges) {
  const base::JsonValue cases = Cases("changes.json");
  ASSERT_GE(cases.items().size(), 40u);
  for (const base::JsonValue& one : cases.items()) {
    const auto read = ReadSubscription(TreeOf(one["subscription"]), terms_);
    ASSERT_TRUE(read.ok()) << one.StringAt("case");
    std::optional<fhir::Tree> current, previous;
    if (one.Find("current") != nullptr) current = TreeOf(one["current"]);
    if (one.Find("previous") != nullptr) previous = TreeOf(one["previous"]);
    const fhir::Tree& known = current ? *current : *previous;
    const ResourceChange change{!current   ? ChangeKind::kDelete
                                : previous ? ChangeKind::kUpdate
                                           : ChangeKind::kCreate,
                                known.type(),
                                std::string(known.id()),
                                current ? &*current : nullptr,
                                previous ? &*previous : nullptr,
                                0};
    EXPECT_EQ(Concerns(*read, change), one["concerns"].is_true()) << one.StringAt("case");
  }
}

TEST_F(Definitions, TakeTheirNumbersFromExtensions) {
  const base::JsonValue cases = Cases("definitions.json");
  for (const base::JsonValue& one : cases.items()) {
    if (one.StringAt("case") != "numbers" && one.StringAt("case") != "topic, empty") continue;
    const auto read = ReadSubscription(TreeOf(one["resource"]), terms_);
    ASSERT_TRUE(read.ok());
    const bool given = one.StringAt("case") == "numbers";
    EXPECT_EQ(read->heartbeat_s, given ? 60u : 0u);
    EXPECT_EQ(read->timeout_ms, given ? 5'000u : limits_.timeout_ms);
    EXPECT_EQ(read->batch_events, given ? 10u : limits_.batch_events);
  }
}

TEST(TopicTable, IsCheckedAsItIsCompiled) {
  const auto rule = [](TopicRow row) {
    const auto compiled = Topics::Compile({row}, *TestParameters());
    return compiled.ok() ? std::string() : compiled.error().outcome.issues().front().rule;
  };
  EXPECT_EQ(rule({"https://t", "Task", 1, "status=requested", "%current.status = 'requested'", "owner"}), "");
  EXPECT_EQ(rule({"https://t", "Tasks", 1, "", "", ""}), "subscription.topic-table");
  EXPECT_EQ(rule({"https://t", "Task", 1, "", "", "colour"}), "subscription.topic-table");
  EXPECT_EQ(rule({"https://t", "Task", 1, "colour=red", "", "owner"}), "search.unknown-parameter");
  EXPECT_EQ(rule({"https://t", "Task", 1, "", "%later.status", "owner"}), "path.unknown-variable");
}

TEST(SubscriptionLedger, RowsComeBackAsTheyWere) {
  SubscriberRow subscriber{
      7, "error", {"a", "b", "c", "d", "e", "f"}, {"g", "", "h", "i", "", "j"}, 3, 9'007'199'254'740'993ull, 12};
  auto again = DecodeSubscriberRow(EncodeSubscriberRow(subscriber));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(EncodeSubscriberRow(*again), EncodeSubscriberRow(subscriber));
  EXPECT_EQ(again->events, subscriber.events);
  EXPECT_EQ(again->writer.purpose, "j");
  const EventRow event{ChangeKind::kDelete, "Task", "t1", 4, -5, 2, {1, UINT64_MAX}, "civil.read"};
  auto event_again = DecodeEventRow(EncodeEventRow(event));
  ASSERT_TRUE(event_again.ok());
  EXPECT_EQ(EncodeEventRow(*event_again), EncodeEventRow(event));
  EXPECT_EQ(event_again->elders, event.elders);
  EXPECT_EQ(DecodeDeliveryRow(EncodeDeliveryRow({4, 5, 6}))->failing_since_ms, 6);
  EXPECT_LT(EventKey("s", 9), EventKey("s", 16));
  for (const char* broken : {"", "[]", "{", "x"}) {
    EXPECT_FALSE(DecodeSubscriberRow(broken).ok());
    EXPECT_FALSE(DecodeEventRow(broken).ok());
    EXPECT_FALSE(DecodeDeliveryRow(broken).ok());
  }
}

}  // namespace
}  // namespace heyi::exchange
