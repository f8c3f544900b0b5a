// The Bundles, byte for byte: golden files (HEYI_UPDATE=1 writes them anew), each valid by our own validator.
#include <cstdlib>

#include "base/file.h"
#include "conformance/knowledge.h"
#include "exchange/subscription/notification.h"
#include "fhir/json/parse.h"
#include "tests/exchange/subscription_bench.h"

namespace heyi::exchange {
namespace {

constexpr base::TimeMs kWhen = 1'795'500'000'000;

// Three versions of one Task, and one that is gone.
class Notifications : public ::testing::Test {
 protected:
  Notifications() : bench_({}, /*checked=*/false) {
    for (const char* status : {"requested", "accepted"}) {
      const auto written =
          bench_.Put("Task", "t1",
                     std::string(R"({"resourceType":"Task","id":"t1","status":")") + status + R"(","intent":"order"})");
      EXPECT_LT(written.status, 300) << written.body;
    }
  }

  std::vector<NumberedEvent> Events() const {
    EventRow made{ChangeKind::kCreate, "Task", "t1", 1, kWhen, 1, {7}, "civil.read"};
    EventRow changed{ChangeKind::kUpdate, "Task", "t1", 2, kWhen + 1'000, 1, {7}, "civil.read"};
    EventRow hidden{ChangeKind::kUpdate, "Task", "t2", 9, kWhen + 2'000, 2, {}, "civil.status"};
    EventRow gone{ChangeKind::kDelete, "Task", "t3", 4, kWhen + 3'000, 1, {}, "civil.read"};
    return {{12, made}, {13, changed}, {14, hidden}, {15, gone}};
  }

  std::vector<NotifiedEvent> Filled(NoticeContent content) {
    const auto may_read = [](const EventRow& row) { return row.policy_row != "civil.status"; };
    auto filled = FillEvents(*bench_.store().Now(), TestParameters()->definitions(), Events(), content, may_read);
    EXPECT_TRUE(filled.ok());
    return std::move(*filled);
  }

  static SubscriptionStatus Status(std::string_view type, NoticeContent content) {
    SubscriptionStatus status;
    status.base_url = "https://heyi.example/fhir";
    status.id = "s1";
    status.topic = content == NoticeContent::kEmpty ? "" : "https://heyi.example/fhir/topic/referral-task";
    status.status = type == "handshake" ? "requested" : "active";
    status.type = type;
    status.events = 15;
    status.content = content;
    return status;
  }

  void Compare(const std::string& name, std::string got) {
    // When a test ran is the one thing that differs.
    for (size_t at = 0; (at = got.find("\"lastUpdated\":\"", at)) != std::string::npos; at += 15) {
      got.replace(at + 15, got.find('"', at + 15) - at - 15, "2026-11-24T00:00:00.000+08:00");
    }
    const std::string path =
        std::string(HEYI_SOURCE_DIR) + "/tests/data/exchange/subscription/notifications/" + name + ".json";
    auto json = base::ParseJson(got);
    ASSERT_TRUE(json.ok()) << got;
    const std::string pretty = base::WriteJson(*json, /*pretty=*/true) + "\n";
    if (std::getenv("HEYI_UPDATE") != nullptr) {
      ASSERT_TRUE(base::WriteFileDurably(path, pretty, 0644).ok());
    }
    auto wanted = base::ReadFile(path);
    ASSERT_TRUE(wanted.ok()) << path;
    EXPECT_EQ(pretty, *wanted) << name;
    Validate(name, got);
  }

  void Validate(const std::string& name, const std::string& text) {
    static const auto knowledge = [] {
      auto opened = conformance::Knowledge::Open(TestParameters()->definitions(),
                                                 {HEYI_BINARY_DIR "/heyi-r4.definitions"}, {}, nullptr);
      return std::move(*opened);
    }();
    auto tree = fhir::ParseResource(text, TestParameters()->definitions());
    ASSERT_TRUE(tree.ok()) << name;
    base::Outcome outcome;
    knowledge->validator().Validate(*tree, {}, nullptr, kWhen, outcome);
    for (const base::Issue& issue : outcome.issues()) {
      EXPECT_TRUE(issue.severity == base::Severity::k_warning || issue.severity == base::Severity::k_information)
          << name << " " << issue.rule << " " << issue.expression << " " << issue.detail;
    }
  }

  SubscriptionBench bench_;
};

TEST_F(Notifications, LookAsTheirGoldenFiles) {
  constexpr std::pair<std::string_view, NoticeContent> kForms[] = {
      {"empty", NoticeContent::kEmpty}, {"id-only", NoticeContent::kIdOnly}, {"full-resource", NoticeContent::kFull}};
  for (const auto& [name, content] : kForms) {
    Compare(std::string(name), NotificationJson(Status("event-notification", content), Filled(content), kWhen + 5'000));
  }
  Compare("handshake", NotificationJson(Status("handshake", NoticeContent::kIdOnly), {}, kWhen));
  Compare("heartbeat", NotificationJson(Status("heartbeat", NoticeContent::kEmpty), {}, kWhen));
  SubscriptionStatus broken = Status("query-status", NoticeContent::kIdOnly);
  broken.status = "error";
  broken.error = "Notifications were not taken for too long: HTTP 503";
  Compare("status-error", StatusJson(broken, {}));
}

TEST_F(Notifications, TellNothingOfWhatIsWithheld) {
  for (NoticeContent content : {NoticeContent::kEmpty, NoticeContent::kIdOnly, NoticeContent::kFull}) {
    const std::string text = NotificationJson(Status("event-notification", content), Filled(content), kWhen);
    EXPECT_EQ(text.find("t2"), std::string::npos) << text;
    EXPECT_NE(text.find("\"14\""), std::string::npos) << text;  // its number stands: no gap
    if (content == NoticeContent::kEmpty) {
      EXPECT_EQ(text.find("Task"), std::string::npos) << text;
    }
  }
}

TEST_F(Notifications, AreTheSameForTheSameState) {
  const auto once =
      NotificationJson(Status("event-notification", NoticeContent::kIdOnly), Filled(NoticeContent::kIdOnly), kWhen);
  EXPECT_EQ(once, NotificationJson(Status("event-notification", NoticeContent::kIdOnly), Filled(NoticeContent::kIdOnly),
                                   kWhen));
  EXPECT_NE(StatusId(Status("heartbeat", NoticeContent::kIdOnly), {}),
            StatusId(Status("handshake", NoticeContent::kIdOnly), {}));
}

// More than the follower commits at a time, in one entry.
TEST(SubscriptionFollowing, AnEntryLargerThanARoundIsCountedOnce) {
  constexpr size_t kPatients = 3'000, kSubscriptions = 4;
  SubscriptionBench bench({"http://127.0.0.1:9/"}, /*checked=*/false);  // nobody listens there
  for (size_t i = 0; i < kSubscriptions; ++i) {
    const std::string id = "s" + std::to_string(i);
    const std::string body =
        R"({"resourceType":"Subscription","id":")" + id +
        R"(","status":"requested","reason":"r","criteria":"Patient?","channel":{"type":"rest-hook","endpoint":"http://127.0.0.1:9/x"}})";
    ASSERT_EQ(bench.Put("Subscription", id, body).status, 201);
    ASSERT_EQ(bench.WaitForStatus(id, "active"), "active");
  }
  std::string bundle = R"({"resourceType":"Bundle","type":"transaction","entry":[)";
  for (size_t i = 0; i < kPatients; ++i) {
    const std::string id = "p" + std::to_string(i);
    bundle += (i == 0 ? "" : ",") + (R"({"resource":{"resourceType":"Patient","id":")" + id +
                                     R"("},"request":{"method":"PUT","url":"Patient/)" + id + "\"}}");
  }
  ASSERT_EQ(bench.Post(bundle + "]}").status, 200);
  const auto counted = [&](size_t i) {
    const auto row = FindSubscriber(*bench.store().Now(), "s" + std::to_string(i));
    return row.ok() && *row ? (*row)->events : 0;
  };
  for (int tries = 0; tries < 2'000 && counted(kSubscriptions - 1) < kPatients; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  for (size_t i = 0; i < kSubscriptions; ++i) {
    EXPECT_EQ(counted(i), kPatients);
    const auto events = ReadEvents(*bench.store().Now(), "s" + std::to_string(i), 1, kPatients * 2, kPatients * 2);
    ASSERT_TRUE(events.ok());
    ASSERT_EQ(events->size(), kPatients);
    std::set<std::string> told;
    for (size_t n = 0; n < kPatients; ++n) {
      EXPECT_EQ((*events)[n].number, n + 1);
      told.insert((*events)[n].row.id);
    }
    EXPECT_EQ(told.size(), kPatients);
  }
}

}  // namespace
}  // namespace heyi::exchange
