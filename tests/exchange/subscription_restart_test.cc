// Nothing is lost and nothing is passed over: events numbered without a gap and delivered in order while the server is
// stopped and started, killed at the worst moments, and the receiver is away.
#include <signal.h>
#include <sys/wait.h>

#include <fmt/format.h>

#include <set>

#include "base/file.h"
#include "tests/exchange/subscription_house.h"

namespace heyi::exchange {
namespace {

std::string TaskBody(int number) {
  return fmt::format(
      R"({{"resourceType":"Task","id":"t{}","status":"requested","intent":"order","focus":{{"reference":"ServiceRequest/s1"}}}})",
      number);
}

// What a receiver has taken: each event's number with what it told of, in the order of coming.
struct Taken {
  std::vector<std::pair<uint64_t, std::string>> events;
  bool stable = true;   // a number that came again told the same
  bool ordered = true;  // first comings rise by one
  std::map<uint64_t, std::string> by_number;

  explicit Taken(const std::vector<Received>& received) {
    for (const Received& one : received) {
      const base::JsonValue bundle = one.Json();
      const std::vector<uint64_t> numbers = EventNumbers(bundle);
      for (size_t i = 0; i < numbers.size(); ++i) {
        const std::string focus(bundle["entry"].items().at(1 + i)["resource"].StringAt("id"));
        const auto [at, first] = by_number.emplace(numbers[i], focus);
        stable = stable && at->second == focus;
        if (first) ordered = ordered && numbers[i] == by_number.size();
      }
    }
  }
};

TEST(SubscriptionRestart, TwentyRestartsLoseNothing) {
  Receiver receiver;
  SubscriptionHouse house({receiver.origin() + "/"});
  house.Start();
  ASSERT_EQ(house
                .Ask("bureau", "PUT", "/Subscription/s",
                     TopicSubscription("s", "referral-task", receiver.origin() + "/t", "full-resource"))
                .status,
            201);
  ASSERT_EQ(house.WaitForStatus("bureau", "s", "active"), "active");
  const uint16_t port = receiver.port();
  int made = 0;
  for (int restart = 0; restart < 20; ++restart) {
    if (restart % 4 == 1) receiver.Close();     // away through the next restarts
    if (restart % 4 == 3) receiver.Open(port);
    for (int i = 0; i < 10; ++i) {
      ++made;
      ASSERT_EQ(house.Ask("bureau", "PUT", fmt::format("/Task/t{}", made), TaskBody(made)).status, 201);
    }
    house.Stop();
    house.Start();
  }
  for (int i = 0; i < 1'000 && Taken(receiver.all()).by_number.size() < static_cast<size_t>(made); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const Taken taken(receiver.all());
  EXPECT_TRUE(taken.stable);
  EXPECT_TRUE(taken.ordered);
  ASSERT_EQ(taken.by_number.size(), static_cast<size_t>(made));
  for (int i = 1; i <= made; ++i) EXPECT_EQ(taken.by_number.at(static_cast<uint64_t>(i)), fmt::format("t{}", i));
  EXPECT_EQ(house.WaitForStatus("bureau", "s", "active"), "active");
}

// The server of the next test: another process, so that it can be killed. DIRECTORY/origin says where it may send,
// DIRECTORY/url where it listens.
TEST(SubscriptionChild, Serves) {
  const char* directory = std::getenv("HEYI_SUBSCRIPTION_CHILD");
  if (directory == nullptr) GTEST_SKIP() << "is another test's";
  auto origin = base::ReadFile(std::string(directory) + "/origin");
  ASSERT_TRUE(origin.ok());
  server::Config config;
  config.hub_code = "12310199MB00000119";
  config.outbound_allowed = {*origin};
  config.tokens.push_back({base::ToHex(base::Sha256("bureau")), {"bureau", "", "civil-affairs", "system", "", "COC"}});
  config.subscriptions.retry_first_ms = 20;
  config.subscriptions.retry_max_ms = 50;
  base::SystemClock clock;
  base::SystemRandom random;
  auto server = server::Server::Start(
      {std::string(directory) + "/data", HEYI_BINARY_DIR "/heyi-r4.pack", "127.0.0.1", 0, config}, clock, random);
  ASSERT_TRUE(server.ok());
  ASSERT_TRUE(base::WriteFileDurably(std::string(directory) + "/url", (*server)->base_url(), 0600).ok());
  ::pause();
}

class Killed {
 public:
  explicit Killed(std::string directory) : directory_(std::move(directory)) {}
  ~Killed() { Kill(); }

  // `fault`: HEYI_KILL_AT of that run; empty: none.
  void Start(const std::string& fault) {
    std::filesystem::remove(directory_ + "/url");
    std::vector<std::string> words = {"/proc/self/exe", "--gtest_filter=SubscriptionChild.Serves"};
    std::vector<std::string> environment = {"HEYI_SUBSCRIPTION_CHILD=" + directory_, "PATH=/usr/bin"};
    if (!fault.empty()) environment.push_back("HEYI_KILL_AT=" + fault);
    std::vector<char*> argv, envp;
    for (std::string& word : words) argv.push_back(word.data());
    for (std::string& word : environment) envp.push_back(word.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    const std::string out = directory_ + "/child.out";
    pid_ = ::fork();
    if (pid_ == 0) {
      if (::freopen(out.c_str(), "a", stdout) == nullptr || ::freopen(out.c_str(), "a", stderr) == nullptr) ::_exit(1);
      ::execve(argv[0], argv.data(), envp.data());
      ::_exit(1);
    }
    for (int i = 0; i < 1'000 && !std::filesystem::exists(directory_ + "/url"); ++i) {
      if (!Alive()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    if (auto url = base::ReadFile(directory_ + "/url"); url.ok()) url_ = *url;
  }
  bool Alive() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
    return pid_ > 0;
  }
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  // 0: no answer.
  int Put(const std::string& target, const std::string& body) const {
    const net::HttpClient client({{url_.substr(0, url_.rfind('/') + 1)}, 1'000, 5'000, 1 << 20});
    const auto answer = client.Send(
        {"PUT", url_ + target, {{"Authorization", "Bearer bureau"}, {"Content-Type", "application/fhir+json"}}, body});
    return answer.ok() ? answer->status : 0;
  }

 private:
  const std::string directory_;
  std::string url_;
  pid_t pid_ = 0;
};

TEST(SubscriptionRestart, KillsLoseNothing) {
  char name[] = "/tmp/heyi-subscription-kill-XXXXXX";
  const std::string directory = ::mkdtemp(name);
  Receiver receiver;
  ASSERT_TRUE(base::WriteFileDurably(directory + "/origin", receiver.origin() + "/", 0600).ok());
  {
    Killed server(directory);
    // Each where a commit or a delivery is half done, the last at any time.
    const std::string faults[] = {"subscription.before-status:1",
                                  "subscription.before-commit:3",
                                  "subscription.committed:3",
                                  "subscription.before-send:4",
                                  "subscription.sent:3",
                                  "subscription.settled:3",
                                  "subscription.committed:1",
                                  "subscription.sent:1",
                                  "journal.torn:30",
                                  "journal.before-sync:40",
                                  ""};
    int acknowledged = 0, next = 1, deaths = 0;
    bool subscribed = false;
    for (const std::string& fault : faults) {
      server.Start(fault);
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
      for (int i = 0; (i < 8 || !fault.empty()) && server.Alive() && std::chrono::steady_clock::now() < deadline; ++i) {
        if (!subscribed) {
          const int status = server.Put(
              "/Subscription/s", TopicSubscription("s", "referral-task", receiver.origin() + "/t", "full-resource"));
          subscribed = status == 200 || status == 201;
          continue;
        }
        // The same Task until it is acknowledged: it may have been committed before the server died, and is one event
        // then, too.
        const int status = server.Put(fmt::format("/Task/t{}", next), TaskBody(next));
        if (status != 200 && status != 201) continue;
        acknowledged = next++;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      deaths += server.Alive() ? 0 : 1;
      server.Kill();
    }
    EXPECT_GE(deaths, 8) << "the moments were not reached";
    ASSERT_TRUE(subscribed);
    server.Start("");
    for (int i = 0; i < 1'000 && Taken(receiver.all()).by_number.size() < static_cast<size_t>(acknowledged); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const Taken taken(receiver.all());
    EXPECT_TRUE(taken.stable);
    EXPECT_TRUE(taken.ordered);
    EXPECT_GE(acknowledged, 20);
    std::set<std::string> told;
    for (const auto& [number, task] : taken.by_number) told.insert(task);
    for (int i = 1; i <= acknowledged; ++i) EXPECT_TRUE(told.contains(fmt::format("t{}", i))) << i;
    // A Task whose first commit was not acknowledged was put again unchanged, which the topic does not mean.
    EXPECT_EQ(told.size(), taken.by_number.size());
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace heyi::exchange
