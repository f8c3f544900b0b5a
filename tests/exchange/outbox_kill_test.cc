// kill -9 around a send: the receiver gets every message at least once under one id, and one that must not be repeated
// waits for an operator.
#include <sys/wait.h>
#include <unistd.h>

#include "tests/exchange/outbox_house.h"
#include "tests/net/wire.h"

namespace heyi::exchange {
namespace {

constexpr const char* kChildDirectory = "HEYI_OUTBOX_CHILD";

// Counts message ids; "taken" is for the adapter to say, so that here it is a refusal without words: 422.
class Counter : public net::Echo {
 public:
  void Handle(net::Request request, std::unique_ptr<net::Responder> responder) override {
    {
      const std::lock_guard lock(mutex_);
      ++ids_[std::string(request.Header("X-Message-Id"))];
    }
    responder->Send({422, {}, ""});
  }
  std::map<std::string, int> ids() {
    const std::lock_guard lock(mutex_);
    return ids_;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> ids_;
};

Route KillRoute(const std::string& url, bool idempotent) {
  Route route = QuickRoute("a");
  route.url = url;
  route.idempotent = idempotent;
  route.connections = 1;
  return route;
}

void RunUntilEmpty(OutboxHouse& house, const Route& route) {
  Delivery delivery(house.store(), route, house.clock(), [&](const Cancelled& cancelled) {
    return MakeHttpChannel(route, {.allowed_prefixes = {route.url}}, cancelled);
  });
  ASSERT_TRUE(delivery.Open().ok());
  delivery.Start();
  EXPECT_TRUE(Soon([&] { return delivery.health().second.waiting == 0; }));
}

TEST(OutboxChild, Sends) {
  const char* directory = std::getenv(kChildDirectory);
  if (directory == nullptr) GTEST_SKIP() << "run by OutboxKill only";
  OutboxHouse house(directory);
  RunUntilEmpty(house, KillRoute(std::getenv("HEYI_OUTBOX_URL"), std::getenv("HEYI_OUTBOX_TWICE") != nullptr));
}

class OutboxKill : public ::testing::TestWithParam<std::tuple<const char*, bool>> {};

TEST_P(OutboxKill, LeavesEveryMessageAtLeastOnce) {
  const auto& [point, idempotent] = GetParam();
  Counter counter;
  const auto server = net::StartServer(counter, {}, 1);
  const std::string url = "http://127.0.0.1:" + std::to_string(server->port()) + "/";
  const Route route = KillRoute(url, idempotent);
  char name[] = "/tmp/heyi-outbox-kill-XXXXXX";
  const std::string directory = ::mkdtemp(name);
  std::vector<std::string> ids;
  {
    OutboxHouse house(directory);
    ids = house.Add(route, {"Patient/p1", "Patient/p2", "Patient/p3"});
  }
  // Made before the fork: other threads of this process may hold the heap's lock.
  std::vector<std::string> variables{"HEYI_KILL_AT=" + std::string(point) + ":2", kChildDirectory + ("=" + directory), "HEYI_OUTBOX_URL=" + url};
  if (idempotent) variables.emplace_back("HEYI_OUTBOX_TWICE=1");
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  char program[] = "exchange_test", filter[] = "--gtest_filter=OutboxChild.*";
  char* const words[] = {program, filter, nullptr};
  const pid_t child = ::fork();
  if (child == 0) {
    ::execve("/proc/self/exe", words, environment.data());
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  OutboxHouse house(directory);
  RunUntilEmpty(house, route);
  const bool sent = std::string(point) != "delivery.before-send", settled = std::string(point) == "delivery.settled";
  std::map<std::string, int> counts = counter.ids();
  EXPECT_EQ(counts[ids[0]], 1);
  EXPECT_EQ(counts[ids[2]], 1);
  EXPECT_EQ(counts[ids[1]], (sent ? 1 : 0) + (settled || !idempotent ? 0 : 1));
  EXPECT_EQ(house.Find(route, RowState::kQuarantined, ids[1]).has_value(), !idempotent && !settled);
  EXPECT_EQ(house.Find(route, RowState::kDead, ids[1]).has_value(), idempotent || settled) << "the receiver's 422";
  std::filesystem::remove_all(directory);
}

INSTANTIATE_TEST_SUITE_P(Points, OutboxKill,
                         ::testing::Combine(::testing::Values("delivery.before-send", "delivery.sent", "delivery.settled"), ::testing::Bool()));

}  // namespace
}  // namespace heyi::exchange
