// Channels of the running server: messages by folder, MLLP and HTTP, what operators see and order, and what a restart keeps.
#include <fmt/format.h>

#include <atomic>
#include <fstream>
#include <mutex>

#include "adapters/message.h"
#include "base/digest.h"
#include "exchange/folder/manifest.h"
#include "net/mllp_client.h"
#include "tests/net/wire.h"
#include "tests/server/running_house.h"

namespace heyi::server {
namespace {

using base::JsonValue;

// The bureau: takes every message and remembers its id, or answers 503 while it is down.
class BureauHandler : public net::Echo {
 public:
  void Handle(net::Request request, std::unique_ptr<net::Responder> responder) override {
    if (down) return responder->Send({503, {}, ""});
    auto message = adapters::CivilAdapter().Read(request.body);
    EXPECT_TRUE(message.ok());
    adapters::Acknowledgement ack;
    ack.ref_message_id = "MZ-1";
    if (refusing) {
      ack.verdict = adapters::Verdict::kRefused;
      ack.outcome.Add("exchange.unknown-referral", {}, "R1");
    } else {
      const std::lock_guard lock(mutex_);
      ids_.push_back(message->id);
    }
    responder->Send({200, {}, adapters::CivilAdapter().Answer(request.body, &*message, ack)});
  }
  std::vector<std::string> ids() {
    const std::lock_guard lock(mutex_);
    return ids_;
  }
  std::atomic<bool> down{false}, refusing{false};

 private:
  std::mutex mutex_;
  std::vector<std::string> ids_;
};

base::Caller Hospital() { return {"folder-hospital", "", "health", "clinician", "", "TREAT"}; }

class Channels : public ::testing::Test {
 protected:
  Channels()
      : house_([this](Config& config, const std::string& directory) {
          exchange::Route& civil = config.outbound.at(0);
          civil.url = fmt::format("http://127.0.0.1:{}/civil", bureau_->port());
          civil.retry = {20, 100};
          civil.breaker = {3, 50, 100};
          config.outbound_allowed = {civil.url};
          exchange::Route files = civil;
          files.name = "civil-files";
          files.kind = exchange::ChannelKind::kFolder;
          files.directory = directory + "/out";
          std::filesystem::create_directory(files.directory);
          config.outbound.push_back(files);
          std::filesystem::create_directory(directory + "/watched");
          config.folders.push_back({"hospital-files", directory + "/watched", "health", Hospital()});
        }) {}

  testing::Answer Ask(std::string method, std::string_view target, std::string body = {}, const std::string& who = "operator") {
    net::ClientRequest request;
    request.method = std::move(method);
    request.body = std::move(body);
    request.headers = {{"Authorization", "Bearer " + house_.Token(who)}};
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/fhir+json");
    return house_.Ask(std::move(request), target);
  }
  JsonValue Json(std::string method, std::string_view target, std::string body = {}) {
    const testing::Answer answer = Ask(std::move(method), target, std::move(body));
    EXPECT_EQ(answer.status, 200) << target << " " << answer.body;
    auto json = base::ParseJson(answer.body);
    return json.ok() ? *json : JsonValue();
  }
  std::string Shown(const std::string& channel, std::string_view member) {
    return std::string(Json("GET", "/exchange/channels/" + channel).StringAt(member));
  }

  // A bed that the bureau is told of.
  void PutBed(const std::string& id) {
    Ask("PUT", "/fhir/Organization/home",
        R"({"resourceType":"Organization","id":"home","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"52310199MJ00000016"}]})");
    const testing::Answer put = Ask(
        "PUT", "/fhir/Location/" + id,
        R"({"resourceType":"Location","id":")" + id + R"(","name":"7","status":"active","mode":"instance","operationalStatus":)"
        R"({"system":"http://terminology.hl7.org/CodeSystem/v2-0116","code":"U"},"managingOrganization":{"reference":"Organization/home"},)"
        R"("type":[{"coding":[{"system":"https://heyi.example/fhir/cs/bed-kind","code":"care-home"}]}]})");
    EXPECT_EQ(put.status, 201) << put.body;
  }

  static std::string Adt(const std::string& id) {
    std::string message = *base::ReadFile(HEYI_SOURCE_DIR "/tests/data/mapping/health/ADT_A01/new_elder/in.hl7");
    message.replace(message.find("MSG1"), 4, id);
    return message;
  }
  void HandIn(const std::string& name, const std::string& bytes) {
    const std::string in = house_.directory() + "/watched/in/";
    std::ofstream(in + name, std::ios::binary) << bytes;
    std::ofstream(in + "manifest.tsv", std::ios::app) << exchange::WriteManifestLine({name, base::ToHex(base::Sha256(bytes)), bytes.size()}) << "\n";
  }
  std::string Text(const std::string& path) {
    const auto text = base::ReadFile(house_.directory() + "/" + path);
    return text.ok() ? *text : "-";
  }

  BureauHandler bureau_handler_;
  std::unique_ptr<net::HttpServer> bureau_ = net::StartServer(bureau_handler_, {}, 1);
  RunningHouse house_;
};

TEST_F(Channels, AFolderHandsInWhatHttpWould) {
  HandIn("1.msg", Adt("F1"));
  ASSERT_TRUE(net::Eventually([&] { return Text("watched/done/1.msg.ack") != "-"; }));
  EXPECT_NE(Text("watched/done/1.msg.ack").find("MSA|AA|F1"), std::string::npos) << Text("watched/done/1.msg.ack");
  EXPECT_EQ(Json("GET", "/fhir/Patient?_total=accurate&_count=1").StringAt("total"), "1");
  HandIn("2.msg", "MSH|nonsense");
  HandIn("3.msg", Adt("F1"));
  ASSERT_TRUE(net::Eventually([&] { return Text("watched/done/3.msg.ack") != "-" && Text("watched/refused/2.msg.ack") != "-"; }));
  EXPECT_EQ(Text("watched/done/3.msg.ack"), Text("watched/done/1.msg.ack")) << "a repeat is answered alike";
  EXPECT_EQ(Shown("hospital-files", "taken"), "2");
  EXPECT_EQ(Shown("hospital-files", "refused"), "1");
  const JsonValue listed = Json("GET", "/exchange/messages?state=done");
  ASSERT_EQ(listed["messages"].items().size(), 1u);
  EXPECT_EQ(listed["messages"].items()[0].StringAt("client"), "folder-hospital");
}

TEST_F(Channels, PausedWaysInSayLaterAndARestartKeepsThat) {
  for (const char* channel : {"http", "hospital-mllp", "hospital-files"}) {
    const std::string at = std::string("/exchange/channels/") + channel;
    EXPECT_TRUE(Json("POST", at + "/pause")["changed"].is_true());
    EXPECT_FALSE(Json("POST", at + "/pause")["changed"].is_true()) << "it was already";
  }
  house_.Restart();
  EXPECT_EQ(Shown("http", "state"), "paused");
  HandIn("1.msg", Adt("P1"));
  const auto send = [&](const std::string& id) {
    net::MllpClient client({"127.0.0.1", house_.mllp_port(), 1'000, 5'000});
    const auto answer = client.Send(Adt(id), [](std::string_view) { return true; });
    return answer.ok() ? *answer : "-";
  };
  const std::string by_mllp = send("P2");
  EXPECT_EQ(by_mllp.find("MSA|AA"), std::string::npos) << by_mllp;
  EXPECT_NE(by_mllp.find("exchange.paused"), std::string::npos) << by_mllp;
  const testing::Answer by_http = Ask("POST", "/exchange/health", Adt("P3"), "hospital");
  EXPECT_EQ(by_http.status, 503);
  EXPECT_NE(by_http.body.find("exchange.paused"), std::string::npos) << by_http.body;
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  EXPECT_EQ(Text("watched/done/1.msg.ack"), "-");
  EXPECT_EQ(Shown("hospital-files", "waiting"), "1");
  EXPECT_EQ(Json("GET", "/exchange/messages")["messages"].items().size(), 0u) << "nothing was kept";
  for (const char* channel : {"http", "hospital-mllp", "hospital-files"}) Json("POST", std::string("/exchange/channels/") + channel + "/resume");
  EXPECT_NE(send("P2").find("MSA|AA"), std::string::npos);
  EXPECT_EQ(Ask("POST", "/exchange/health", Adt("P3"), "hospital").status, 200);
  EXPECT_TRUE(net::Eventually([&] { return Text("watched/done/1.msg.ack") != "-"; }));
}

TEST_F(Channels, ABureauThatIsDownBreaksItsChannelAndNoOther) {
  bureau_handler_.down = true;
  for (int i = 0; i < 6; ++i) PutBed("bed-" + std::to_string(i));
  EXPECT_TRUE(net::Eventually([&] { return Shown("civil-affairs", "state") == "broken"; }));
  EXPECT_TRUE(net::Eventually([&] { return Shown("civil-files", "delivered") == "6"; }));
  EXPECT_EQ(Shown("civil-affairs", "waiting"), "6");
  EXPECT_EQ(Shown("civil-affairs", "lastError"), "HTTP 503, and no acknowledgement");
  EXPECT_NE(Shown("civil-affairs", "oldestWaiting"), "");
  const JsonValue rows = Json("GET", "/exchange/channels/civil-affairs/rows?state=waiting");
  ASSERT_EQ(rows["rows"].items().size(), 6u);
  const std::string order(rows["rows"].items()[2].StringAt("order"));
  EXPECT_EQ(Json("GET", "/exchange/channels/civil-affairs/rows?order=" + order)["rows"].items().size(), 1u);
  EXPECT_EQ(Json("GET", "/exchange/channels/civil-affairs/rows?after=" + std::string(rows["rows"].items()[2].StringAt("id")))["rows"].items().size(), 3u);
  EXPECT_NE(Ask("GET", "/metrics").body.find("heyi_exchange_channels{what=\"broken\"} 1"), std::string::npos);
  house_.Restart();
  bureau_handler_.down = false;
  EXPECT_TRUE(net::Eventually([&] { return Shown("civil-affairs", "waiting") == "0"; }));
  EXPECT_EQ(Shown("civil-affairs", "state"), "open");
  std::vector<std::string> wanted;
  for (const JsonValue& row : rows["rows"].items()) wanted.emplace_back(row.StringAt("id"));
  auto ids = bureau_handler_.ids();
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, wanted);
}

TEST_F(Channels, OrdersAboutDeadLettersAreDoneOnce) {
  bureau_handler_.refusing = true;
  PutBed("bed-1");
  PutBed("bed-2");
  EXPECT_TRUE(net::Eventually([&] { return Shown("civil-affairs", "dead") == "2"; }));
  const std::string at = "/exchange/channels/civil-affairs";
  const JsonValue dead = Json("GET", at + "/rows?state=dead");
  ASSERT_EQ(dead["rows"].items().size(), 2u);
  EXPECT_EQ(dead["rows"].items()[0].StringAt("severity"), "error");
  EXPECT_EQ(dead["rows"].items()[0].StringAt("owner"), "hub");
  EXPECT_NE(dead["rows"].items()[0].StringAt("reason"), "");
  const std::string first(dead["rows"].items()[0].StringAt("id")), second(dead["rows"].items()[1].StringAt("id"));
  const std::string drop = R"({"rows":[")" + first + R"("],"reason":"床位已撤销"})";
  EXPECT_EQ(Json("POST", at + "/drop", drop).StringAt("dropped"), "1");
  EXPECT_EQ(Json("POST", at + "/drop", drop).StringAt("already"), "1");
  bureau_handler_.refusing = false;
  const std::string all = R"({"state":"dead","limit":10})";
  EXPECT_EQ(Json("POST", at + "/redeliver", all).StringAt("redelivered"), "1");
  EXPECT_TRUE(net::Eventually([&] { return bureau_handler_.ids() == std::vector<std::string>{second}; }));
  EXPECT_EQ(Json("POST", at + "/redeliver", all).StringAt("redelivered"), "0");
  EXPECT_EQ(Json("POST", at + "/redeliver", R"({"rows":[")" + second + R"("]})").StringAt("already"), "1");
  // Each order has left what the auditor asks for.
  const testing::Answer events = Ask("GET", "/fhir/AuditEvent?_count=200");
  for (const char* order : {"channel-drop", "channel-redeliver"}) EXPECT_NE(events.body.find(order), std::string::npos) << order;
}

TEST_F(Channels, WrongOrdersAreRefused) {
  const std::string at = "/exchange/channels/civil-affairs";
  struct Wrong {
    const char *method, *path, *body;
    int status;
    const char* rule;
  };
  for (const Wrong& wrong : std::initializer_list<Wrong>{{"GET", "/exchange/channels/none", "", 404, "exchange.unknown-channel"},
                                                         {"POST", "/exchange/channels", "", 405, "exchange.desk-method"},
                                                         {"GET", "/pause", "", 405, "exchange.desk-method"},
                                                         {"POST", "/explode", "", 404, "exchange.unknown-order"},
                                                         {"GET", "/rows?state=lost", "", 400, "exchange.row-state"},
                                                         {"GET", "/rows?after=x", "", 400, "exchange.order"},
                                                         {"POST", "/redeliver", "{", 400, "json."},
                                                         {"POST", "/redeliver", "{}", 400, "exchange.order"},
                                                         {"POST", "/redeliver", R"({"state":"waiting"})", 400, "exchange.order"},
                                                         {"POST", "/redeliver", R"({"state":"dead","limit":0})", 400, "exchange.order"},
                                                         {"POST", "/redeliver", R"({"rows":[]})", 400, "exchange.order"},
                                                         {"POST", "/redeliver", R"({"rows":["x"],"state":"dead"})", 400, "exchange.order"},
                                                         {"POST", "/redeliver", R"({"rows":["../../x"]})", 400, "exchange.order"},
                                                         {"POST", "/drop", R"({"rows":["HY00000000000000a10002"]})", 400, "exchange.order"},
                                                         {"POST", "/drop", R"({"reason":"x"})", 400, "exchange.order"},
                                                         {"DELETE", "/rows", "", 405, "exchange.desk-method"}}) {
    const std::string path = std::string(wrong.path).starts_with("/exchange") ? wrong.path : at + wrong.path;
    SCOPED_TRACE(path + " " + wrong.body);
    const testing::Answer answer = Ask(wrong.method, path, wrong.body);
    EXPECT_EQ(answer.status, wrong.status);
    EXPECT_NE(answer.body.find(wrong.rule), std::string::npos) << answer.body;
  }
  EXPECT_EQ(Ask("POST", "/exchange/channels/hospital-files/redeliver", R"({"state":"dead"})").status, 404) << "a way in has no rows";
  EXPECT_EQ(Ask("GET", "/exchange/channels", "", "hospital").status, 403);
  EXPECT_EQ(Ask("POST", at + "/pause", "", "auditor").status, 403);
  EXPECT_EQ(Shown("civil-affairs", "state"), "open");
}

}  // namespace
}  // namespace heyi::server
