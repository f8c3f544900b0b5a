// One step for one subscription: shakes hands, sends the next notification, beats the heart, ends what has ended. What
// to do is read from what is durable, each time anew; only when to try again is kept in memory.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/context.h"
#include "exchange/subscription/definition.h"
#include "exchange/subscription/ledger.h"
#include "exchange/subscription/notification.h"
#include "exchange/subscription/status_change.h"
#include "interaction/services.h"
#include "net/http_client.h"

namespace heyi::exchange {

class Courier {
 public:
  // All outlive it.
  Courier(const interaction::Services& services, const SubscriptionTerms& terms, const net::HttpClient::Options& client,
          const base::Clock& clock, base::Random& random);

  // When the subscription is to be looked at next: at once (0), after so many ms, or not before it is woken.
  static constexpr uint32_t kUntilWoken = UINT32_MAX;
  struct Next {
    uint32_t wait_ms = kUntilWoken;
    std::optional<bool> slow = {};  // its endpoint failed, or took long; nullopt: it was not tried
    bool gone = false;              // the subscription is; nothing need be known of it
    std::string origin = {};        // of the endpoint: "http://127.0.0.1:8091"; empty where it is not known
  };
  // Any thread, but never two at a time for the same subscription.
  Next Step(const std::string& id);

  // Ends what is under way within a second, as if it had not been begun: it is sent again another time.
  void Cancel() { cancelled_ = true; }

  uint64_t delivered() const { return delivered_; }
  uint64_t failed() const { return failed_; }

 private:
  // Of a subscription's endpoint, since the program started.
  struct Memory {
    uint32_t failures = 0;          // in a row
    base::TimeMs due_ms = 0;        // not before then
    base::TimeMs trying_since_ms = 0;  // the handshake
    base::TimeMs heard_ms = 0;      // of the last notification that arrived, or of the start
    uint64_t version = 0;           // of the Subscription that these are about
  };
  struct Work {
    std::string id;
    std::shared_ptr<const store::Snapshot> snapshot;
    SubscriberRow row;
    std::optional<std::string> delivery_text;
    DeliveryRow delivery;
    uint64_t version = 0;
    std::string status, error;
    SubscriptionDefinition definition;
    base::TimeMs now_ms = 0;
    Memory memory;
  };
  struct Sent {
    bool taken = false;
    int status = 0;        // 0: no answer
    std::string reason;
    bool slow = false;
  };

  Next Act(Work& work, std::string problem);
  // Nothing to do: false.
  base::Result<bool> Gather(Work& work, std::string* problem) const;
  Next Shake(Work& work);
  Next Deliver(Work& work);
  Next Beat(Work& work);
  Next Turn(Work& work, std::string_view to, std::string error, std::optional<DeliveryRow> delivery);
  Next TryLater(Work& work, std::optional<bool> slow);
  Next Wait(const Work& work, std::optional<bool> slow);
  // A failed delivery is durable once per run of failures: the data may have left.
  Next NoteFailure(Work& work, const std::vector<NotifiedEvent>& events, const Sent& sent);

  Sent Send(const Work& work, const std::vector<NotifiedEvent>& events, std::string_view type);
  Sent Post(const Work& work, net::ClientRequest request);
  bool Settle(Work& work, const std::vector<NotifiedEvent>& events, const Sent& sent, const DeliveryRow& delivery);
  SubscriptionStatus StatusOf(const Work& work, std::string_view type) const;
  bool MayRead(const SubscriberRow& row, const EventRow& event) const;
  Memory Recall(const std::string& id);
  void Remember(const Work& work);

  const interaction::Services& services_;
  const SubscriptionTerms& terms_;
  const base::Clock& clock_;
  base::Random& random_;
  const net::HttpClient client_;
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::map<std::string, Memory> memories_;
  std::atomic<uint64_t> delivered_{0}, failed_{0};
};

}  // namespace heyi::exchange
