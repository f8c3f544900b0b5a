// A hundred thousand rows waiting: what it costs to start with them, and that sending goes on as if they were not there.
#include <chrono>

#include "tests/exchange/outbox_house.h"

namespace heyi::exchange {
namespace {

double Seconds(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

TEST(OutboxBacklog, DoesNotSlowDownWhatCanBeSent) {
  constexpr int kStuck = 100'000, kSent = 500;
  OutboxHouse house;
  Route route = QuickRoute("a");
  route.retry = {600'000, 600'000};
  OutboxReceiver receiver([](const OutboxRow& row, int) {
    return row.order_key.starts_with("Bed/") ? SendResult{} : SendResult{Sent::kNotSent, Fault::kReceiver, "later"};
  });
  std::vector<std::string> beds;
  for (int i = 0; i < kSent; ++i) beds.push_back("Bed/" + std::to_string(i));
  double alone = 0, beside = 0, opening = 0;
  {
    Route other = route;
    other.name = "alone";
    house.Add(other, beds);
    Running running(house, other, receiver);
    alone = Seconds([&] { ASSERT_TRUE(Soon([&] { return running.counts().waiting == 0; })); });
  }
  for (int i = 0; i < kStuck; i += 5'000) {
    std::vector<std::string> elders;
    for (int j = i; j < i + 5'000; ++j) elders.push_back("Patient/p" + std::to_string(j));
    house.Add(route, elders);
  }
  Delivery delivery(house.store(), route, house.clock(), receiver.Connection());
  opening = Seconds([&] { ASSERT_TRUE(delivery.Open().ok()); });
  const double once = Seconds([&] {
    delivery.Start();
    while (receiver.sends() < kStuck + kSent) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  house.Add(route, beds);
  beside = Seconds([&] {
    delivery.RowsAdded(kSent);
    ASSERT_TRUE(Soon([&] { return delivery.health().second.waiting == kStuck; }));
  });
  std::printf("opened with %d rows in %.2f s, tried each once in %.2f s; %d rows sent alone in %.2f s, beside them in %.2f s\n", kStuck, opening, once, kSent, alone,
              beside);
  EXPECT_LT(beside, alone * 3 + 0.5);
}

}  // namespace
}  // namespace heyi::exchange
