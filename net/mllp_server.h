// The MLLP front: the event loops of the HTTP front, with frames in the place of requests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/mllp.h"
#include "net/server_counters.h"

namespace heyi::net {

struct MllpLimits {
  uint64_t message_bytes_max = 4u << 20;
  uint64_t noise_bytes_max = 4'096;           // outside of frames, one after the other; then the connection is closed
  uint32_t message_timeout_ms = 30'000;       // from VT to FS CR, however the bytes trickle in
  uint32_t idle_timeout_ms = 600'000;         // between two messages; senders keep their connections
  uint32_t write_stall_timeout_ms = 30'000;
  uint32_t linger_timeout_ms = 2'000;
  uint32_t connections_max = 500;
};

class MllpServer {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    uint16_t port = 0;  // 0 = any free one, see port()
    unsigned loops = 1;
    MllpLimits limits;
  };

  // Requests are messages, framing errors what was dropped.
  using Counters = ServerCounters;

  // `handler` outlives the server.
  //   errors  kUnavailable "http.listen-failed"
  static base::Result<std::unique_ptr<MllpServer>> Start(const Options& options, MllpHandler& handler);

  virtual ~MllpServer() = default;
  virtual uint16_t port() const = 0;
  virtual Counters counters() const = 0;

  // Accepts nothing more, lets answers under way finish for at most `grace_ms`, then closes and joins its threads.
  virtual void Stop(uint32_t grace_ms) = 0;
};

}  // namespace heyi::net
