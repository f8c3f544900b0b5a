// What ways out make of the receivers there are: by HTTP, by MLLP, by folder.
#include <fmt/format.h>

#include "adapters/message.h"
#include "base/file.h"
#include "exchange/folder/watched_folder.h"
#include "net/mllp_server.h"
#include "tests/exchange/outbox_house.h"
#include "tests/net/wire.h"

namespace heyi::exchange {
namespace {

const Cancelled kGoesOn{false};

std::string CivilAnswer(const OutboxRow& row, adapters::Verdict verdict) {
  const adapters::Adapter& adapter = adapters::CivilAdapter();
  adapters::Acknowledgement ack;
  ack.verdict = verdict;
  ack.ref_message_id = "MZ-ACK-1";
  if (verdict == adapters::Verdict::kRefused) ack.outcome.Add("exchange.unknown-referral", {}, "R1");
  return adapter.Answer(row.text, nullptr, ack);
}

OutboxRow CivilRow() {
  OutboxRow row = OutboxHouse::Row(QuickRoute("a"), {5, 0}, "Patient/p1");
  row.text = adapters::CivilAdapter().Write({"BED", row.message_id, "12310199MB00000119", "310199", 1'790'000'000'000, base::JsonValue::Object()});
  return row;
}

// Answers by the address: /taken /refused /later /garbage /status/N (with no body), /taken-but-500; /never keeps the request.
class Bureau : public net::Keeper {
 public:
  explicit Bureau(OutboxRow row) : row_(std::move(row)) {}
  void Handle(net::Request request, std::unique_ptr<net::Responder> responder) override {
    EXPECT_EQ(request.Header("X-Message-Id"), row_.message_id);
    ++requests;
    const std::string target(request.target);
    if (target == "/never") return Keeper::Handle(std::move(request), std::move(responder));
    net::Response response;
    if (target == "/taken" || target == "/taken-but-500") response.body = CivilAnswer(row_, adapters::Verdict::kTaken);
    if (target == "/kept") response.body = CivilAnswer(row_, adapters::Verdict::kKept);
    if (target == "/refused") response.body = CivilAnswer(row_, adapters::Verdict::kRefused);
    if (target == "/later") response.body = CivilAnswer(row_, adapters::Verdict::kNotTaken);
    if (target == "/garbage") response.body = "<html>ok</html>";
    if (target == "/taken-but-500") response.status = 500;
    if (target == "/later") response.status = 503;
    if (target.starts_with("/status/")) response.status = std::stoi(target.substr(8));
    responder->Send(std::move(response));
  }
  std::atomic<int> requests{0};

 private:
  const OutboxRow row_;
};

struct Expected {
  const char* path;
  Sent sent;
  Fault fault;
};

TEST(HttpOut, EveryAnswerIsOneOfFour) {
  const OutboxRow row = CivilRow();
  Bureau bureau(row);
  const auto server = net::StartServer(bureau, {}, 1);
  const std::string base = fmt::format("http://127.0.0.1:{}", server->port());
  for (const Expected& one : std::initializer_list<Expected>{{"/taken", Sent::kTaken, Fault::kNone},
                                                             {"/kept", Sent::kTaken, Fault::kNone},
                                                             {"/refused", Sent::kRefused, Fault::kContent},
                                                             {"/later", Sent::kNotSent, Fault::kReceiver},
                                                             {"/garbage", Sent::kUnclear, Fault::kReceiver},
                                                             {"/taken-but-500", Sent::kUnclear, Fault::kReceiver},
                                                             {"/status/200", Sent::kUnclear, Fault::kReceiver},
                                                             {"/status/404", Sent::kNotSent, Fault::kReceiver},
                                                             {"/status/413", Sent::kRefused, Fault::kAgreement},
                                                             {"/status/429", Sent::kNotSent, Fault::kReceiver},
                                                             {"/status/500", Sent::kUnclear, Fault::kReceiver},
                                                             {"/status/503", Sent::kNotSent, Fault::kReceiver},
                                                             {"/status/504", Sent::kUnclear, Fault::kReceiver},
                                                             {"/never", Sent::kUnclear, Fault::kReceiver}}) {
    for (const bool idempotent : {true, false}) {
      SCOPED_TRACE(one.path);
      Route route = QuickRoute("a");
      route.idempotent = idempotent;
      route.url = base + one.path;
      route.connect_timeout_ms = 100;
      route.answer_timeout_ms = 400;
      const SendResult result = MakeHttpChannel(route, {.allowed_prefixes = {base + "/"}}, kGoesOn)->Send(row);
      EXPECT_EQ(result.sent, one.sent) << result.reason;
      EXPECT_EQ(result.fault, one.fault);
      EXPECT_EQ(result.reason.empty(), one.sent == Sent::kTaken);
    }
  }
  static_cast<void>(bureau.TakeAll(2));
  Route elsewhere = QuickRoute("a");
  elsewhere.url = "http://127.0.0.1:1/x";
  EXPECT_EQ(MakeHttpChannel(elsewhere, {.allowed_prefixes = {base}}, kGoesOn)->Send(row).sent, Sent::kNotSent) << "our own list does not have it";
  const SendResult nobody = MakeHttpChannel(elsewhere, {.allowed_prefixes = {"http://127.0.0.1:1/"}}, kGoesOn)->Send(row);
  EXPECT_EQ(nobody.sent, Sent::kNotSent) << nobody.reason;
  EXPECT_EQ(nobody.fault, Fault::kReceiver);
}

// Reads the whole request and resets the connection: the second time on the same connection as the first answer.
TEST(HttpOut, AResetAfterReadingIsUnclearAndNotRepeatedWhereThatDoesHarm) {
  const OutboxRow row = CivilRow();
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  std::atomic<int> requests = 0;
  const std::string answer = CivilAnswer(row, adapters::Verdict::kTaken);
  const std::string good = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", answer.size(), answer);
  const auto serve = [&](int fd) {
    std::string got;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
      got.append(buffer, static_cast<size_t>(n));
      if (!got.ends_with(row.text)) continue;
      got.clear();
      if (requests++ == 0) {
        static_cast<void>(::send(fd, good.data(), good.size(), MSG_NOSIGNAL));
        continue;
      }
      const linger at_once{1, 0};
      ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      break;
    }
    ::close(fd);
  };
  std::thread resetting([&] {
    std::vector<std::thread> lines;
    for (int fd = 0; (fd = ::accept(listener, nullptr, nullptr)) >= 0;) lines.emplace_back(serve, fd);
    for (std::thread& line : lines) line.join();
  });
  Route route = QuickRoute("a");
  route.idempotent = false;
  route.url = fmt::format("http://127.0.0.1:{}/", ntohs(address.sin_port));
  std::thread sender([&] {  // its connections end with it
    const auto channel = MakeHttpChannel(route, {.allowed_prefixes = {route.url}}, kGoesOn);
    EXPECT_EQ(channel->Send(row).sent, Sent::kTaken);
    EXPECT_EQ(channel->Send(row).sent, Sent::kUnclear);
  });
  sender.join();
  EXPECT_EQ(requests, 2) << "a client that repeats by itself would have sent it a third time";
  ::shutdown(listener, SHUT_RDWR);
  ::close(listener);
  resetting.join();
}

// Acknowledges by MSA-1 as the message's text begins; first with an answer that belongs to another message.
class Hospital : public net::MllpHandler {
 public:
  void Handle(std::string frame, std::string, net::MllpReply done) override {
    const std::string code = frame.substr(frame.find("ZZZ|") + 4, 2), id = frame.substr(frame.find("|HY") + 1, 22);
    if (code == "--") return done("");
    if (code == "??") return done("what?");
    const auto ack = [](const std::string& msa1, const std::string& msa2) {
      return "MSH|^~\\&|HIS|H|HEYI|X|20260310||ACK|1|P|2.5\rMSA|" + msa1 + "|" + msa2 + "|why\r";
    };
    done(ack(code, code == "XX" ? "HY-another" : id));
  }
};

TEST(MllpOutChannel, EveryAnswerIsOneOfFour) {
  Hospital hospital;
  auto server = net::MllpServer::Start({.host = "127.0.0.1", .port = 0, .loops = 1, .limits = {}}, hospital);
  ASSERT_TRUE(server.ok());
  Route route = QuickRoute("h");
  route.department = "health";
  route.kind = ChannelKind::kMllp;
  route.host = "127.0.0.1";
  route.port = (*server)->port();
  route.answer_timeout_ms = 300;
  const auto channel = MakeMllpChannel(route, kGoesOn);
  const auto send = [&](const std::string& code) {
    OutboxRow row = OutboxHouse::Row(route, {6, 0}, "Patient/p1");
    row.text = "MSH|^~\\&|HEYI|X|||20260310||ADT^A01|" + row.message_id + "|P|2.5\rZZZ|" + code + "\r";
    return channel->Send(row);
  };
  EXPECT_EQ(send("AA").sent, Sent::kTaken);
  EXPECT_EQ(send("CA").sent, Sent::kTaken);
  for (const char* code : {"AE", "CE"}) {
    const SendResult result = send(code);
    EXPECT_EQ(result.sent, Sent::kRefused) << code;
    EXPECT_EQ(result.fault, Fault::kContent);
    EXPECT_FALSE(result.reason.empty());
  }
  for (const char* code : {"AR", "CR"}) {
    EXPECT_EQ(send(code).sent, Sent::kRefused) << code;
    EXPECT_EQ(send(code).fault, Fault::kAgreement);
  }
  EXPECT_EQ(send("--").sent, Sent::kUnclear) << "silence";
  EXPECT_EQ(send("XX").sent, Sent::kUnclear) << "an acknowledgement of another message";
  EXPECT_EQ(send("??").sent, Sent::kUnclear);
  EXPECT_EQ(send("AA").sent, Sent::kTaken) << "and on it goes";
  (*server)->Stop(0);
  server->reset();
  EXPECT_EQ(send("AA").sent, Sent::kNotSent);
  OutboxRow framed = OutboxHouse::Row(route, {7, 0}, "Patient/p1");
  framed.text = "a\x1c\r";
  EXPECT_EQ(channel->Send(framed).fault, Fault::kHub);
}

TEST(Outs, EndASendThatIsCancelled) {
  const OutboxRow row = CivilRow();
  Bureau bureau(row);
  const auto server = net::StartServer(bureau, {}, 1);
  class Silent : public net::MllpHandler {
    void Handle(std::string, std::string, net::MllpReply done) override { done(""); }
  } silent;
  const auto mllp = net::MllpServer::Start({.host = "127.0.0.1", .port = 0, .loops = 1, .limits = {}}, silent);
  Route http = QuickRoute("a"), other = QuickRoute("h");
  http.url = fmt::format("http://127.0.0.1:{}/never", server->port());
  other.host = "127.0.0.1";
  other.port = (*mllp)->port();
  Cancelled cancelled = false;
  const int64_t begin = net::NowMs();
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancelled = true;
  });
  EXPECT_EQ(MakeHttpChannel(http, {.allowed_prefixes = {http.url}}, cancelled)->Send(row).sent, Sent::kUnclear);
  EXPECT_EQ(MakeMllpChannel(other, cancelled)->Send(row).sent, Sent::kNotSent) << "cancelled before it began";
  cancelled = false;
  canceller.join();
  cancelled = false;
  std::thread again([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancelled = true;
  });
  EXPECT_EQ(MakeMllpChannel(other, cancelled)->Send(row).sent, Sent::kUnclear);
  again.join();
  EXPECT_LT(net::NowMs() - begin, 4'000) << "thirty seconds each, else";
  static_cast<void>(bureau.TakeAll(1));
}

TEST(FolderOut, WhatIsWrittenAWatchedFolderTakes) {
  char name[] = "/tmp/heyi-folder-XXXXXX";
  const std::string directory = ::mkdtemp(name);
  base::SystemClock clock;
  auto watched = WatchedFolder::Open({directory}, clock);
  ASSERT_TRUE(watched.ok());
  Route route = QuickRoute("f");
  route.kind = ChannelKind::kFolder;
  route.directory = directory + "/in";
  const auto channel = MakeFolderChannel(route);
  OutboxRow row = OutboxHouse::Row(route, {6, 0}, "Patient/p1");
  row.text = "one message";
  EXPECT_EQ(channel->Send(row).sent, Sent::kTaken);
  EXPECT_EQ(channel->Send(row).sent, Sent::kTaken) << "again: the same file";
  std::vector<std::string> got;
  const auto round = (*watched)->Scan([&](std::string bytes, std::string* answer) {
    got.push_back(std::move(bytes));
    *answer = "thanks";
    return WatchedFolder::Fate::kDone;
  });
  EXPECT_EQ(got, std::vector<std::string>{"one message"});
  EXPECT_EQ(round.done, 1u);
  EXPECT_EQ(round.waiting, 0u);
  EXPECT_EQ(*base::ReadFile(directory + "/done/" + row.message_id + ".msg.ack"), "thanks");
  std::filesystem::remove_all(directory);
  EXPECT_EQ(channel->Send(row).sent, Sent::kNotSent);
  EXPECT_EQ(channel->Send(row).fault, Fault::kHub);
}

}  // namespace
}  // namespace heyi::exchange
