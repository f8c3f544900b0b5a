// Every bound of the transport.
#pragma once

#include <cstdint>

namespace heyi::net {

struct Limits {
  uint32_t request_line_bytes_max = 8 * 1024;
  uint32_t header_bytes_max = 8 * 1024;        // one header
  uint32_t headers_max = 100;
  uint32_t head_bytes_max = 32 * 1024;         // all of them
  uint32_t chunk_extension_bytes_max = 256;    // in all, over one body
  uint32_t header_timeout_ms = 10'000;         // from first byte to the blank line
  uint32_t body_stall_timeout_ms = 30'000;     // without a single new byte
  uint32_t write_stall_timeout_ms = 30'000;
  uint32_t idle_timeout_ms = 60'000;           // keep-alive
  uint32_t linger_timeout_ms = 2'000;          // after the last answer, until the other side closes
  uint32_t connections_max = 10'000;
  uint32_t pipelined_max = 64;                 // unanswered requests of one connection; reading stops above
  uint32_t write_budget_bytes = 256 * 1024;    // of one connection in one turn of the loop
};

}  // namespace heyi::net
