// The HTTP front: one epoll loop a core over POCO sockets, the strict reader, deadlines and caps.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http.h"
#include "net/limits.h"
#include "net/server_counters.h"

namespace heyi::net {

class HttpServer {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    uint16_t port = 0;  // 0 = any free one, see port()
    unsigned loops = 2;
    Limits limits;
  };

  using Counters = ServerCounters;

  // `handler` outlives the server.
  static base::Result<std::unique_ptr<HttpServer>> Start(const Options& options, HttpHandler& handler);

  virtual ~HttpServer() = default;
  virtual uint16_t port() const = 0;
  virtual Counters counters() const = 0;

  // Accepts nothing more, lets answers under way finish for at most `grace_ms`, then closes and joins its threads.
  virtual void Stop(uint32_t grace_ms) = 0;
};

}  // namespace heyi::net
