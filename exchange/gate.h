// One way in, as operators see and pause it. A paused channel keeps nothing: its senders are told to send again later.
#pragma once

#include <mutex>
#include <string>

#include "exchange/exchange.h"
#include "exchange/outbox/report.h"

namespace heyi::exchange {

class Gate {
 public:
  // `store` and `clock` outlive it.
  Gate(store::Store& store, InboundChannel channel, const base::Clock& clock);

  base::Result<base::Done> Open();  // paused stays paused
  const std::string& name() const { return channel_.name; }
  bool paused() const;
  void Note(const Reply& reply);                                   // what became of a message that came this way
  void NoteWaiting(uint64_t waiting, std::optional<base::TimeMs> oldest_ms, std::string_view trouble);
  base::Result<bool> SetPaused(bool paused, const audit::Leaf& leaf);  // durable before it returns; whether it changed anything
  ChannelReport report() const;

 private:
  store::Store& store_;
  const InboundChannel channel_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  bool paused_ = false, in_trouble_ = false;
  base::TimeMs since_ms_, last_error_ms_ = 0;
  ChannelCounts counts_;
  std::optional<base::TimeMs> oldest_ms_;
  std::string last_error_;
};

}  // namespace heyi::exchange
