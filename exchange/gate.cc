#include "exchange/gate.h"

#include "base/log.h"
#include "exchange/pauses.h"

namespace heyi::exchange {

Gate::Gate(store::Store& store, InboundChannel channel, const base::Clock& clock)
    : store_(store), channel_(std::move(channel)), clock_(clock), since_ms_(clock.NowMs()) {}

base::Result<base::Done> Gate::Open() {
  HEYI_TRY(since, PausedSince(store_, channel_.name));
  if (since) {
    paused_ = true;
    since_ms_ = *since;
  }
  return base::Done{};
}

bool Gate::paused() const {
  const std::lock_guard lock(mutex_);
  return paused_;
}

void Gate::Note(const Reply& reply) {
  const std::lock_guard lock(mutex_);
  if (reply.leaf.status < 300) {
    ++counts_.delivered;
    return;
  }
  ++counts_.dead;
  last_error_ = reply.leaf.rule;
  last_error_ms_ = clock_.NowMs();
}

void Gate::NoteWaiting(uint64_t waiting, std::optional<base::TimeMs> oldest_ms, std::string_view trouble) {
  const std::lock_guard lock(mutex_);
  counts_.waiting = waiting;
  oldest_ms_ = oldest_ms;
  if (in_trouble_ != !trouble.empty() && !paused_) since_ms_ = clock_.NowMs();
  in_trouble_ = !trouble.empty();
  if (!in_trouble_) return;
  last_error_ = trouble;
  last_error_ms_ = clock_.NowMs();
}

base::Result<bool> Gate::SetPaused(bool paused, const audit::Leaf& leaf) {
  {
    const std::lock_guard lock(mutex_);
    if (paused_ == paused) return false;
  }
  const base::TimeMs now_ms = clock_.NowMs();
  HEYI_CHECK(WritePaused(store_, channel_.name, paused, now_ms, leaf));
  {
    const std::lock_guard lock(mutex_);
    paused_ = paused;
    since_ms_ = now_ms;
  }
  base::Log(base::LogLevel::kInfo, paused ? "exchange.channel-paused" : "exchange.channel-resumed", {{"channel", channel_.name}});
  return true;
}

ChannelReport Gate::report() const {
  ChannelReport report;
  report.name = channel_.name;
  report.place = channel_.place;
  report.kind = channel_.kind;
  report.inbound = true;
  const std::lock_guard lock(mutex_);
  report.state = paused_ ? ChannelState::kPaused : in_trouble_ ? ChannelState::kBroken : ChannelState::kOpen;
  report.since_ms = since_ms_;
  report.counts = counts_;
  report.oldest_waiting_ms = oldest_ms_;
  report.last_error = last_error_;
  report.last_error_ms = last_error_ms_;
  return report;
}

}  // namespace heyi::exchange
