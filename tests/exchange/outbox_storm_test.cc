// A receiver over HTTP that does everything wrong now and then: busy, garbage, late, hanging up after it has read. Each
// elder's messages take effect in their order, none is lost, and every repeat bears its first id.
#include <fmt/format.h>

#include "adapters/message.h"
#include "tests/exchange/outbox_house.h"
#include "tests/net/wire.h"

namespace heyi::exchange {
namespace {

class Moody : public net::Echo {
 public:
  ~Moody() override {
    if (clock_.joinable()) clock_.join();
  }
  void Handle(net::Request request, std::unique_ptr<net::Responder> responder) override {
    const std::string id(request.Header("X-Message-Id"));
    adapters::Acknowledgement ack;
    ack.ref_message_id = "MZ-1";
    net::Response taken{200, {}, adapters::CivilAdapter().Answer(request.body, nullptr, ack)};
    const std::lock_guard lock(mutex_);
    const uint64_t mood = base::Hash64(id + std::to_string(tries_[id]++)) % 100;
    if (mood < 20) return responder->Send({503, {}, ""});
    effects_.push_back(id);
    if (mood < 25) return responder->Send({200, {}, "<html>"});
    if (mood < 30) return responder->Send({500, {}, ""});
    if (mood < 35) return;  // hangs up
    if (mood < 40) return late_.emplace_back(std::move(responder), std::move(taken)), void();
    responder->Send(std::move(taken));
  }
  // Answers what is late, again and again until stopped.
  void StartLate() {
    clock_ = std::thread([this] {
      while (!stopping) {
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        std::vector<std::pair<std::unique_ptr<net::Responder>, net::Response>> late;
        {
          const std::lock_guard lock(mutex_);
          late.swap(late_);
        }
        for (auto& [responder, response] : late) responder->Send(std::move(response));
      }
    });
  }
  std::vector<std::string> effects() {
    const std::lock_guard lock(mutex_);
    return effects_;
  }
  std::atomic<bool> stopping{false};

 private:
  std::mutex mutex_;
  std::map<std::string, int> tries_;
  std::vector<std::string> effects_;
  std::vector<std::pair<std::unique_ptr<net::Responder>, net::Response>> late_;
  std::thread clock_;
};

TEST(OutboxStorm, OrderAndIdsHold) {
  OutboxHouse house;
  Moody moody;
  const auto server = net::StartServer(moody, {}, 1);
  moody.StartLate();
  Route route = QuickRoute("a");
  route.url = fmt::format("http://127.0.0.1:{}/", server->port());
  route.answer_timeout_ms = 100;
  route.connect_timeout_ms = 20;
  route.connections = 8;
  std::map<std::string, std::vector<std::string>> sent;
  std::map<std::string, std::string> elder_of;
  for (int round = 0; round < 8; ++round) {
    std::vector<std::string> elders;
    for (int i = 0; i < 25; ++i) elders.push_back("Patient/p" + std::to_string(i));
    const auto ids = house.Add(route, elders);
    for (size_t i = 0; i < ids.size(); ++i) {
      sent[elders[i]].push_back(ids[i]);
      elder_of[ids[i]] = elders[i];
    }
  }
  Delivery delivery(house.store(), route, house.clock(), [&](const Cancelled& cancelled) {
    return MakeHttpChannel(route, {.allowed_prefixes = {route.url}}, cancelled);
  });
  ASSERT_TRUE(delivery.Open().ok());
  delivery.Start();
  EXPECT_TRUE(Soon([&] { return delivery.health().second.waiting == 0; }));
  EXPECT_EQ(delivery.health().second.delivered, 200u);
  EXPECT_EQ(delivery.health().second.dead, 0u);
  std::map<std::string, std::vector<std::string>> effects;
  for (const std::string& id : moody.effects()) {
    auto& of_elder = effects[elder_of[id]];
    if (of_elder.empty() || of_elder.back() != id) of_elder.push_back(id);  // a repeat follows its first at once
  }
  EXPECT_EQ(effects, sent);
  EXPECT_GT(moody.effects().size(), 205u) << "there were repeats";
  moody.stopping = true;
}

}  // namespace
}  // namespace heyi::exchange
