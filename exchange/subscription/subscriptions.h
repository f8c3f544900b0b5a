// Subscriptions at work: one thread follows the feed and numbers events, a few carry notifications out. A subscription
// is served by one thread at a time, so its events stay in order; endpoints that are slow or dead share half of the
// threads, so that they never hold up the others.
#pragma once

#include <condition_variable>
#include <deque>
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
  static base::Result<std::unique_ptr<Subscriptions>> Make(const interaction::Services& services, const SubscriptionLimits& limits,
                                                           const net::HttpClient::Options& client, const base::Clock& clock, base::Random& random);
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
  struct Lane {
    Moment due;
    bool busy = false;
    bool woken = false;   // while busy
    bool slow = false;
  };

  Subscriptions(const interaction::Services& services, const SubscriptionLimits& limits, const net::HttpClient::Options& client, Topics topics,
                const base::Clock& clock, base::Random& random);

  void Wake(const std::string& id);
  void FollowFeed();
  void Carry();
  // The lane that has waited longest and may run now; end() and when to look again where there is none.
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
  size_t slow_running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// Subscription/$status and Subscription/<id>/$events.
void RegisterSubscriptionOperations(interaction::Operations& operations);

}  // namespace heyi::exchange
