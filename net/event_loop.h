// One thread's share of the server: level-triggered epoll over its connections. Two system calls a request while a
// client keeps its connection: one recv, one send.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/acceptor.h"
#include "net/connection.h"
#include "net/mailbox.h"
#include "net/server_counters.h"
#include "net/timer_wheel.h"

namespace heyi::net {

class EventLoop : private Mailbox::Owner {
 public:
  // Null where the system refuses an epoll or event descriptor.
  static std::unique_ptr<EventLoop> Make(const Limits& limits, uint32_t connections_max, const ConnectionMaker& make);
  ~EventLoop() override;

  // Before Run(): this loop accepts; `route` gives each newcomer to a loop, perhaps this one (see Adopt).
  void Accept(std::unique_ptr<Acceptor> acceptor, std::function<void(Newcomer&&)> route);

  // The thread's whole life: until an order to stop has been carried out.
  void Run();

  // On the loop's own thread. At the cap another connection gives way: the oldest never served, else the one longest
  // at rest; where all are busy the newcomer is turned away.
  void Adopt(Newcomer&& newcomer);

  Mailbox& mailbox() { return *shared_.mailbox; }
  uint32_t connections_max() const { return connections_max_; }
  uint32_t connections_open() const { return open_.load(std::memory_order_relaxed); }
  void AddCounters(ServerCounters* sum) const;  // from any thread

  // From any thread: a newcomer is on its way, so that several accepted at once are spread.
  void Expect() { expected_.fetch_add(1, std::memory_order_relaxed); }
  uint32_t load() const { return connections_open() + expected_.load(std::memory_order_relaxed); }

 private:
  struct Slot {
    std::unique_ptr<Connection> connection;
    uint32_t generation = 0;
  };

  EventLoop(const Limits& limits, uint32_t connections_max, const ConnectionMaker& make, std::shared_ptr<Mailbox> mailbox,
            int epoll_fd);

  void TakeLocal(Answer&& answer) override;
  Connection* Find(ConnectionId id);
  void Turn();
  void RefreshTime();
  int WaitMs() const;
  void TakeLetters();
  void AcceptWaiting();
  void PauseAccepting();
  void ResumeAccepting();
  void Touch(Connection& connection);  // settle it in this turn
  void SettleTouched();
  void Settle(Connection& connection);
  void Watch(Connection& connection);
  void Close(Connection& connection);
  bool Evict();
  void BeginStop(int64_t grace_ms);
  void Publish();

  const uint32_t connections_max_;
  const ConnectionMaker make_;
  const int epoll_fd_;
  std::unique_ptr<Acceptor> acceptor_;
  std::function<void(Newcomer&&)> route_;
  int64_t accept_again_ms_ = kNoDeadline;  // while accepting is paused
  bool stopping_ = false;
  int64_t stop_by_ms_ = kNoDeadline;

  // The order of destruction matters: connections leave the wheel and the lists, and give their buffers back.
  LoopShared shared_;
  TimerWheel wheel_;
  LinkList never_served_, at_rest_;  // oldest first
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_slots_;

  Mailbox::Letters letters_;
  std::vector<ConnectionId> touched_, settling_, expired_;

  uint64_t total_ = 0, evictions_ = 0;
  std::atomic<uint32_t> open_ = 0, expected_ = 0;
  std::atomic<uint64_t> published_total_ = 0, published_requests_ = 0, published_errors_ = 0, published_evictions_ = 0;
};

}  // namespace heyi::net
