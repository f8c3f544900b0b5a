// The MLLP client against servers that answer, answer late, answer others, answer nothing or hang up.
#include "net/mllp_client.h"

#include <gtest/gtest.h>

#include <atomic>

#include "net/mllp_server.h"
#include "tests/net/wire.h"

namespace heyi::net {
namespace {

std::string RuleOf(const base::Result<std::string>& result) { return result.ok() ? "" : result.error().outcome.issues().at(0).rule; }

bool Any(std::string_view) { return true; }

// Answers every message with itself in front of "ACK"; "silent" with nothing; "hang up" by closing.
class AckServer : public MllpHandler {
 public:
  void Handle(std::string frame, std::string, MllpReply done) override {
    ++messages;
    if (frame == "hang up") return;
    if (frame == "silent") return done("");
    done("ACK " + frame);
  }
  std::atomic<int> messages{0};
};

class MllpOut : public ::testing::Test {
 protected:
  MllpOut() {
    auto started = MllpServer::Start({.host = "127.0.0.1", .port = 0, .loops = 1, .limits = {}}, handler_);
    EXPECT_TRUE(started.ok());
    server_ = std::move(*started);
  }
  MllpClient Client(uint32_t answer_ms = 2'000) { return MllpClient({"127.0.0.1", server_->port(), 1'000, answer_ms}); }

  AckServer handler_;
  std::unique_ptr<MllpServer> server_;
};

TEST_F(MllpOut, KeepsItsConnection) {
  MllpClient client = Client();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.Send("m" + std::to_string(i), Any).value(), "ACK m" + std::to_string(i));
  EXPECT_EQ(server_->counters().connections_total, 1u);
  const std::string large(3 << 20, 'x');
  MllpClient roomy({"127.0.0.1", server_->port(), 1'000, 5'000, 8 << 20});
  EXPECT_EQ(roomy.Send(large, Any).value().size(), large.size() + 4);
}

TEST_F(MllpOut, PassesOverAnswersToOthers) {
  MllpClient client = Client(300);
  EXPECT_EQ(client.Send("a", [](std::string_view answer) { return answer == "ACK a"; }).value(), "ACK a");
  EXPECT_EQ(RuleOf(client.Send("b", [](std::string_view answer) { return answer == "ACK c"; })), "mllp.client.failed");
}

TEST_F(MllpOut, SilenceIsUnclearAndEndsInTime) {
  MllpClient client = Client(200);
  const int64_t begin = NowMs();
  EXPECT_EQ(RuleOf(client.Send("silent", Any)), "mllp.client.failed");
  EXPECT_LT(NowMs() - begin, 1'500);
  EXPECT_EQ(RuleOf(client.Send("hang up", Any)), "mllp.client.failed");
  EXPECT_EQ(client.Send("again", Any).value(), "ACK again") << "over a new connection";
}

TEST_F(MllpOut, AConnectionThatTheOtherSideHasClosedIsReplacedBeforeAnythingIsSent) {
  MllpClient client = Client();
  EXPECT_TRUE(client.Send("one", Any).ok());
  const uint16_t port = server_->port();
  server_->Stop(0);
  server_.reset();
  EXPECT_EQ(RuleOf(client.Send("two", Any)), "mllp.client.unreachable");
  auto again = MllpServer::Start({.host = "127.0.0.1", .port = port, .loops = 1, .limits = {}}, handler_);
  if (!again.ok()) GTEST_SKIP() << "somebody else has the port now";
  server_ = std::move(*again);
  EXPECT_EQ(client.Send("three", Any).value(), "ACK three");
  EXPECT_EQ(handler_.messages, 2);
}

TEST_F(MllpOut, NobodyThereIsSurelyNotSent) {
  MllpClient nobody({"127.0.0.1", 1, 500, 500});
  EXPECT_EQ(RuleOf(nobody.Send("x", Any)), "mllp.client.unreachable");
  MllpClient no_name({"no-such-host.invalid", 2575, 500, 500});
  EXPECT_EQ(RuleOf(no_name.Send("x", Any)), "mllp.client.unreachable");
}

TEST_F(MllpOut, FrameBytesWithinAMessageAreNotSent) {
  MllpClient client = Client();
  EXPECT_EQ(RuleOf(client.Send("a\x1c\rb", Any)), "mllp.client.frame");
  EXPECT_EQ(RuleOf(client.Send("a\x0b", Any)), "mllp.client.frame");
  EXPECT_EQ(handler_.messages, 0);
}

// A listener that speaks something else, or never reads.
TEST(MllpOutRaw, GarbageAndAFullSocket) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const uint16_t port = ntohs(address.sin_port);
  MllpClient stuck({"127.0.0.1", port, 500, 400});
  const int64_t begin = NowMs();
  EXPECT_EQ(RuleOf(stuck.Send(std::string(32 << 20, 'x'), Any)), "mllp.client.failed") << "it is never read";
  EXPECT_LT(NowMs() - begin, 2'000);
  std::thread speaker([listener] {
    ::close(::accept(listener, nullptr, nullptr));  // the one from before
    const int fd = ::accept(listener, nullptr, nullptr);
    const std::string noise = "HTTP/1.1 400 Bad Request\r\n\r\n" + std::string(10'000, 'n');
    EXPECT_GT(::send(fd, noise.data(), noise.size(), MSG_NOSIGNAL), 0);
    char buffer[100];
    while (::recv(fd, buffer, sizeof buffer, 0) > 0) {
    }
    ::close(fd);
  });
  MllpClient client({"127.0.0.1", port, 500, 2'000});
  EXPECT_NE(RuleOf(client.Send("x", Any)), "");
  speaker.join();
  ::close(listener);
}

}  // namespace
}  // namespace heyi::net
