#include "net/http_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <vector>

#include "tests/net/wire.h"

namespace heyi::net {
namespace {

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";

std::string Get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n"; }

TEST(Server, AnswersInTheOrderOfTheRequests) {
  Keeper keeper;
  const auto server = StartServer(keeper, {}, 1);
  Wire wire(server->port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += Get("/" + std::to_string(i));
  wire.Send(all);
  auto kept = keeper.TakeAll(50);
  std::shuffle(kept.begin(), kept.end(), std::mt19937(5));
  std::vector<std::thread> threads;
  for (int part = 0; part < 5; ++part) {
    threads.emplace_back([&kept, part] {
      for (size_t i = static_cast<size_t>(part); i < kept.size(); i += 5) {
        kept[i].responder->Send({.status = 200, .headers = {}, .body = std::string(kept[i].request.target)});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(wire.Read().body, "/" + std::to_string(i));
}

TEST(Server, AnswersAThousandPipelinedRequestsAndHoldsBackReading) {  // H40
  Keeper keeper;
  const Limits limits;
  const auto server = StartServer(keeper, limits, 1);
  Wire wire(server->port());
  std::string all;
  for (int i = 0; i < 1000; ++i) all += Get("/" + std::to_string(i));
  std::thread sender([&] { wire.Send(all); });
  for (int answered = 0; answered < 1000;) {
    ASSERT_TRUE(Eventually([&] { return keeper.count() > 0; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // were there no cap, more would come
    auto kept = keeper.TakeAll(1);
    EXPECT_LE(kept.size(), limits.pipelined_max);
    for (auto& [request, responder] : kept) {
      EXPECT_EQ(request.target, "/" + std::to_string(answered++));
      responder->Send({.status = 200, .headers = {}, .body = std::string(request.target)});
    }
  }
  sender.join();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(wire.Read().body, "/" + std::to_string(i));

  Echo echo;
  const auto inline_server = StartServer(echo, limits, 1);
  Wire inline_wire(inline_server->port());
  std::thread inline_sender([&] { inline_wire.Send(all); });
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(inline_wire.Read().body, "GET /" + std::to_string(i) + "\n");
  inline_sender.join();
}

TEST(Server, TellsTheLengthOfWhatHeadLeavesOut) {
  Echo echo;
  const auto server = StartServer(echo, {}, 1);
  Wire wire(server->port());
  wire.Send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n" + std::string(kGet));
  EXPECT_EQ(wire.Read(true).Header("content-length"), "8");
  EXPECT_EQ(wire.Read().body, "GET /x\n");
}

TEST(Server, KeepsAnswersApartWhateverTheHandlerSays) {
  class Handler : public Echo {
    void Handle(Request request, std::unique_ptr<Responder> responder) override {
      const int status = request.target == "/empty" ? 204 : request.target == "/same" ? 304 : 200;
      responder->Send({.status = status,
                       .headers = {{"Content-Length", "99"},
                                   {"transfer-encoding", "chunked"},
                                   {"Date", "now"},
                                   {"Connection", "close"},
                                   {"Location", "/a\r\nSet-Cookie: b"},
                                   {"bad name", "x"},
                                   {"ETag", "W/\"1\""}},
                       .body = "body"});
    }
  } handler;
  const auto server = StartServer(handler, {}, 1);
  Wire wire(server->port());
  wire.Send(Get("/x") + Get("/empty") + Get("/same") + Get("/y"));
  WireAnswer answer = wire.Read();
  EXPECT_EQ(answer.body, "body");
  EXPECT_EQ(answer.Header("location"), "/a  Set-Cookie: b");
  EXPECT_EQ(answer.Header("set-cookie"), "");
  EXPECT_EQ(answer.Header("transfer-encoding"), "");
  EXPECT_EQ(answer.Header("etag"), "W/\"1\"");
  EXPECT_NE(answer.Header("date"), "now");
  EXPECT_EQ(answer.head.find("bad name"), std::string::npos);
  answer = wire.Read();
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.Header("content-length"), "");
  EXPECT_EQ(wire.Read().status, 304);
  EXPECT_EQ(wire.Read().body, "body");
}

TEST(Server, AsksForTheBodyInItsTurn) {  // H35
  Keeper keeper;
  const auto server = StartServer(keeper, {}, 1);
  Wire wire(server->port());
  wire.Send(Get("/first") + "POST /second HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  auto first = keeper.TakeAll(1);
  EXPECT_EQ(wire.Read(true, 50).status, 0) << "a 100 before the first answer would be taken for its own";
  first.at(0).responder->Send({.status = 200, .headers = {}, .body = "one"});
  EXPECT_EQ(wire.Read().body, "one");
  EXPECT_EQ(wire.Read().status, 100);
  wire.Send("hello");
  auto second = keeper.TakeAll(1);
  EXPECT_EQ(second.at(0).request.body, "hello");
  EXPECT_EQ(second.at(0).request.peer, "127.0.0.1");
  second.at(0).responder->Send({.status = 201, .headers = {}, .body = ""});
  EXPECT_EQ(wire.Read().status, 201);
}

TEST(Server, ClosesWhereAResponderIsDropped) {
  Keeper keeper;
  const auto server = StartServer(keeper, {}, 1);
  Wire wire(server->port());
  wire.Send(Get("/1") + Get("/2") + Get("/3"));
  auto kept = keeper.TakeAll(3);
  kept[1].responder.reset();
  kept[2].responder->Send({});
  kept[0].responder->Send({.status = 200, .headers = {}, .body = "one"});
  EXPECT_EQ(wire.Read().body, "one");
  EXPECT_TRUE(wire.Closes());
}

TEST(Server, AnswersAHandlerMayGiveAfterTheEnd) {
  Keeper keeper;
  auto server = StartServer(keeper, {}, 1);
  std::deque<Keeper::Kept> kept;
  {
    Wire gone(server->port());
    gone.Send(Get("/1") + Get("/2"));
    kept = keeper.TakeAll(2);
  }
  kept[0].responder->Send({});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  server.reset();
  kept[1].responder->Send({});  // nobody there, and no harm
}

Limits SmallTimeouts() {
  Limits limits;
  limits.header_timeout_ms = 300;
  limits.body_stall_timeout_ms = 300;
  limits.write_stall_timeout_ms = 400;
  limits.idle_timeout_ms = 500;
  limits.linger_timeout_ms = 200;
  return limits;
}

TEST(Server, EndsSlowHeaders) {  // H36
  Echo echo;
  const auto server = StartServer(echo, SmallTimeouts(), 1);
  Wire slow(server->port());
  const int64_t begin = NowMs();
  std::thread sender([&] {
    for (char c : std::string("GET /x HTTP/1.1\r\nHost: h\r\nX: 0123456789")) {
      if (!slow.Send({&c, 1})) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  const WireAnswer answer = slow.Read();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.body, "http.timeout");
  EXPECT_GE(NowMs() - begin, 290);
  EXPECT_LT(NowMs() - begin, 900);
  EXPECT_TRUE(slow.Closes());
  sender.join();
}

TEST(Server, EndsBodiesThatStallButNotSlowOnes) {  // H37
  Echo echo;
  const auto server = StartServer(echo, SmallTimeouts(), 1);
  const std::string head = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n";
  Wire slow(server->port()), stalled(server->port());
  slow.Send(head);
  stalled.Send(head + "abc");
  const int64_t begin = NowMs();
  std::thread sender([&] {
    for (char c : std::string("abcdef")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      slow.Send({&c, 1});
    }
  });
  EXPECT_EQ(stalled.Read().status, 408);
  EXPECT_GE(NowMs() - begin, 290);
  EXPECT_TRUE(stalled.Closes());
  EXPECT_EQ(slow.Read().body, "POST /x\nabcdef");
  sender.join();
}

TEST(Server, DropsReadersThatStall) {  // H38
  class Big : public Echo {
    void Handle(Request request, std::unique_ptr<Responder> responder) override {
      const size_t size = request.target == "/big" ? 32 << 20 : 10;
      responder->Send({.status = 200, .headers = {}, .body = std::string(size, 'b')});
    }
  } big;
  Limits limits = SmallTimeouts();
  limits.idle_timeout_ms = 60'000;  // the good one may take its time over 32 MB
  const auto server = StartServer(big, limits, 1);
  Wire stalled(server->port(), 4096), reading(server->port());
  stalled.Send(Get("/big"));
  reading.Send(Get("/big"));
  EXPECT_EQ(reading.Read().body.size(), 32u << 20);
  reading.Send(Get("/small"));
  EXPECT_EQ(reading.Read().body, "bbbbbbbbbb");
  EXPECT_TRUE(Eventually([&] {
    reading.Send(Get("/small"));
    EXPECT_EQ(reading.Read().status, 200);
    return server->counters().connections_open == 1;
  }));
  EXPECT_LT(stalled.Read().body.size(), 32u << 20);
}

TEST(Server, ClosesIdleConnectionsQuietly) {
  Echo echo;
  const auto server = StartServer(echo, SmallTimeouts(), 1);
  Wire idle(server->port()), fresh(server->port()), busy(server->port());
  idle.Send(kGet);
  EXPECT_EQ(idle.Read().status, 200);
  const int64_t begin = NowMs();
  while (NowMs() - begin < 900) {
    busy.Send(kGet);
    ASSERT_EQ(busy.Read().status, 200);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(idle.Closes(0));
  EXPECT_TRUE(fresh.Closes(0));
}

TEST(Server, LetsNoTimeRunWhileAHandlerWorks) {
  Keeper keeper;
  const auto server = StartServer(keeper, SmallTimeouts(), 1);
  Wire wire(server->port());
  wire.Send(kGet);
  auto kept = keeper.TakeAll(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(800));
  kept[0].responder->Send({.status = 200, .headers = {}, .body = "late"});
  EXPECT_EQ(wire.Read().body, "late");
}

TEST(Server, EvictsNeverServedThenOldestIdle) {  // H39
  Echo echo;
  Limits limits;
  limits.connections_max = 3;
  const auto server = StartServer(echo, limits, 1);
  const auto serve = [](Wire& wire) {
    wire.Send(kGet);
    return wire.Read().status == 200;
  };
  Wire first(server->port()), second(server->port());
  EXPECT_TRUE(serve(first));
  EXPECT_TRUE(serve(second));
  EXPECT_TRUE(serve(first));  // now the second is the one longest at rest
  Wire silent(server->port());
  ASSERT_TRUE(Eventually([&] { return server->counters().connections_open == 3; }));
  silent.Send("GET /");
  Wire third(server->port());
  EXPECT_TRUE(serve(third));
  EXPECT_TRUE(silent.Closes());
  EXPECT_TRUE(serve(second));
  EXPECT_TRUE(serve(third));
  Wire fourth(server->port());  // none is new: the first gives way
  EXPECT_TRUE(serve(fourth));
  EXPECT_TRUE(first.Closes());
  EXPECT_TRUE(serve(second));
  EXPECT_TRUE(Eventually([&] { return server->counters().evictions_total == 2; }));
}

TEST(Server, TurnsNewcomersAwayWhereAllAreBusy) {
  Keeper keeper;
  Limits limits;
  limits.connections_max = 2;
  const auto server = StartServer(keeper, limits, 1);
  Wire first(server->port()), second(server->port());
  first.Send(kGet);
  second.Send(kGet);
  auto kept = keeper.TakeAll(2);
  Wire third(server->port());
  EXPECT_TRUE(third.Closes());
  for (auto& each : kept) each.responder->Send({});
  EXPECT_EQ(first.Read().status, 200);
  EXPECT_EQ(second.Read().status, 200);
}

TEST(Server, SharesConnectionsOutEvenly) {
  class Threads : public Echo {
   public:
    void Handle(Request, std::unique_ptr<Responder> responder) override {
      const size_t thread = std::hash<std::thread::id>()(std::this_thread::get_id());
      responder->Send({.status = 200, .headers = {}, .body = std::to_string(thread)});
    }
  } handler;
  const auto server = StartServer(handler, {}, 2);
  std::vector<std::unique_ptr<Wire>> wires;
  std::map<std::string, int> per_thread;
  for (int i = 0; i < 10; ++i) {
    wires.push_back(std::make_unique<Wire>(server->port()));
    wires.back()->Send(kGet);
    ++per_thread[wires.back()->Read().body];
  }
  ASSERT_EQ(per_thread.size(), 2u);
  EXPECT_EQ(per_thread.begin()->second, 5);
}

TEST(Server, LetsAnswersUnderWayFinishWhenItStops) {
  Keeper keeper;
  const auto server = StartServer(keeper, {}, 1);
  Wire idle(server->port()), busy(server->port()), stuck(server->port());
  busy.Send(kGet);
  auto kept = keeper.TakeAll(1);
  stuck.Send(kGet);
  auto never = keeper.TakeAll(1);
  const int64_t begin = NowMs();
  std::thread stopper([&] { server->Stop(600); });
  EXPECT_TRUE(idle.Closes());
  EXPECT_LT(NowMs() - begin, 500);
  kept[0].responder->Send({.status = 200, .headers = {}, .body = "finished"});
  const WireAnswer answer = busy.Read();
  EXPECT_EQ(answer.body, "finished");
  EXPECT_EQ(answer.Header("connection"), "close");
  EXPECT_TRUE(busy.Closes());
  stopper.join();
  EXPECT_GE(NowMs() - begin, 590) << "the stuck one is waited for";
  EXPECT_LT(NowMs() - begin, 2000);
  EXPECT_TRUE(stuck.Closes());
  server->Stop(0);  // again is no harm
  never[0].responder->Send({});
}

TEST(Server, StopsAtOnceWhereNothingIsUnderWay) {
  Echo echo;
  const auto server = StartServer(echo, {}, 2);
  Wire wire(server->port());
  wire.Send(kGet);
  EXPECT_EQ(wire.Read().status, 200);
  const int64_t begin = NowMs();
  server->Stop(5000);
  EXPECT_LT(NowMs() - begin, 500);
  EXPECT_TRUE(wire.Closes());
}

TEST(Server, SaysWhyItCannotListen) {
  Echo echo;
  const auto server = StartServer(echo, {}, 1);
  const auto second = HttpServer::Start({.host = "127.0.0.1", .port = server->port(), .loops = 1, .limits = {}}, echo);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, base::ErrorKind::kUnavailable);
  EXPECT_EQ(second.error().outcome.issues().at(0).rule, "http.listen-failed");
  EXPECT_FALSE(HttpServer::Start({.host = "no.such.host.invalid", .port = 0, .loops = 1, .limits = {}}, echo).ok());
}

TEST(Server, CountsWhatItDoes) {
  Echo echo;
  const auto server = StartServer(echo, {}, 2);
  for (int i = 0; i < 4; ++i) {
    Wire wire(server->port());
    wire.Send(std::string(kGet) + std::string(kGet) + "bad\r\n\r\n");
    EXPECT_EQ(wire.Read().status, 200);
    EXPECT_EQ(wire.Read().status, 200);
    EXPECT_EQ(wire.Read().status, 400);
  }
  EXPECT_TRUE(Eventually([&] {
    const auto counters = server->counters();
    return counters.connections_open == 0 && counters.connections_total == 4 && counters.requests_total == 8 &&
           counters.framing_errors_total == 4;
  }));
}

TEST(Server, ServesManyClientsFromManyThreads) {
  // Some answers at once, some from a pool of threads, under pipelining, chunks and closing clients.
  class Mixed : public Echo {
   public:
    explicit Mixed(Keeper& keeper) : keeper_(keeper) {}
    void Handle(Request request, std::unique_ptr<Responder> responder) override {
      if (request.target.ends_with("0")) return keeper_.Handle(std::move(request), std::move(responder));
      responder->Send({.status = 200, .headers = {}, .body = std::string(request.target)});
    }

   private:
    Keeper& keeper_;
  };
  Keeper keeper;
  Mixed mixed(keeper);
  const auto server = StartServer(mixed, {}, 2);
  std::atomic<bool> done = false;
  std::vector<std::thread> pool;
  for (int i = 0; i < 2; ++i) {
    pool.emplace_back([&] {
      while (!done) {
        for (auto& [request, responder] : keeper.TakeAll(0)) {
          responder->Send({.status = 200, .headers = {}, .body = std::string(request.target)});
        }
        std::this_thread::yield();
      }
    });
  }
  std::vector<std::thread> clients;
  for (unsigned client = 0; client < 8; ++client) {
    clients.emplace_back([&, client] {
      std::mt19937 random(client);
      for (int round = 0; round < 20; ++round) {
        Wire wire(server->port());
        for (int batch = 0; batch < 5; ++batch) {
          std::string all;
          const int count = 1 + static_cast<int>(random() % 20);
          for (int i = 0; i < count; ++i) all += Get("/" + std::to_string(i));
          wire.Send(all);
          for (int i = 0; i < count; ++i) ASSERT_EQ(wire.Read().body, "/" + std::to_string(i));
        }
        if (random() % 2 == 0) wire.Send(Get("/0") + "GET /cut");  // and away
      }
    });
  }
  for (std::thread& client : clients) client.join();
  done = true;
  for (std::thread& thread : pool) thread.join();
}

}  // namespace
}  // namespace heyi::net
