#include "exchange/outbox/breaker.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace heyi::exchange {

bool Breaker::Admit(base::TimeMs now_ms) {
  if (state_ == State::kClosed) return true;
  if (state_ == State::kHalfOpen || now_ms < probe_ms_) return false;
  state_ = State::kHalfOpen;
  return true;
}

base::TimeMs Breaker::AdmitsAt(base::TimeMs now_ms) const {
  switch (state_) {
    case State::kClosed: return now_ms;
    case State::kOpen: return std::max(now_ms, probe_ms_);
    case State::kHalfOpen: break;
  }
  return std::numeric_limits<base::TimeMs>::max();
}

bool Breaker::Succeeded() {
  failures_ = 0;
  pause_ms_ = 0;
  return std::exchange(state_, State::kClosed) != State::kClosed;
}

bool Breaker::Failed(base::TimeMs now_ms) {
  if (state_ == State::kOpen) return false;  // one that was under way when it opened
  const bool opens = state_ == State::kHalfOpen || ++failures_ >= rules_.failures;
  if (!opens) return false;
  pause_ms_ = pause_ms_ == 0 ? rules_.pause_ms : static_cast<uint32_t>(std::min<uint64_t>(uint64_t{pause_ms_} * 2, rules_.pause_max_ms));
  probe_ms_ = now_ms + pause_ms_;
  return std::exchange(state_, State::kOpen) == State::kClosed;
}

void Breaker::ProbeUnused() {
  if (state_ == State::kHalfOpen) state_ = State::kOpen;
}

void Breaker::Reset() {
  failures_ = 0;
  pause_ms_ = 0;
  state_ = State::kClosed;
}

}  // namespace heyi::exchange
