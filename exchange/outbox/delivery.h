// One way out: its rows in their order, its senders, its breaker, and what operators may do with them.
//
// Each connection is a thread that takes the next due row, sends it and notes the receiver's word. A row that fails waits
// longer each time and holds up only what must come after it; a receiver that fails altogether is left alone but for one
// message now and then; another channel notices nothing of either. Every row is sent at least once, under the same message
// id, until the receiver has answered; one whose fate is unclear and whose repeat could do harm goes to quarantine.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "exchange/outbox/breaker.h"
#include "exchange/outbox/due_queue.h"
#include "exchange/outbox/ledger.h"
#include "exchange/outbox/report.h"

namespace heyi::exchange {

inline constexpr size_t kQueueRowsMax = 200'000;  // places kept in memory; rows behind them are read when there is room
inline constexpr size_t kOrderRowsMax = 1'000;    // of one order to redeliver or drop

class Delivery {
 public:
  using MakeConnection = std::function<std::unique_ptr<Channel>(const Cancelled&)>;  // called by each sending thread, once

  // `store` and `clock` outlive it.
  Delivery(store::Store& store, Route route, const base::Clock& clock, MakeConnection make_connection);
  ~Delivery() { Stop(0); }

  // Counts, and sees to what the last process left behind: paused stays paused; a send that was under way and whose repeat
  // could do harm is quarantined. Before Start.
  base::Result<base::Done> Open();
  void Start();
  void BeginStop();               // begins no further send
  void Stop(uint32_t grace_ms);   // gives sends under way that long, then cancels them

  void RowsAdded(uint64_t rows);  // to the outbox of this channel, and committed

  const Route& route() const { return route_; }
  ChannelReport report() const;                                // reads the outbox
  std::pair<ChannelState, ChannelCounts> health() const;       // the same, from memory

  // Durable before they return. Each says whether it changed anything.
  base::Result<bool> SetPaused(bool paused, const audit::Leaf& leaf);

  struct Ordered {
    uint64_t moved = 0;
    uint64_t already = 0;              // there, or delivered
    std::vector<std::string> busy;     // message ids: a send is under way
    std::vector<std::string> unknown;  // message ids
  };
  // Back into the queue, at their old place among those of the same elder or bed, under the same message id.
  base::Result<Ordered> Redeliver(const std::vector<RowPlace>& places, const audit::Leaf& leaf);
  base::Result<Ordered> RedeliverAll(RowState state, size_t limit, const audit::Leaf& leaf);
  base::Result<Ordered> Drop(const std::vector<RowPlace>& places, const std::string& reason, const audit::Leaf& leaf);

  struct Listed {
    RowPlace place;
    OutboxRow row;
    uint32_t tries = 0;
  };
  // Rows behind `after`, at most `limit`; `order_key` empty: of all. *next: where to go on, none at the end.
  base::Result<std::vector<Listed>> Rows(RowState state, std::string_view order_key, const std::optional<RowPlace>& after, size_t limit,
                                         std::optional<RowPlace>* next) const;

 private:
  using Lock = std::unique_lock<std::mutex>;

  void Send();                                  // a thread
  std::optional<DueQueue::Ticket> Next();       // blocks; none: stopping
  bool MayReadOn() const;                       // there may be rows that the queue does not have; locked
  void ReadOn(Lock& lock);                      // a page of them into the queue
  void Carry(Channel& connection, const DueQueue::Ticket& ticket);
  base::Result<base::Done> Claim(const DueQueue::Ticket& ticket, const Ledger::Stored& stored);
  void Conclude(const DueQueue::Ticket& ticket, const Ledger::Stored& stored, const SendResult& result);
  void NoteHealth(const SendResult& result);    // breaker and what is told of it; locked
  void StoreFailed(const DueQueue::Ticket& ticket, const base::Error& error);
  void NotThere(const DueQueue::Ticket& ticket);

  const Route route_;
  const base::Clock& clock_;
  const MakeConnection make_connection_;
  store::Store& store_;
  mutable Ledger ledger_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  DueQueue queue_;
  Breaker breaker_;
  bool stopping_ = false, paused_ = false, loading_ = false;
  uint64_t added_ = 0, read_to_ = 0;   // generations of RowsAdded: read_to_ < added_ means there may be more in the outbox
  base::TimeMs read_again_ms_ = 0;     // after the store has failed
  ChannelCounts counts_;
  std::string last_error_;
  base::TimeMs last_error_ms_ = 0, since_ms_ = 0;
  uint32_t running_ = 0;               // threads
  Cancelled cancelled_{false};
  std::vector<std::thread> threads_;
};

}  // namespace heyi::exchange
