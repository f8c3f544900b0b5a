// Subscriptions end to end: a server in this process, receivers on loopback ports.
#include <chrono>
#include <ctime>
#include <fstream>
#include <thread>

#include "base/file.h"
#include "tests/exchange/subscription_house.h"

namespace heyi::exchange {
namespace {

class Subscribed : public ::testing::Test {
 protected:
  Subscribed() : house_({receiver_.origin() + "/"}) {}

  void Subscribe(const std::string& who, const std::string& id, const std::string& body) {
    const HttpReply created = house_.Ask(who, "PUT", "/Subscription/" + id, body);
    ASSERT_EQ(created.status, 201) << created.body;
    ASSERT_EQ(created.Json().StringAt("status"), "requested");
    ASSERT_EQ(house_.WaitForStatus(who, id, "active"), "active");
  }
  void Put(const std::string& who, const std::string& target, const std::string& body) {
    const HttpReply written = house_.Ask(who, "PUT", target, body);
    ASSERT_TRUE(written.status == 200 || written.status == 201) << written.body;
  }
  void PutTask(const std::string& id, const std::string& status, const std::string& owner = "home") {
    Put("bureau", "/Task/" + id,
        R"({"resourceType":"Task","id":")" + id + R"(","status":")" + status +
            R"(","intent":"order","focus":{"reference":"ServiceRequest/s1"},"owner":{"reference":"Organization/)" +
            owner + R"("}})");
  }
  void PutPatient(const std::string& who, const std::string& id, const std::string& family) {
    Put(who, "/Patient/" + id,
        R"({"resourceType":"Patient","id":")" + id + R"(","name":[{"family":")" + family + R"("}]})");
  }
  void Quiet(size_t count) {
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    EXPECT_EQ(receiver_.all().size(), count);
  }

  Receiver receiver_;
  SubscriptionHouse house_;
};

TEST_F(Subscribed, CriteriaWithoutPayloadArePinged) {
  house_.Start();
  Subscribe("his", "s",
            CriteriaSubscription("s", "Patient?family=Wang", receiver_.origin() + "/ping?from=heyi",
                                 R"(,"header":["X-Key: a b","Authorization: Bearer r"])"));
  PutPatient("his", "p1", "Li");
  PutPatient("his", "p2", "Wang");
  PutPatient("his", "p1", "Wang");  // comes to match
  PutPatient("his", "p2", "Zhao");  // matches no more
  const auto received = receiver_.WaitFor(2);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].method, "POST");
  EXPECT_EQ(received[0].target, "/ping?from=heyi");
  EXPECT_EQ(received[0].body, "");
  EXPECT_EQ(received[0].headers.at("x-key"), "a b");
  EXPECT_EQ(received[0].headers.at("authorization"), "Bearer r");
  EXPECT_FALSE(received[0].headers.contains("content-type"));
  Quiet(2);
}

TEST_F(Subscribed, CriteriaWithPayloadBringTheResourceByPut) {
  house_.Start();
  Subscribe("his", "s",
            CriteriaSubscription("s", "Patient?family=Wang", receiver_.origin() + "/base/",
                                 R"(,"payload":"application/fhir+json")"));
  PutPatient("his", "p1", "Wang");
  PutPatient("his", "p1", "Wangjing");
  EXPECT_EQ(house_.Ask("his", "DELETE", "/Patient/p1").status, 204);
  const auto received = receiver_.WaitFor(2);
  ASSERT_EQ(received.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(received[i].method, "PUT");
    EXPECT_EQ(received[i].target, "/base/Patient/p1");
    EXPECT_EQ(received[i].headers.at("content-type"), "application/fhir+json");
    EXPECT_EQ(received[i].Json()["meta"].StringAt("versionId"), std::to_string(i + 1));
  }
  Quiet(2);
}

TEST_F(Subscribed, TopicShakesHandsAndTellsIds) {
  house_.Start();
  Subscribe(
      "bureau", "s",
      TopicSubscription("s", "referral-task", receiver_.origin() + "/t", "id-only", "Task?owner=Organization/home"));
  PutTask("t1", "requested");
  PutTask("t2", "requested", "elsewhere");  // filtered
  PutTask("t1", "requested");               // nothing that the topic means has changed
  PutTask("t1", "accepted");
  const auto received = receiver_.WaitFor(3);
  ASSERT_EQ(received.size(), 3u);
  const base::JsonValue shake = received[0].Json()["entry"].items().at(0)["resource"];
  EXPECT_EQ(StatusText(shake, "type"), "handshake");
  EXPECT_EQ(StatusText(shake, "status"), "requested");
  EXPECT_EQ(StatusText(shake, "events-since-subscription-start"), "0");
  EXPECT_EQ(StatusText(shake, "subscription"), house_.base() + "/Subscription/s");
  EXPECT_EQ(StatusText(shake, "topic"), "https://heyi.example/fhir/topic/referral-task");
  for (size_t i = 1; i < 3; ++i) {
    const base::JsonValue bundle = received[i].Json();
    EXPECT_EQ(received[i].method, "POST");
    EXPECT_EQ(received[i].target, "/t");
    EXPECT_EQ(bundle.StringAt("type"), "history");
    ASSERT_EQ(bundle["entry"].items().size(), 2u) << received[i].body;
    EXPECT_EQ(EventNumbers(bundle), std::vector<uint64_t>{i});
    const base::JsonValue& status = bundle["entry"].items()[0]["resource"];
    EXPECT_EQ(StatusText(status, "type"), "event-notification");
    EXPECT_EQ(StatusText(status, "status"), "active");
    const base::JsonValue& focus = bundle["entry"].items()[1];
    EXPECT_EQ(focus.StringAt("fullUrl"), house_.base() + "/Task/t1");
    EXPECT_EQ(focus["request"].StringAt("method"), "PUT");
    EXPECT_EQ(focus["response"].StringAt("status"), i == 1 ? "201" : "200");
    EXPECT_EQ(focus.Find("resource"), nullptr);
  }
  Quiet(3);
}

// Each notification is a valid FHIR resource, by our own validator.
TEST_F(Subscribed, EveryFormOfNotificationIsValid) {
  house_.Start();
  for (const std::string content : {"empty", "id-only", "full-resource"}) {
    Subscribe("bureau", content, TopicSubscription(content, "bed-status", receiver_.origin() + "/" + content, content));
  }
  Put("bureau", "/Location/b1",
      R"({"resourceType":"Location","id":"b1","status":"active","name":"1","mode":"instance","operationalStatus":{"system":"http://terminology.hl7.org/CodeSystem/v2-0116","code":"U"}})");
  std::map<std::string, size_t> entries;
  for (const Received& received : receiver_.WaitFor(6)) {
    const HttpReply verdict = house_.Ask("operator", "POST", "/Bundle/$validate", received.body);
    EXPECT_EQ(verdict.status, 200);
    const base::JsonValue outcome = verdict.Json();
    ASSERT_FALSE(outcome["issue"].items().empty());
    for (const base::JsonValue& issue : outcome["issue"].items()) {
      EXPECT_NE(issue.StringAt("severity"), "error") << verdict.body << received.body;
      EXPECT_NE(issue.StringAt("severity"), "fatal") << verdict.body;
    }
    const base::JsonValue bundle = received.Json();
    if (EventNumbers(bundle).empty()) continue;
    entries[received.target] = bundle["entry"].items().size();
    const base::JsonValue& status = bundle["entry"].items()[0]["resource"];
    const base::JsonValue event = StatusParameter(status, "notification-event");
    EXPECT_EQ(event["part"].items().size(), received.target == "/empty" ? 2u : 3u) << received.body;
    EXPECT_EQ(StatusText(status, "topic").empty(), received.target == "/empty");
    if (received.target == "/full-resource") {
      EXPECT_EQ(bundle["entry"].items()[1]["resource"].StringAt("id"), "b1");
    }
  }
  EXPECT_EQ(entries, (std::map<std::string, size_t>{{"/empty", 1}, {"/id-only", 2}, {"/full-resource", 2}}));
}

TEST_F(Subscribed, NoticesHaveTwoTypesAndADelete) {
  house_.Start();
  Subscribe("bureau", "s",
            TopicSubscription("s", "notice", receiver_.origin() + "/n", "full-resource",
                              "Communication?category=http://x|rating"));
  Put("bureau", "/Communication/c1",
      R"({"resourceType":"Communication","id":"c1","status":"completed","category":[{"coding":[{"system":"http://x","code":"rating"}]}]})");
  Put("bureau", "/Communication/c2",
      R"({"resourceType":"Communication","id":"c2","status":"completed","category":[{"coding":[{"system":"http://x","code":"other"}]}]})");
  Put("bureau", "/CommunicationRequest/r1", R"({"resourceType":"CommunicationRequest","id":"r1","status":"active"})");
  EXPECT_EQ(house_.Ask("bureau", "DELETE", "/CommunicationRequest/r1").status, 204);
  std::vector<std::string> told;
  for (int tries = 0; tries < 200 && told.size() < 3; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    told.clear();
    for (const Received& received : receiver_.all()) {
      const base::JsonValue bundle = received.Json();
      for (size_t i = 1; i < bundle["entry"].items().size(); ++i) {
        const base::JsonValue& entry = bundle["entry"].items()[i];
        told.push_back(std::string(entry["request"].StringAt("method")) + " " +
                       std::string(entry["request"].StringAt("url")) +
                       (entry.Find("resource") == nullptr ? "" : " with"));
      }
    }
  }
  EXPECT_EQ(told, (std::vector<std::string>{"PUT Communication/c1 with", "PUT CommunicationRequest/r1 with",
                                            "DELETE CommunicationRequest/r1"}));
}

TEST_F(Subscribed, PolicyDecidesOnEachEvent) {
  house_.Start();
  // Civil affairs may read the status of health's tasks, and none of its observations.
  Subscribe("bureau", "o", CriteriaSubscription("o", "Observation?", receiver_.origin() + "/o"));
  Subscribe("his", "h", CriteriaSubscription("h", "Observation?", receiver_.origin() + "/h"));
  const std::string observation = R"({"resourceType":"Observation","id":"ID","status":"final","code":{"text":"x"}})";
  const auto put = [&](const std::string& who, const std::string& id) {
    std::string body = observation;
    body.replace(body.find("ID"), 2, id);
    Put(who, "/Observation/" + id, body);
  };
  put("his", "of-health");
  put("bureau", "of-civil");
  EXPECT_EQ(receiver_.WaitFor(3).size(), 3u);
  Quiet(3);
  const auto counted = [&](const std::string& who, const std::string& id) {
    return StatusText(
        house_.Ask(who, "GET", "/Subscription/" + id + "/$status").Json()["entry"].items().at(0)["resource"],
        "events-since-subscription-start");
  };
  EXPECT_EQ(counted("bureau", "o"), "1");  // what was denied has no number
  EXPECT_EQ(counted("his", "h"), "2");
}

// Between an event's number and its delivery the policy may change: what it says then holds.
TEST_F(Subscribed, PolicyIsAskedAgainBeforeEachEgress) {
  house_.Start();
  Subscribe("bureau", "t", TopicSubscription("t", "referral-task", receiver_.origin() + "/t", "full-resource"));
  Subscribe("bureau", "r",
            CriteriaSubscription("r", "Task?", receiver_.origin() + "/r", R"(,"payload":"application/fhir+json")"));
  receiver_.Answer([](const Received&) { return 503; });
  PutTask("t1", "requested");
  const auto counted = [&](const std::string& id) {
    return StatusText(
        house_.Ask("bureau", "GET", "/Subscription/" + id + "/$status").Json()["entry"].items().at(0)["resource"],
        "events-since-subscription-start");
  };
  for (int tries = 0; tries < 200 && (counted("t") != "1" || counted("r") != "1"); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_EQ(counted("r"), "1");
  house_.Stop();
  const size_t before = receiver_.all().size();
  receiver_.Answer({});
  const std::string path = house_.directory() + "/district.policy";
  std::ofstream(path) << "deny test.task | * | civil-affairs | system | COC | read | Task | *\n"
                      << *base::ReadFile(HEYI_SOURCE_DIR "/policy/default.policy");
  house_.config().policy_file = path;
  house_.Start();
  const auto received = receiver_.WaitFor(before + 1);
  ASSERT_EQ(received.size(), before + 1);
  EXPECT_EQ(received.back().target, "/t");
  EXPECT_EQ(EventNumbers(received.back().Json()), std::vector<uint64_t>{1});  // no gap
  EXPECT_EQ(received.back().body.find("t1"), std::string::npos) << received.back().body;
  PutTask("t2", "requested");  // neither event nor number
  Quiet(before + 1);
  EXPECT_EQ(counted("t"), "1");
  EXPECT_EQ(received.back().body.find("Task/"), std::string::npos);
}

TEST_F(Subscribed, DeliveriesStandInTheAuditTrail) {
  house_.Start();
  Subscribe("his", "s",
            CriteriaSubscription("s", "Patient?family=Wang", receiver_.origin() + "/b",
                                 R"(,"payload":"application/fhir+json")"));
  PutPatient("his", "p1", "Wang");
  receiver_.WaitFor(1);
  for (int tries = 0; tries < 100; ++tries) {
    const HttpReply trail = house_.Ask("operator", "GET", "/AuditEvent?patient=Patient/p1");
    if (trail.body.find("\"notify\"") != std::string::npos) return SUCCEED();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  FAIL() << house_.Ask("operator", "GET", "/AuditEvent?patient=Patient/p1").body;
}

TEST_F(Subscribed, StatusAndEventsAreAsked) {
  house_.Start();
  Subscribe("bureau", "a", TopicSubscription("a", "referral-task", receiver_.origin() + "/t", "empty"));
  Subscribe("bureau", "b", CriteriaSubscription("b", "Task?status=rejected", receiver_.origin() + "/c"));
  for (int i = 1; i <= 5; ++i) PutTask("t" + std::to_string(i), "requested");
  ASSERT_EQ(receiver_.WaitFor(2).size() >= 2, true);
  const auto events = [&](const std::string& query) {
    return house_.Ask("bureau", "GET", "/Subscription/a/$events" + query).Json();
  };
  for (int tries = 0; tries < 100 && EventNumbers(events("")).size() < 5; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(EventNumbers(events("")), (std::vector<uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(events("")["entry"].items().size(), 1u);  // as the subscription has it: empty
  const base::JsonValue middle = events("?eventsSinceNumber=2&eventsUntilNumber=3&content=full-resource");
  EXPECT_EQ(EventNumbers(middle), (std::vector<uint64_t>{2, 3}));
  ASSERT_EQ(middle["entry"].items().size(), 3u);
  EXPECT_EQ(middle["entry"].items()[1]["resource"].StringAt("id"), "t2");
  EXPECT_EQ(StatusText(middle["entry"].items()[0]["resource"], "type"), "query-event");
  EXPECT_TRUE(EventNumbers(events("?eventsSinceNumber=6")).empty());
  EXPECT_EQ(house_.Ask("bureau", "GET", "/Subscription/a/$events?eventsSinceNumber=-1").status, 400);
  EXPECT_EQ(house_.Ask("bureau", "GET", "/Subscription/a/$events?content=all").status, 400);
  const HttpReply posted = house_.Ask(
      "bureau", "POST", "/Subscription/a/$events",
      R"({"resourceType":"Parameters","parameter":[{"name":"eventsSinceNumber","valueString":"5"},{"name":"content","valueCode":"id-only"}]})");
  EXPECT_EQ(EventNumbers(posted.Json()), std::vector<uint64_t>{5}) << posted.body;

  const auto told = [&](const std::string& who, const std::string& query) {
    std::vector<std::string> ids;
    const base::JsonValue bundle = house_.Ask(who, "GET", "/Subscription" + query).Json();
    for (const base::JsonValue& entry : bundle["entry"].items()) {
      ids.push_back(StatusText(entry["resource"], "subscription").substr(house_.base().size()));
    }
    return ids;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(told("bureau", "/$status"), (Ids{"/Subscription/a", "/Subscription/b"}));
  EXPECT_EQ(told("bureau", "/$status?id=b&id=nobody"), Ids{"/Subscription/b"});
  EXPECT_EQ(told("bureau", "/$status?status=error"), Ids{});
  EXPECT_EQ(told("bureau", "/a/$status"), Ids{"/Subscription/a"});
  EXPECT_EQ(told("his", "/$status"), Ids{});  // another department's
  EXPECT_EQ(house_.Ask("his", "GET", "/Subscription/a/$status").status, 404);
  EXPECT_EQ(house_.Ask("his", "GET", "/Subscription/a/$events").status, 404);
  EXPECT_EQ(house_.Ask("officer", "GET", "/Subscription/a/$events").status, 403);
}

TEST_F(Subscribed, TopicsAreAnnounced) {
  house_.Start();
  const base::JsonValue statement = house_.Ask("his", "GET", "/metadata").Json();
  for (const base::JsonValue& row : statement["rest"].items().at(0)["resource"].items()) {
    if (row.StringAt("type") != "Subscription") continue;
    std::vector<std::string> topics, operations;
    for (const base::JsonValue& extension : row["extension"].items()) {
      topics.emplace_back(extension.StringAt("valueCanonical"));
    }
    for (const base::JsonValue& operation : row["operation"].items()) {
      operations.emplace_back(operation.StringAt("name"));
    }
    EXPECT_EQ(topics,
              (std::vector<std::string>{
                  "https://heyi.example/fhir/topic/referral-task", "https://heyi.example/fhir/topic/service-request",
                  "https://heyi.example/fhir/topic/bed-status", "https://heyi.example/fhir/topic/notice"}));
    EXPECT_EQ(operations, (std::vector<std::string>{"status", "events"}));
    return;
  }
  FAIL();
}

TEST_F(Subscribed, FailingEndpointIsTriedAgainInOrder) {
  house_.Start();
  Subscribe("bureau", "s",
            TopicSubscription("s", "referral-task", receiver_.origin() + "/t", "id-only", "",
                              BackportNumber("backport-max-count", "\"valuePositiveInt\":2")));
  std::atomic<int> refusals = 5;
  receiver_.Answer([&](const Received&) { return refusals-- > 0 ? 500 : 200; });
  for (int i = 1; i <= 7; ++i) PutTask("t" + std::to_string(i), "requested");
  std::vector<uint64_t> taken;
  for (int tries = 0; tries < 500 && taken.size() < 7; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    taken.clear();
    const auto received = receiver_.all();
    for (size_t i = 1 + 5; i < received.size(); ++i) {  // behind the handshake and the refusals
      const auto numbers = EventNumbers(received[i].Json());
      EXPECT_LE(numbers.size(), 2u);
      taken.insert(taken.end(), numbers.begin(), numbers.end());
    }
  }
  EXPECT_EQ(taken, (std::vector<uint64_t>{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(house_.WaitForStatus("bureau", "s", "active"), "active");
}

TEST_F(Subscribed, GivesUpKeepsEventsAndGoesOnWhenAsked) {
  house_.limits().give_up_ms = 300;
  house_.Start();
  Subscribe("bureau", "s", TopicSubscription("s", "referral-task", receiver_.origin() + "/t", "id-only"));
  receiver_.Answer([](const Received&) { return 503; });
  PutTask("t1", "requested");
  ASSERT_EQ(house_.WaitForStatus("bureau", "s", "error"), "error");
  const HttpReply broken = house_.Ask("bureau", "GET", "/Subscription/s");
  EXPECT_NE(broken.Json().StringAt("error").find("HTTP 503"), std::string::npos) << broken.body;
  PutTask("t2", "requested");  // counted while in error
  const base::JsonValue status =
      house_.Ask("bureau", "GET", "/Subscription/s/$status").Json()["entry"].items().at(0)["resource"];
  EXPECT_EQ(StatusText(status, "status"), "error");
  EXPECT_NE(StatusParameter(status, "error")["valueCodeableConcept"].StringAt("text").find("503"), std::string::npos);
  receiver_.Answer({});
  const size_t before = receiver_.all().size();
  // As a client that reads, changes and writes back does it.
  std::string body = broken.body;
  body.replace(body.find("\"error\""), 7, "\"active\"");
  const HttpReply again = house_.Ask("bureau", "PUT", "/Subscription/s", body);
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.Json().StringAt("status"), "requested");
  ASSERT_EQ(house_.WaitForStatus("bureau", "s", "active"), "active");
  std::vector<uint64_t> numbers;
  for (int tries = 0; tries < 500 && numbers.size() < 2; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    numbers.clear();
    const auto received = receiver_.all();
    for (size_t i = before; i < received.size(); ++i) {
      const auto some = EventNumbers(received[i].Json());
      numbers.insert(numbers.end(), some.begin(), some.end());
    }
  }
  EXPECT_EQ(numbers, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(house_.Ask("bureau", "GET", "/Subscription/s").Json().StringAt("error"), "");
}

TEST_F(Subscribed, RefusedHandshakeIsAnError) {
  house_.Start();
  receiver_.Answer([](const Received&) { return 404; });
  ASSERT_EQ(house_
                .Ask("bureau", "PUT", "/Subscription/s",
                     TopicSubscription("s", "bed-status", receiver_.origin() + "/t", "empty"))
                .status,
            201);
  EXPECT_EQ(house_.WaitForStatus("bureau", "s", "error"), "error");
  EXPECT_NE(house_.Ask("bureau", "GET", "/Subscription/s").Json().StringAt("error").find("HTTP 404"),
            std::string::npos);
  EXPECT_GE(receiver_.all().size(), 2u);  // it was tried again first
}

// A worker that looked again and again at what is not due would use a core.
TEST_F(Subscribed, SleepsWhenNothingIsDue) {
  house_.Start();
  Subscribe("bureau", "s", TopicSubscription("s", "bed-status", receiver_.origin() + "/t", "id-only", ""));
  ASSERT_EQ(house_.WaitForStatus("bureau", "s", "active"), "active");
  const auto cpu_ms = [] { return static_cast<int64_t>(std::clock()) * 1'000 / CLOCKS_PER_SEC; };  // of all threads
  const int64_t before = cpu_ms();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_LT(cpu_ms() - before, 400);
}

TEST_F(Subscribed, HeartbeatsWhenNothingHappens) {
  house_.Start();
  Subscribe("bureau", "s",
            TopicSubscription("s", "bed-status", receiver_.origin() + "/t", "id-only", "",
                              BackportNumber("backport-heartbeat-period", "\"valueUnsignedInt\":1")));
  const auto received = receiver_.WaitFor(3);
  ASSERT_GE(received.size(), 3u);
  EXPECT_EQ(StatusText(received[0].Json()["entry"].items().at(0)["resource"], "type"), "handshake");
  for (size_t i = 1; i < 3; ++i) {
    const base::JsonValue beat = received[i].Json()["entry"].items().at(0)["resource"];
    EXPECT_EQ(StatusText(beat, "type"), "heartbeat");
    EXPECT_EQ(StatusText(beat, "status"), "active");
    EXPECT_EQ(StatusText(beat, "events-since-subscription-start"), "0");
  }
}

TEST_F(Subscribed, EndsAtItsEndAndWhenTurnedOff) {
  house_.Start();
  const std::string end = base::FormatInstant(base::SystemClock().NowMs() + 1'200);
  std::string body = CriteriaSubscription("s", "Patient?", receiver_.origin() + "/p");
  body.insert(body.find(",\"criteria\""), ",\"end\":\"" + end + "\"");
  Subscribe("his", "s", body);
  ASSERT_EQ(house_.WaitForStatus("his", "s", "off"), "off");
  PutPatient("his", "p1", "Wang");
  // Its end has passed: it cannot be asked for again as it stands.
  EXPECT_EQ(house_.Ask("his", "PUT", "/Subscription/s", body).status, 422);

  Subscribe("his", "o", CriteriaSubscription("o", "Patient?", receiver_.origin() + "/p"));
  PutPatient("his", "p1", "Li");
  EXPECT_EQ(receiver_.WaitFor(1).size(), 1u);
  std::string off = CriteriaSubscription("o", "Patient?", receiver_.origin() + "/p");
  off.replace(off.find("requested"), 9, "off");
  ASSERT_EQ(house_.Ask("his", "PUT", "/Subscription/o", off).status, 200);
  PutPatient("his", "p1", "Zhao");
  Quiet(1);
}

TEST_F(Subscribed, ADeletedOneIsForgottenAndBeginsAnew) {
  house_.Start();
  Subscribe("bureau", "s", TopicSubscription("s", "referral-task", receiver_.origin() + "/t", "id-only"));
  PutTask("t1", "requested");
  PutTask("t2", "requested");
  receiver_.WaitFor(3);
  ASSERT_EQ(house_.Ask("bureau", "DELETE", "/Subscription/s").status, 204);
  PutTask("t3", "requested");
  Subscribe("bureau", "s", TopicSubscription("s", "referral-task", receiver_.origin() + "/again", "id-only"));
  PutTask("t4", "requested");
  std::vector<uint64_t> numbers;
  for (int tries = 0; tries < 200 && numbers.empty(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (const Received& received : receiver_.all()) {
      if (received.target != "/again") continue;
      for (uint64_t number : EventNumbers(received.Json())) numbers.push_back(number);
    }
  }
  EXPECT_EQ(numbers, std::vector<uint64_t>{1});
}

// Takes requests and never answers.
class DeadReceiver : public Receiver {
 public:
  DeadReceiver() {
    Answer([](const Received&) { return 0; });
  }
};

class SubscribedBesideTheDead : public Subscribed {
 protected:
  // Six subscriptions go to the dead, one to the living: how long its next ten events take when all are known for what
  // they are.
  std::chrono::milliseconds TenEventsTake(const std::vector<std::unique_ptr<DeadReceiver>>& dead) {
    for (const auto& one : dead) house_.allowed().push_back(one->origin());
    house_.limits().workers = 4;
    house_.limits().timeout_ms = 1'000;
    house_.Start();
    for (size_t i = 0; i < 6; ++i) {
      const std::string id = "dead-" + std::to_string(i);
      Subscribe("his", id, CriteriaSubscription(id, "Patient?", dead[i % dead.size()]->origin() + "/p"));
    }
    Subscribe("his", "quick", CriteriaSubscription("quick", "Patient?", receiver_.origin() + "/p"));
    PutPatient("his", "p0", "Wang");
    receiver_.WaitFor(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(3'500));
    const auto begun = std::chrono::steady_clock::now();
    for (size_t i = 1; i <= 10; ++i) {  // one by one: each needs a thread anew
      PutPatient("his", "p" + std::to_string(i), "Wang");
      EXPECT_EQ(receiver_.WaitFor(1 + i).size(), 1 + i);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  }
};

TEST_F(SubscribedBesideTheDead, OneHostHoldsUpNobody) {
  std::vector<std::unique_ptr<DeadReceiver>> dead;
  dead.push_back(std::make_unique<DeadReceiver>());
  EXPECT_LT(TenEventsTake(dead), std::chrono::milliseconds(1'500));
}

TEST_F(SubscribedBesideTheDead, SeveralHostsHoldUpNobody) {
  std::vector<std::unique_ptr<DeadReceiver>> dead;
  for (int i = 0; i < 6; ++i) dead.push_back(std::make_unique<DeadReceiver>());
  EXPECT_LT(TenEventsTake(dead), std::chrono::milliseconds(1'500));
}

TEST_F(Subscribed, AHangingReceiverDoesNotHoldUpTheEnd) {
  house_.limits().timeout_ms = 30'000;
  house_.Start();
  Subscribe("bureau", "s", TopicSubscription("s", "referral-task", receiver_.origin() + "/t", "id-only"));
  receiver_.Answer([](const Received&) { return 0; });
  PutTask("t1", "requested");
  ASSERT_EQ(receiver_.WaitFor(2).size(), 2u);
  const auto begun = std::chrono::steady_clock::now();
  house_.Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(8));
  receiver_.Answer({});
  house_.Start();
  const auto received = receiver_.WaitFor(3);
  ASSERT_EQ(received.size(), 3u);
  EXPECT_EQ(EventNumbers(received[2].Json()), std::vector<uint64_t>{1});  // as if it had not been begun
}

TEST_F(Subscribed, RedirectsAreNotFollowed) {
  Receiver elsewhere;
  house_.Start();
  Subscribe("his", "s", CriteriaSubscription("s", "Patient?", receiver_.origin() + "/p"));
  receiver_.redirect_ = elsewhere.origin() + "/p";
  for (int status : {301, 302, 303, 307, 308}) {
    receiver_.Answer([status](const Received&) { return status; });
    const size_t before = receiver_.all().size();
    PutPatient("his", "p1", "Wang" + std::to_string(status));
    receiver_.WaitFor(before + 2);
  }
  EXPECT_EQ(elsewhere.connections(), 0u);
}

TEST_F(Subscribed, OthersDoNotTakeItOver) {
  house_.Start();
  Subscribe("his", "s", CriteriaSubscription("s", "Patient?", receiver_.origin() + "/mine"));
  const HttpReply taken = house_.Ask("his-b", "PUT", "/Subscription/s",
                                 CriteriaSubscription("s", "Patient?", receiver_.origin() + "/theirs"));
  EXPECT_EQ(taken.status, 403) << taken.body;
  EXPECT_EQ(house_
                .Ask("operator", "PUT", "/Subscription/s",
                     CriteriaSubscription("s", "Patient?", receiver_.origin() + "/moved"))
                .status,
            200);
}

TEST_F(Subscribed, KeepsSoManyEventsAndSaysWhatWasLost) {
  house_.limits().events_kept = 3;
  house_.limits().give_up_ms = 60'000;
  house_.Start();
  Subscribe("bureau", "s", TopicSubscription("s", "referral-task", receiver_.origin() + "/t", "id-only"));
  receiver_.Answer([](const Received&) { return 500; });
  for (int i = 1; i <= 5; ++i) PutTask("t" + std::to_string(i), "requested");
  ASSERT_EQ(house_.WaitForStatus("bureau", "s", "error"), "error");
  const HttpReply lost = house_.Ask("bureau", "GET", "/Subscription/s");
  EXPECT_NE(lost.Json().StringAt("error").find("Events 1-"), std::string::npos) << lost.body;
  EXPECT_EQ(EventNumbers(house_.Ask("bureau", "GET", "/Subscription/s/$events").Json()),
            (std::vector<uint64_t>{3, 4, 5}));
}

TEST_F(Subscribed, NoMoreThanAllowed) {
  house_.limits().subscriptions_max = 2;
  house_.Start();
  for (const std::string id : {"a", "b"}) {
    Subscribe("his", id, CriteriaSubscription(id, "Patient?", receiver_.origin() + "/p"));
  }
  EXPECT_EQ(
      house_.Ask("his", "PUT", "/Subscription/c", CriteriaSubscription("c", "Patient?", receiver_.origin() + "/p"))
          .status,
      422);
  EXPECT_EQ(house_
                .Ask("his", "PUT", "/Subscription/a",
                     CriteriaSubscription("a", "Patient?active=true", receiver_.origin() + "/p"))
                .status,
            200);
}

}  // namespace
}  // namespace heyi::exchange
