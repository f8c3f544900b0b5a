#include "net/timer_wheel.h"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace heyi::net {
namespace {

// A timer's link is its first member.
TimerWheel::Timer& TimerOf(Link* link) { return *reinterpret_cast<TimerWheel::Timer*>(link); }
static_assert(offsetof(TimerWheel::Timer, link) == 0);

}  // namespace

void TimerWheel::Place(Timer& timer) {
  // the first tick that begins at or after the deadline; far ones are looked at when the wheel has turned once
  const int64_t due = (timer.deadline_ms + kTickMs - 1) / kTickMs;
  timer.tick = std::clamp(due, tick_ + 1, tick_ + kTicks - 1);
  const auto slot = static_cast<size_t>(timer.tick % kTicks);
  slots_[slot].PushBack(timer.link);
  used_[slot / 64] |= uint64_t{1} << (slot % 64);
  next_tick_ = std::min(next_tick_, timer.tick);
}

void TimerWheel::Set(Timer& timer, int64_t deadline_ms) {
  timer.deadline_ms = deadline_ms;
  if (deadline_ms == kNoDeadline) return;  // found out when its place comes up
  if (timer.link.linked() && timer.tick * kTickMs <= deadline_ms + kTickMs) return;
  Place(timer);
}

void TimerWheel::Advance(int64_t now_ms, std::vector<uint64_t>* expired) {
  const int64_t now_tick = now_ms / kTickMs;
  if (now_tick < next_tick_) {
    tick_ = std::max(tick_, now_tick);
    return;
  }
  // After a long sleep one whole turn sees every slot.
  for (int64_t steps = std::min(now_tick - tick_, kTicks); steps > 0; --steps) {
    tick_ = now_tick - steps + 1;
    const auto slot = static_cast<size_t>(tick_ % kTicks);
    if ((used_[slot / 64] >> (slot % 64) & 1) == 0) continue;
    used_[slot / 64] &= ~(uint64_t{1} << (slot % 64));
    LinkList due;
    due.TakeAll(slots_[slot]);
    while (!due.empty()) {
      Timer& timer = TimerOf(due.front());
      timer.link.Leave();
      if (timer.deadline_ms == kNoDeadline) continue;
      if (timer.deadline_ms > now_ms) {
        Place(timer);
      } else {
        timer.deadline_ms = kNoDeadline;
        expired->push_back(timer.link.id);
      }
    }
  }
  next_tick_ = FindNextTick();
}

int64_t TimerWheel::FindNextTick() const {
  // Slots tick_+1 … tick_+kTicks-1, a word at a time.
  const auto first = static_cast<size_t>((tick_ + 1) % kTicks);
  uint64_t word = used_[first / 64] & (~uint64_t{0} << (first % 64));
  for (size_t i = 0; i <= used_.size(); ++i) {
    if (word != 0) {
      const size_t slot = ((first / 64 + i) % used_.size()) * 64 + static_cast<size_t>(std::countr_zero(word));
      return tick_ + static_cast<int64_t>((slot + kTicks - first) % kTicks) + 1;
    }
    word = used_[(first / 64 + i + 1) % used_.size()];
  }
  return kNoDeadline;
}

}  // namespace heyi::net
