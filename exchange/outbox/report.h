// A channel as operators see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "exchange/channel.h"

namespace heyi::exchange {

enum class ChannelState : uint8_t { kOpen, kPaused, kBroken };
std::string_view ChannelStateName(ChannelState state);  // "open"

struct ChannelCounts {
  uint64_t waiting = 0;      // out: rows; in: files that lie there
  uint64_t delivered = 0;    // since the program started; in: taken
  uint64_t dead = 0;         // in: refused, since the program started
  uint64_t quarantined = 0;
  uint64_t openings = 0;     // of the breaker, since the program started
};

struct ChannelReport {
  std::string name, department, place;
  ChannelKind kind = ChannelKind::kHttp;
  bool inbound = false;
  ChannelState state = ChannelState::kOpen;
  base::TimeMs since_ms = 0;                        // of the state
  ChannelCounts counts;
  std::optional<base::TimeMs> oldest_waiting_ms;    // when what waits longest was made
  std::string last_error;
  base::TimeMs last_error_ms = 0;
};

}  // namespace heyi::exchange
