// What a server counts, for /metrics.
#pragma once

#include <cstdint>

namespace heyi::net {

struct ServerCounters {
  uint64_t connections_open, connections_total, requests_total, framing_errors_total, evictions_total;
};

}  // namespace heyi::net
