// The circuit breaker of one channel: after enough failures in a row nothing is sent but one message now and then, until
// one gets through.
//
//   closed --failures in a row--> open --pause is over--> half-open (one message under way)
//   half-open --it gets through--> closed          half-open --it fails--> open, with twice the pause
//
// Not thread-safe.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "exchange/channel.h"

namespace heyi::exchange {

class Breaker {
 public:
  enum class State : uint8_t { kClosed, kOpen, kHalfOpen };

  explicit Breaker(const BreakerRules& rules) : rules_(rules) {}

  // May a message be sent now? True while half-open only once: the caller must then report what became of it.
  bool Admit(base::TimeMs now_ms);
  // When Admit will next say yes; `now_ms` where it does already. While half-open: when the probe's result is known.
  base::TimeMs AdmitsAt(base::TimeMs now_ms) const;

  // These two return whether the breaker was closed (opened) by it: what operators are told, once.
  bool Succeeded();
  bool Failed(base::TimeMs now_ms);
  void ProbeUnused();  // Admit said yes, but there was nothing to send

  void Reset();        // an operator says that it is well again

  State state() const { return state_; }

 private:
  const BreakerRules rules_;
  State state_ = State::kClosed;
  uint32_t failures_ = 0;     // in a row
  uint32_t pause_ms_ = 0;
  base::TimeMs probe_ms_ = 0;
};

}  // namespace heyi::exchange
