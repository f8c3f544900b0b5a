// One destination's sender: takes outbox rows in order for each elder or bed, sends, and notes the receiver's word.
// A row that fails waits longer each time and holds up only what must come after it.
#pragma once

#include <atomic>
#include <map>
#include <string>

#include "exchange/exchange.h"
#include "exchange/outbox/outbox.h"

namespace heyi::exchange {

class Delivery {
 public:
  Delivery(const interaction::Services& services, const Options& options, const Route& route, const base::Clock& clock)
      : services_(services), options_(options), route_(route), clock_(clock), client_(options.client) {}

  // Sends what is due. Returns how long nothing will be due, in ms.
  uint32_t SendDue();

  uint64_t waiting() const { return waiting_; }
  uint64_t delivered() const { return delivered_; }
  uint64_t dead() const { return dead_; }

 private:
  enum class Sent : uint8_t { kTaken, kRefused, kUnclear, kNotSent };
  struct Retry {
    uint32_t tries = 0;
    base::TimeMs due_ms = 0;
  };

  Sent Send(const OutboxRow& row, std::string* reason) const;
  // The row leaves the outbox with the leaf of its delivery (or its death), in one commit.
  bool Settle(const std::string& key, const std::string& text, OutboxRow row, bool taken);

  const interaction::Services& services_;
  const Options& options_;
  const Route route_;
  const base::Clock& clock_;
  const net::HttpClient client_;
  std::map<std::string, Retry> retries_;   // by outbox key
  std::atomic<uint64_t> waiting_{0}, delivered_{0}, dead_{0};
};

}  // namespace heyi::exchange
