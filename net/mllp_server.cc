#include "net/mllp_server.h"

#include "net/loop_group.h"
#include "net/mllp_connection.h"

namespace heyi::net {
namespace {

class LoopMllpServer : public MllpServer {
 public:
  explicit LoopMllpServer(std::unique_ptr<LoopGroup> loops) : loops_(std::move(loops)) {}

  uint16_t port() const override { return loops_->port(); }
  Counters counters() const override { return loops_->counters(); }
  void Stop(uint32_t grace_ms) override { loops_->Stop(grace_ms); }

 private:
  const std::unique_ptr<LoopGroup> loops_;
};

Limits LoopLimits(const MllpLimits& limits) {
  Limits made;
  made.header_timeout_ms = limits.message_timeout_ms;
  made.idle_timeout_ms = limits.idle_timeout_ms;
  made.write_stall_timeout_ms = limits.write_stall_timeout_ms;
  made.linger_timeout_ms = limits.linger_timeout_ms;
  made.connections_max = limits.connections_max;
  made.pipelined_max = 1;  // one message at a time, in order
  return made;
}

}  // namespace

base::Result<std::unique_ptr<MllpServer>> MllpServer::Start(const Options& options, MllpHandler& handler) {
  const MllpBounds bounds{options.limits.message_bytes_max, options.limits.noise_bytes_max};
  HEYI_TRY(loops, LoopGroup::Start(options.host, options.port, options.loops, LoopLimits(options.limits),
                                   [&handler, bounds](LoopShared& shared, ConnectionId id, Newcomer&& newcomer) {
                                     return std::make_unique<MllpConnection>(shared, id, std::move(newcomer), handler, bounds);
                                   }));
  return std::unique_ptr<MllpServer>(std::make_unique<LoopMllpServer>(std::move(loops)));
}

}  // namespace heyi::net
