#include "net/http_server.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "net/acceptor.h"
#include "net/event_loop.h"

namespace heyi::net {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

class LoopServer : public HttpServer {
 public:
  LoopServer(std::vector<std::unique_ptr<EventLoop>> loops, std::unique_ptr<Acceptor> acceptor)
      : port_(acceptor->port()), loops_(std::move(loops)) {
    loops_.front()->Accept(std::move(acceptor), [this](Newcomer&& newcomer) { Route(std::move(newcomer)); });
    for (const auto& loop : loops_) threads_.emplace_back([&loop = *loop] { RunGuarded(loop); });
  }

  ~LoopServer() override { Stop(0); }

  uint16_t port() const override { return port_; }

  Counters counters() const override {
    Counters sum{};
    for (const auto& loop : loops_) loop->AddCounters(&sum);
    return sum;
  }

  void Stop(uint32_t grace_ms) override {
    const std::lock_guard lock(stop_mutex_);
    for (const auto& loop : loops_) loop->mailbox().OrderStop(grace_ms);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  // A thread entry: what gets here is a handler's broken promise. Better stop than answer nobody from then on.
  static void RunGuarded(EventLoop& loop) {
    try {
      loop.Run();
    } catch (...) {
      base::Log(base::LogLevel::kError, "net.loop-failed");
      std::abort();
    }
  }

  // On the first loop's thread.
  void Route(Newcomer&& newcomer) {
    EventLoop& chosen = **std::min_element(loops_.begin(), loops_.end(), [](const auto& a, const auto& b) {
      return uint64_t{a->load()} * b->connections_max() < uint64_t{b->load()} * a->connections_max();
    });
    if (&chosen == loops_.front().get()) return chosen.Adopt(std::move(newcomer));
    chosen.Expect();
    chosen.mailbox().Deliver(std::move(newcomer));
  }

  const uint16_t port_;
  const std::vector<std::unique_ptr<EventLoop>> loops_;
  std::mutex stop_mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const Options& options, HttpHandler& handler) {
  HEYI_TRY(acceptor, Listen(options.host, options.port));
  // The cap is shared out, so that no loop asks another.
  const uint32_t cap = std::max<uint32_t>(options.limits.connections_max, 1);
  const uint32_t count = std::clamp<uint32_t>(options.loops, 1, cap);
  std::vector<std::unique_ptr<EventLoop>> loops;
  for (uint32_t i = 0; i < count; ++i) {
    loops.push_back(EventLoop::Make(options.limits, cap / count + (i < cap % count ? 1 : 0), handler));
    if (loops.back() == nullptr) {
      return Error(ErrorKind::kUnavailable, "http.listen-failed", {}, "no descriptor for an event loop");
    }
  }
  return std::unique_ptr<HttpServer>(std::make_unique<LoopServer>(std::move(loops), std::move(acceptor)));
}

}  // namespace heyi::net
