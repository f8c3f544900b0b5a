#include "net/mllp_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "tests/net/wire.h"

namespace heyi::net {
namespace {

std::string Framed(std::string_view message) { return "\x0b" + std::string(message) + "\x1c\r"; }

// Answers at once.
class Parrot : public MllpHandler {
 public:
  void Handle(std::string frame, std::string peer, MllpReply done) override {
    EXPECT_EQ(peer, "127.0.0.1");
    if (frame == "silent") return done("");
    if (frame == "drop") return;
    if (frame == "evil") return done("a\x1c\r\x0b" "b");
    done("ACK " + frame);
  }
};

// Keeps messages until the test answers them.
class Drawer : public MllpHandler {
 public:
  struct Kept {
    std::string frame;
    MllpReply done;
  };
  void Handle(std::string frame, std::string, MllpReply done) override {
    const std::lock_guard lock(mutex_);
    kept_.push_back({std::move(frame), std::move(done)});
    changed_.notify_all();
  }
  size_t count() {
    const std::lock_guard lock(mutex_);
    return kept_.size();
  }
  std::vector<Kept> TakeAll(size_t at_least) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(5), [&] { return kept_.size() >= at_least; }));
    return std::exchange(kept_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Kept> kept_;
};

std::unique_ptr<MllpServer> Start(MllpHandler& handler, const MllpLimits& limits, unsigned loops) {
  auto server = MllpServer::Start({.host = "127.0.0.1", .port = 0, .loops = loops, .limits = limits}, handler);
  EXPECT_TRUE(server.ok());
  return std::move(server).value();
}

MllpLimits Small() {
  MllpLimits limits;
  limits.message_bytes_max = 100'000;
  limits.noise_bytes_max = 64;
  limits.message_timeout_ms = 400;
  limits.idle_timeout_ms = 600;
  limits.write_stall_timeout_ms = 400;
  limits.linger_timeout_ms = 200;
  return limits;
}

TEST(Mllp, AnswersOneAfterTheOther) {
  Parrot parrot;
  const auto server = Start(parrot, {}, 2);
  Wire wire(server->port());
  for (int i = 0; i < 20; ++i) {
    wire.Send(Framed("m" + std::to_string(i)));
    EXPECT_EQ(wire.ReadUntil("\x1c\r"), Framed("ACK m" + std::to_string(i)));
  }
  wire.Fin();
  EXPECT_TRUE(wire.Closes());
  EXPECT_EQ(server->counters().requests_total, 20u);
  EXPECT_EQ(server->counters().framing_errors_total, 0u);
}

TEST(Mllp, ReadsTheNextMessageOnlyWhenTheLastIsAnswered) {
  Drawer drawer;
  const auto server = Start(drawer, {}, 1);
  Wire wire(server->port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += Framed("m" + std::to_string(i));
  wire.Send(all);
  for (int i = 0; i < 50; ++i) {
    auto kept = drawer.TakeAll(1);
    ASSERT_EQ(kept.size(), 1u) << "one message at a time";
    EXPECT_EQ(kept[0].frame, "m" + std::to_string(i));
    if (i % 10 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_EQ(drawer.count(), 0u);
    std::thread([done = std::move(kept[0].done), i]() mutable { done("ACK " + std::to_string(i)); }).join();
    EXPECT_EQ(wire.ReadUntil("\x1c\r"), Framed("ACK " + std::to_string(i)));
  }
}

// While nothing is answered no more is read than the kernel and one buffer hold.
TEST(Mllp, HoldsASenderBackThatDoesNotWait) {
  Drawer drawer;
  const auto server = Start(drawer, {}, 1);
  Wire wire(server->port());
  const std::string frame = Framed(std::string(100'000, 'x'));
  std::atomic<size_t> sent = 0;
  std::thread sender([&] {
    for (int i = 0; i < 400 && wire.Send(frame); ++i) ++sent;
  });
  auto kept = drawer.TakeAll(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(sent, 200u) << "40 MB went in unread";
  EXPECT_EQ(drawer.count(), 0u);
  size_t answered = 0;
  for (;;) {
    for (Drawer::Kept& one : kept) {
      one.done("");
      ++answered;
    }
    if (answered == 400) break;
    kept = drawer.TakeAll(1);
  }
  sender.join();
}

TEST(Mllp, AnEmptyAnswerSendsNothingAndADroppedOneCloses) {
  Parrot parrot;
  const auto server = Start(parrot, {}, 1);
  Wire wire(server->port());
  wire.Send(Framed("silent") + Framed("x"));
  EXPECT_EQ(wire.ReadUntil("\x1c\r"), Framed("ACK x"));
  wire.Send(Framed("drop") + Framed("y"));
  EXPECT_TRUE(wire.Closes());
}

TEST(Mllp, NoAnswerEndsItsFrameEarly) {
  Parrot parrot;
  const auto server = Start(parrot, {}, 1);
  Wire wire(server->port());
  wire.Send(Framed("evil"));
  EXPECT_EQ(wire.ReadUntil("\x1c\r"), "\x0b" "a \r b\x1c\r");
}

TEST(Mllp, ResynchronizesAndCounts) {
  Parrot parrot;
  const auto server = Start(parrot, {}, 1);
  Wire wire(server->port());
  wire.Send("noise\x0b" "open\x0b" "cut\x1c" "x" + Framed("good"));
  EXPECT_EQ(wire.ReadUntil("\x1c\r"), Framed("ACK good"));
  EXPECT_TRUE(Eventually([&] { return server->counters().framing_errors_total == 4; })) << server->counters().framing_errors_total;
  EXPECT_EQ(server->counters().requests_total, 1u);
}

TEST(Mllp, ClosesWhereABoundIsPassed) {
  Parrot parrot;
  const auto server = Start(parrot, Small(), 1);
  Wire flood(server->port()), noise(server->port()), http(server->port());
  std::thread sender([&] { flood.Send("\x0b" + std::string(10 << 20, 'x')); });
  EXPECT_TRUE(flood.Ends());
  sender.join();
  noise.Send(std::string(65, 'z'));
  EXPECT_TRUE(noise.Ends());
  http.Send("GET / HTTP/1.1\r\nHost: somewhere.example\r\nUser-Agent: a browser that took the wrong port\r\n\r\n");
  EXPECT_TRUE(http.Ends());
  Wire good(server->port());
  good.Send(Framed("still here"));
  EXPECT_EQ(good.ReadUntil("\x1c\r"), Framed("ACK still here"));
}

TEST(Mllp, EndsSlowMessages) {  // slow-loris: a byte now and then keeps nothing open
  Parrot parrot;
  const auto server = Start(parrot, Small(), 1);
  for (const std::string& begin : {std::string("\x0bMSH"), std::string("noise")}) {
    Wire slow(server->port());
    const int64_t since = NowMs();
    slow.Send(begin);
    std::thread sender([&] {
      for (int i = 0; i < 60 && slow.Send("y"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    });
    EXPECT_TRUE(slow.Ends());
    EXPECT_GE(NowMs() - since, 380);
    EXPECT_LT(NowMs() - since, 2000);
    sender.join();
  }
}

TEST(Mllp, ClosesIdleConnectionsButNotWhileAHandlerWorks) {
  Drawer drawer;
  const auto server = Start(drawer, Small(), 1);
  Wire idle(server->port()), busy(server->port());
  busy.Send(Framed("slow work"));
  auto kept = drawer.TakeAll(1);
  EXPECT_TRUE(idle.Closes());
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  kept[0].done("late");
  EXPECT_EQ(busy.ReadUntil("\x1c\r"), Framed("late"));
}

TEST(Mllp, LetsAnswersUnderWayFinishWhenItStops) {
  Drawer drawer;
  MllpLimits limits;
  limits.linger_timeout_ms = 200;
  const auto server = Start(drawer, limits, 1);
  Wire idle(server->port()), busy(server->port());
  busy.Send(Framed("first") + Framed("second"));
  auto kept = drawer.TakeAll(1);
  std::thread stopper([&] { server->Stop(3'000); });
  EXPECT_TRUE(idle.Closes());
  kept[0].done("finished");
  EXPECT_EQ(busy.ReadUntil("\x1c\r"), Framed("finished"));
  EXPECT_TRUE(busy.Closes());
  stopper.join();
  EXPECT_EQ(drawer.count(), 0u) << "the second was not taken: its sender sends it again";
}

TEST(Mllp, AnAnswerAfterTheEndIsForgotten) {
  Drawer drawer;
  auto server = Start(drawer, {}, 1);
  {
    Wire wire(server->port());
    wire.Send(Framed("x"));
    auto gone = drawer.TakeAll(1);
    server->Stop(0);
    server.reset();
    gone[0].done("too late");
  }
}

TEST(Mllp, ServesManySendersFromManyThreads) {
  Parrot parrot;
  const auto server = Start(parrot, {}, 2);
  std::vector<std::thread> senders;
  for (int t = 0; t < 8; ++t) {
    senders.emplace_back([&, t] {
      Wire wire(server->port());
      for (int i = 0; i < 50; ++i) {
        const std::string text = std::to_string(t) + "." + std::to_string(i) + std::string(static_cast<size_t>(i * 700), 'p');
        wire.Send(Framed(text));
        ASSERT_EQ(wire.ReadUntil("\x1c\r"), Framed("ACK " + text));
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_TRUE(Eventually([&] { return server->counters().requests_total == 400; }));
}

}  // namespace
}  // namespace heyi::net
