#include "exchange/subscription/subscriptions.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "exchange/subscription/write_check.h"

namespace heyi::exchange {
namespace {

constexpr uint32_t kFeedLookMs = 250;
constexpr uint32_t kUnaskedMs = 50;  // while nobody subscribes, many entries are looked at together
constexpr uint32_t kSendsUnderWayMs = 1'000;  // that they have when we stop
constexpr std::chrono::hours kNothingDue{1};

}  // namespace

base::Result<std::unique_ptr<Subscriptions>> Subscriptions::Make(const interaction::Services& services,
                                                                 const SubscriptionLimits& limits,
                                                                 const net::HttpClient::Options& client,
                                                                 const base::Clock& clock, base::Random& random) {
  HEYI_TRY(topics, Topics::Compile(Topics::DistrictRows(), *services.parameters));
  return std::unique_ptr<Subscriptions>(new Subscriptions(services, limits, client, std::move(topics), clock, random));
}

Subscriptions::Subscriptions(const interaction::Services& services, const SubscriptionLimits& limits,
                             const net::HttpClient::Options& client, Topics topics, const base::Clock& clock,
                             base::Random& random)
    : services_(services),
      limits_(limits),
      allowed_prefixes_(client.allowed_prefixes),
      topics_(std::move(topics)),
      terms_{*services.parameters, topics_, allowed_prefixes_, limits_},
      check_(MakeSubscriptionCheck(terms_)),
      courier_(services, terms_, client, clock, random),
      follower_(services, terms_, [this](const std::string& id) { Wake(id); }) {}

void Subscriptions::Start() {
  if (const auto loaded = follower_.Load(); !loaded.ok()) {  // the follower tries again
    base::Log(base::LogLevel::kError, "subscription.not-loaded",
              {{"rule", loaded.error().outcome.issues().front().rule}});
  }
  Recall();
  threads_.emplace_back([this] { FollowFeed(); });
  for (uint32_t i = 0; i < std::max(limits_.workers, 2u); ++i) threads_.emplace_back([this] { Carry(); });
}

void Subscriptions::Recall() {
  std::lock_guard lock(mutex_);
  const auto read = services_.store.Now()->Facts(kSubscriptionDeliverySpace, "",
                                                 [this](std::string_view key, std::string_view value) {
                                                   const auto row = DecodeDeliveryRow(value);
                                                   const auto lane = lanes_.find(std::string(key));
                                                   if (row.ok() && lane != lanes_.end()) {
                                                     lane->second.pace = row->failing_since_ms != 0 ? Pace::kSlow
                                                                         : row->delivered > 0       ? Pace::kQuick
                                                                                                    : Pace::kUntried;
                                                   }
                                                   return true;
                                                 });
  if (!read.ok()) base::Log(base::LogLevel::kWarning, "subscription.not-recalled", {});
}

void Subscriptions::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::milliseconds(kSendsUnderWayMs), [this] { return running_at_.empty(); });
  }
  courier_.Cancel();
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
  // True when it is time to end.
  const auto pause = [this](uint32_t wait_ms) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::milliseconds(wait_ms), [this] { return stopping_; });
  };
  while (!pause(0)) {
    const auto advanced = follower_.Advance();
    if (!advanced.ok()) {
      if (pause(kFeedLookMs)) return;
    } else if (!advanced->more) {
      services_.store.WaitBeyond(advanced->t, kFeedLookMs);
      if (!follower_.has_subscribers() && pause(kUnaskedMs)) return;
    }
  }
}

std::map<std::string, Subscriptions::Lane>::iterator Subscriptions::Choose(Moment now, Moment* again) {
  const bool share_left = sharing_ < half();
  const auto crowded = [this](const Lane& lane) {
    const auto running = running_at_.find(lane.origin);
    return !lane.origin.empty() && running != running_at_.end() && running->second >= half();
  };
  const auto rank = [](const Lane& lane) { return std::pair(lane.pace == Pace::kSlow, lane.due); };
  auto chosen = lanes_.end();
  *again = now + kNothingDue;
  for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
    if (lane->second.busy || (lane->second.pace != Pace::kQuick && !share_left) || crowded(lane->second)) {
      continue;  // whoever ends tells the others
    }
    if (lane->second.due > now) {
      *again = std::min(*again, lane->second.due);
    } else if (chosen == lanes_.end() || rank(lane->second) < rank(chosen->second)) {
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
    const std::string id = chosen->first, origin = chosen->second.origin;
    const bool shares = chosen->second.pace != Pace::kQuick;
    chosen->second.busy = true;
    chosen->second.woken = false;
    sharing_ += shares ? 1 : 0;
    ++running_at_[origin];
    lock.unlock();
    const Courier::Next next = courier_.Step(id);
    lock.lock();
    sharing_ -= shares ? 1 : 0;
    if (--running_at_[origin] == 0) running_at_.erase(origin);
    Lane& lane = lanes_.at(id);  // nobody takes a busy one away
    lane.busy = false;
    if (next.slow) lane.pace = *next.slow ? Pace::kSlow : Pace::kQuick;
    lane.origin = next.origin;
    const auto now = std::chrono::steady_clock::now();
    if (lane.woken) {
      lane.due = now;
    } else if (next.gone) {
      lanes_.erase(id);
    } else {
      lane.due = next.wait_ms == Courier::kUntilWoken ? Moment::max() : now + std::chrono::milliseconds(next.wait_ms);
    }
    wake_.notify_all();
  }
}

}  // namespace heyi::exchange
