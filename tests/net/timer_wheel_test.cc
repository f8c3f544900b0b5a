#include "net/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace heyi::net {
namespace {

TEST(TimerWheel, AgreesWithASortedMap) {
  constexpr int64_t kStart = 1'000'003;
  TimerWheel wheel(kStart);
  std::mt19937 random(3);
  std::vector<std::unique_ptr<TimerWheel::Timer>> timers;
  std::map<uint64_t, int64_t> wanted;
  for (uint64_t id = 0; id < 200; ++id) {
    timers.push_back(std::make_unique<TimerWheel::Timer>());
    timers.back()->link.id = id;
  }
  int64_t now = kStart;
  int fired = 0;
  for (int step = 0; step < 20'000; ++step) {
    const uint64_t id = random() % timers.size();
    if (random() % 10 == 0) {
      wheel.Set(*timers[id], kNoDeadline);
      wanted.erase(id);
    } else {
      const int64_t deadline = now + static_cast<int64_t>(random() % (step % 3 == 0 ? 200'000 : 500));
      wheel.Set(*timers[id], deadline);
      wanted[id] = deadline;
    }
    if (random() % 4 != 0) continue;
    now += static_cast<int64_t>(random() % (step % 1000 == 0 ? 150'000 : 100));
    std::vector<uint64_t> expired;
    wheel.Advance(now, &expired);
    for (uint64_t at : expired) {
      ASSERT_TRUE(wanted.contains(at));
      ASSERT_LE(wanted[at], now);
      wanted.erase(at);
      ++fired;
    }
    const int64_t delay = wheel.NextDelayMs(now);
    for (const auto& [at, deadline] : wanted) {
      ASSERT_GT(deadline, now - TimerWheel::kTickMs) << "overdue";
      ASSERT_GE(delay, 0);
      ASSERT_LE(now + delay, std::max(deadline, now) + TimerWheel::kTickMs);
    }
  }
  EXPECT_GT(fired, 1000);
}

TEST(TimerWheel, HasNothingToWaitForWhenEmpty) {
  TimerWheel wheel(0);
  EXPECT_EQ(wheel.NextDelayMs(0), -1);
  {
    TimerWheel::Timer timer;
    wheel.Set(timer, 100);
    EXPECT_EQ(wheel.NextDelayMs(0), 128);
  }
  std::vector<uint64_t> expired;
  wheel.Advance(1000, &expired);  // the timer is gone
  EXPECT_TRUE(expired.empty());
  EXPECT_EQ(wheel.NextDelayMs(1000), -1);
}

}  // namespace
}  // namespace heyi::net
