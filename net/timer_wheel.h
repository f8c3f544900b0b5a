// Deadlines of many connections. Lazy: a deadline that moves later, as at every request, only changes a number; the
// timer is looked at again when its old place in the wheel comes up.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "net/link_list.h"

namespace heyi::net {

inline constexpr int64_t kNoDeadline = INT64_MAX;

class TimerWheel {
 public:
  static constexpr int64_t kTickMs = 64;

  struct Timer {
    Link link;  // link.id names whose it is
    int64_t deadline_ms = kNoDeadline;
    int64_t tick = 0;  // where it lies while linked
  };

  explicit TimerWheel(int64_t now_ms) : tick_(now_ms / kTickMs) {}

  // Sets or moves the deadline; kNoDeadline takes it away.
  void Set(Timer& timer, int64_t deadline_ms);

  // Appends the ids of the timers whose deadline has come; they are no longer set. At most kTickMs late.
  void Advance(int64_t now_ms, std::vector<uint64_t>* expired);

  // Milliseconds until Advance() has something to look at; -1 where there is nothing.
  int64_t NextDelayMs(int64_t now_ms) const {
    return next_tick_ == kNoDeadline ? -1 : std::max<int64_t>(next_tick_ * kTickMs - now_ms, 0);
  }

 private:
  static constexpr int64_t kTicks = 1024;

  void Place(Timer& timer);
  int64_t FindNextTick() const;

  std::array<LinkList, kTicks> slots_;
  std::array<uint64_t, kTicks / 64> used_{};  // a bit a slot that may hold timers
  int64_t tick_;                              // slots up to this one have been looked at
  int64_t next_tick_ = kNoDeadline;           // no timer lies before it
};

}  // namespace heyi::net
