// Subscriptions at work: one thread follows the feed and numbers events, a few carry notifications out. A subscription
// is served by one thread at a time, so its events stay in order. Endpoints that are slow, dead or not yet tried share
// half of the threads, and no host ever has more than half: so none holds up the others.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "exchange/subscription/courier.h"
#include "exchange/subscription/follower.h"
#include "interaction/operations.h"
#include "interaction/write_check.h"

namespace heyi::exchange {

class Subscriptions {
 public:
  // `services`, `clock` and `random` outlive it.
  //   errors  the topics' own
  static base::Result<std::unique_ptr<Subscriptions>> Make(const interaction::Services& services,
                                                           const SubscriptionLimits& limits,
                                                           const net::HttpClient::Options& client,
                                                           const base::Clock& clock, base::Random& random);
  ~Subscriptions() { Stop(); }

  void Start();
  void Stop();

  // Refuses Subscriptions that would not be honoured, as they are written.
  const interaction::WriteCheck& write_check() const { return *check_; }
  std::vector<std::string> topics() const { return topics_.urls(); }
  const SubscriptionTerms& terms() const { return terms_; }

  struct Counts {
    uint64_t delivered = 0, failed = 0;
  };
  Counts counts() const { return {courier_.delivered(), courier_.failed()}; }

 private:
  using Moment = std::chrono::steady_clock::time_point;
  enum class Pace : uint8_t { kUntried, kQuick, kSlow };
  struct Lane {
    Moment due;
    bool busy = false;
    bool woken = false;   // while busy
    Pace pace = Pace::kUntried;
    std::string origin;   // of its endpoint, as it was last
  };

  Subscriptions(const interaction::Services& services, const SubscriptionLimits& limits,
                const net::HttpClient::Options& client, Topics topics, const base::Clock& clock, base::Random& random);

  void Wake(const std::string& id);
  // Those whose last delivery arrived are not slow.
  void Recall();
  size_t half() const { return std::max<size_t>(limits_.workers / 2, 1); }
  void FollowFeed();
  void Carry();
  // Of the lanes that may run now the one that has waited longest, slow ones last; end() and when to look again where
  // there is none.
  std::map<std::string, Lane>::iterator Choose(Moment now, Moment* again);

  const interaction::Services& services_;
  const SubscriptionLimits limits_;
  const std::vector<std::string> allowed_prefixes_;
  const Topics topics_;
  const SubscriptionTerms terms_;
  const std::unique_ptr<interaction::WriteCheck> check_;
  Courier courier_;
  SubscriptionFollower follower_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, Lane> lanes_;
  size_t sharing_ = 0;                         // running, and not known to be quick
  std::map<std::string, size_t> running_at_;   // by origin
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// Subscription/$status and Subscription/<id>/$events.
void RegisterSubscriptionOperations(interaction::Operations& operations);

}  // namespace heyi::exchange
