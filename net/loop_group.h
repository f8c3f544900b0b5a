// The threads of one server: an event loop each, one of which accepts; each newcomer goes to the loop with the fewest.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "net/event_loop.h"

namespace heyi::net {

class LoopGroup {
 public:
  // errors  kUnavailable "http.listen-failed"
  static base::Result<std::unique_ptr<LoopGroup>> Start(const std::string& host, uint16_t port, unsigned loops, const Limits& limits,
                                                        const ConnectionMaker& make);
  ~LoopGroup() { Stop(0); }

  uint16_t port() const { return port_; }
  ServerCounters counters() const;
  void Stop(uint32_t grace_ms);

 private:
  LoopGroup(std::vector<std::unique_ptr<EventLoop>> loops, std::unique_ptr<Acceptor> acceptor);
  void Route(Newcomer&& newcomer);  // on the first loop's thread

  const uint16_t port_;
  const std::vector<std::unique_ptr<EventLoop>> loops_;
  std::mutex stop_mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace heyi::net
