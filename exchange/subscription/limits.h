// Every bound of subscriptions; those of SubscriptionLimits are the configuration's ("subscriptions": {…}).
#pragma once

#include <cstddef>
#include <cstdint>

namespace heyi::exchange {

struct SubscriptionLimits {
  uint32_t subscriptions_max = 200;
  uint32_t events_kept = 10'000;           // of one subscription, delivered or not; older ones go
  uint32_t batch_events = 20;              // in one notification; a subscription's max-count may ask for fewer
  uint32_t workers = 8;                    // threads that send; at least two
  uint32_t retry_first_ms = 500;           // doubles up to retry_max_ms
  uint32_t retry_max_ms = 60'000;
  uint32_t handshake_ms = 60'000;          // of trying, until a requested subscription is in error
  uint32_t give_up_ms = 24 * 3'600'000;    // of failing, until an active subscription is in error
  uint32_t timeout_ms = 30'000;            // of one request; a subscription's timeout may ask for less
};

inline constexpr size_t kSubscriptionEntriesARound = 1'000;  // journal entries looked at for one commit of the follower
inline constexpr size_t kSubscriptionFactsARound = 5'000;
inline constexpr size_t kSubscriptionBatchBytes = 8 * 1024 * 1024;  // of a notification's resources; one always goes
inline constexpr size_t kSubscriptionFiltersMax = 20;
inline constexpr size_t kSubscriptionHeadersMax = 20;
inline constexpr size_t kSubscriptionTextBytesMax = 4'000;    // of a criteria, a filter, an endpoint, a header
inline constexpr size_t kSubscriptionEventsAnswered = 1'000;  // by one $events
inline constexpr uint64_t kSubscriptionAnswerBytesMax = 1024 * 1024;  // of a receiver's answer
inline constexpr uint64_t kSubscriptionIdleStep = 1'000;      // entries that the follower may pass without a commit
inline constexpr uint32_t kSubscriptionSlowMs = 1'000;        // an endpoint that takes longer is slow
inline constexpr uint64_t kSubscriptionPathSteps = 100'000;   // of a topic's FHIRPath on one change

}  // namespace heyi::exchange
