#include "exchange/subscription/subscriptions.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "exchange/subscription/write_check.h"

namespace heyi::exchange {
namespace {

constexpr uint32_t kFeedLookMs = 250;
constexpr std::chrono::hours kNothingDue{1};

}  // namespace

base::Result<std::unique_ptr<Subscriptions>> Subscriptions::Make(const interaction::Services& services, const SubscriptionLimits& limits,
                                                                 const net::HttpClient::Options& client, const base::Clock& clock, base::Random& random) {
  HEYI_TRY(topics, Topics::Compile(Topics::DistrictRows(), *services.parameters));
  return std::unique_ptr<Subscriptions>(new Subscriptions(services, limits, client, std::move(topics), clock, random));
}

Subscriptions::Subscriptions(const interaction::Services& services, const SubscriptionLimits& limits, const net::HttpClient::Options& client,
                             Topics topics, const base::Clock& clock, base::Random& random)
    : services_(services),
      limits_(limits),
      allowed_prefixes_(client.allowed_prefixes),
      topics_(std::move(topics)),
      terms_{*services.parameters, topics_, allowed_prefixes_, limits_},
      check_(MakeSubscriptionCheck(terms_)),
      courier_(services, terms_, client, clock, random),
      follower_(services, terms_, [this](const std::string& id) { Wake(id); }) {}

void Subscriptions::Start() {
  auto known = follower_.Load();
  if (known.ok()) {
    for (const std::string& id : *known) Wake(id);
  } else {
    base::Log(base::LogLevel::kError, "subscription.not-loaded", {{"rule", known.error().outcome.issues().front().rule}});
  }
  threads_.emplace_back([this] { FollowFeed(); });
  for (uint32_t i = 0; i < std::max(limits_.workers, 1u); ++i) threads_.emplace_back([this] { Carry(); });
}

void Subscriptions::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Subscriptions::Wake(const std::string& id) {
  {
    std::lock_guard lock(mutex_);
    Lane& lane = lanes_[id];
    lane.due = std::chrono::steady_clock::now();
    lane.woken = lane.busy;
  }
  wake_.notify_all();
}

void Subscriptions::FollowFeed() {
  const auto stopping = [this] {
    std::lock_guard lock(mutex_);
    return stopping_;
  };
  while (!stopping()) {
    const auto advanced = follower_.Advance();
    if (!advanced.ok()) {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::milliseconds(kFeedLookMs), [this] { return stopping_; });
      continue;
    }
    if (!advanced->more) services_.store.WaitBeyond(advanced->t, kFeedLookMs);
  }
}

std::map<std::string, Subscriptions::Lane>::iterator Subscriptions::Choose(Moment now, Moment* again) {
  const bool slow_may_run = slow_running_ < std::max<size_t>(limits_.workers / 2, 1);
  auto chosen = lanes_.end();
  *again = now + kNothingDue;
  for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
    if (lane->second.busy || (lane->second.slow && !slow_may_run)) continue;  // whoever ends tells the others
    if (lane->second.due > now) {
      *again = std::min(*again, lane->second.due);
    } else if (chosen == lanes_.end() || lane->second.due < chosen->second.due) {
      chosen = lane;
    }
  }
  return chosen;
}

void Subscriptions::Carry() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    Moment again;
    const auto chosen = Choose(std::chrono::steady_clock::now(), &again);
    if (chosen == lanes_.end()) {
      wake_.wait_until(lock, again);
      continue;
    }
    const std::string id = chosen->first;
    const bool slow = chosen->second.slow;
    chosen->second.busy = true;
    chosen->second.woken = false;
    slow_running_ += slow ? 1 : 0;
    lock.unlock();
    const Courier::Next next = courier_.Step(id);
    lock.lock();
    slow_running_ -= slow ? 1 : 0;
    Lane& lane = lanes_.at(id);  // nobody takes a busy one away
    lane.busy = false;
    lane.slow = next.slow;
    const auto now = std::chrono::steady_clock::now();
    if (lane.woken) {
      lane.due = now;
    } else if (next.wait_ms == Courier::kUntilWoken) {
      lanes_.erase(id);
    } else {
      lane.due = now + std::chrono::milliseconds(next.wait_ms);
    }
    wake_.notify_all();
  }
}

}  // namespace heyi::exchange
