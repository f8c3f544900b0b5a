#include "net/http_server.h"

#include "net/http_connection.h"
#include "net/loop_group.h"

namespace heyi::net {
namespace {

class LoopServer : public HttpServer {
 public:
  explicit LoopServer(std::unique_ptr<LoopGroup> loops) : loops_(std::move(loops)) {}

  uint16_t port() const override { return loops_->port(); }
  Counters counters() const override { return loops_->counters(); }
  void Stop(uint32_t grace_ms) override { loops_->Stop(grace_ms); }

 private:
  const std::unique_ptr<LoopGroup> loops_;
};

}  // namespace

base::Result<std::unique_ptr<HttpServer>> HttpServer::Start(const Options& options, HttpHandler& handler) {
  HEYI_TRY(loops, LoopGroup::Start(options.host, options.port, options.loops, options.limits,
                                   [&handler](LoopShared& shared, ConnectionId id, Newcomer&& newcomer) {
                                     return std::make_unique<HttpConnection>(shared, id, std::move(newcomer), handler);
                                   }));
  return std::unique_ptr<HttpServer>(std::make_unique<LoopServer>(std::move(loops)));
}

}  // namespace heyi::net
