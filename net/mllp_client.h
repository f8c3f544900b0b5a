// Sends HL7 v2 by MLLP: one message, one acknowledgement, in turn, over one connection that is kept.
// https://www.hl7.org/documentcenter/public/wg/inm/mllp_transport_specification.PDF
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace heyi::net {

class MllpClient {
 public:
  struct Options {
    std::string host;
    uint16_t port = 0;
    uint32_t connect_timeout_ms = 5'000;
    uint32_t answer_timeout_ms = 30'000;  // from the message's first byte to the answer's last
    uint64_t answer_bytes_max = 1u << 20;
    const std::atomic<bool>* cancelled = nullptr;  // outlives the client; soon after it is true a send ends as one that was late
  };

  explicit MllpClient(Options options);
  ~MllpClient();
  MllpClient(MllpClient&&) noexcept;

  // Connects where it is not connected, sends `message` framed, and returns the first frame that `is_answer` takes; others
  // are late answers to earlier messages and are passed over. After an error it is not connected. One thread at a time.
  //   message  without frame bytes (VT, FS)
  //   errors   kUnavailable mllp.client.unreachable: not one byte of the message left
  //            kUnavailable mllp.client.failed: it may have arrived
  //            kForbidden mllp.client.frame: a frame byte within the message; nothing was sent
  base::Result<std::string> Send(std::string_view message, const std::function<bool(std::string_view)>& is_answer);

  void Close();

 private:
  class Line;  // one connection

  base::Result<base::Done> Connect();

  const Options options_;
  std::unique_ptr<Line> line_;
};

}  // namespace heyi::net
