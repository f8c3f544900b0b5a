#include "net/loop_group.h"

#include <algorithm>
#include <cstdlib>

#include "base/log.h"

namespace heyi::net {
namespace {

// A thread entry: what gets here is a handler's broken promise. Better stop than answer nobody from then on.
void RunGuarded(EventLoop& loop) {
  try {
    loop.Run();
  } catch (...) {
    base::Log(base::LogLevel::kError, "net.loop-failed");
    std::abort();
  }
}

}  // namespace

base::Result<std::unique_ptr<LoopGroup>> LoopGroup::Start(const std::string& host, uint16_t port, unsigned loop_count, const Limits& limits,
                                                          const ConnectionMaker& make) {
  HEYI_TRY(acceptor, Listen(host, port));
  // The cap is shared out, so that no loop asks another.
  const uint32_t cap = std::max<uint32_t>(limits.connections_max, 1);
  const uint32_t count = std::clamp<uint32_t>(loop_count, 1, cap);
  std::vector<std::unique_ptr<EventLoop>> loops;
  for (uint32_t i = 0; i < count; ++i) {
    loops.push_back(EventLoop::Make(limits, cap / count + (i < cap % count ? 1 : 0), make));
    if (loops.back() == nullptr) {
      return base::Error(base::ErrorKind::kUnavailable, "http.listen-failed", {}, "no descriptor for an event loop");
    }
  }
  return std::unique_ptr<LoopGroup>(new LoopGroup(std::move(loops), std::move(acceptor)));
}

LoopGroup::LoopGroup(std::vector<std::unique_ptr<EventLoop>> loops, std::unique_ptr<Acceptor> acceptor)
    : port_(acceptor->port()), loops_(std::move(loops)) {
  loops_.front()->Accept(std::move(acceptor), [this](Newcomer&& newcomer) { Route(std::move(newcomer)); });
  for (const auto& loop : loops_) threads_.emplace_back([&loop = *loop] { RunGuarded(loop); });
}

ServerCounters LoopGroup::counters() const {
  ServerCounters sum{};
  for (const auto& loop : loops_) loop->AddCounters(&sum);
  return sum;
}

void LoopGroup::Stop(uint32_t grace_ms) {
  const std::lock_guard lock(stop_mutex_);
  for (const auto& loop : loops_) loop->mailbox().OrderStop(grace_ms);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void LoopGroup::Route(Newcomer&& newcomer) {
  EventLoop& chosen = **std::min_element(loops_.begin(), loops_.end(), [](const auto& a, const auto& b) {
    return uint64_t{a->load()} * b->connections_max() < uint64_t{b->load()} * a->connections_max();
  });
  if (&chosen == loops_.front().get()) return chosen.Adopt(std::move(newcomer));
  chosen.Expect();
  chosen.mailbox().Deliver(std::move(newcomer));
}

}  // namespace heyi::net
