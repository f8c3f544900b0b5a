// A sender of HL7 v2 by MLLP: one message, one acknowledgement, in turn, over one connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace heyi::cli {

class MllpClient {
 public:
  MllpClient() = default;
  ~MllpClient();
  MllpClient(const MllpClient&) = delete;
  MllpClient& operator=(const MllpClient&) = delete;

  // Connects to 127.0.0.1:`port` where it is not connected yet, sends `message` framed, and returns what comes back framed.
  //   errors  kUnavailable cli.mllp: no connection, or no acknowledgement within ten seconds; then it is not connected
  base::Result<std::string> Send(uint16_t port, std::string_view message);

 private:
  bool Connect(uint16_t port);
  bool SendAll(std::string_view bytes) const;
  bool Receive(std::string* bytes) const;
  base::Error Failed(uint16_t port);

  int fd_ = -1;
};

// MSA-1 of an acknowledgement ("AA"); empty where there is none.
std::string AcknowledgementCode(std::string_view acknowledgement);

}  // namespace heyi::cli
