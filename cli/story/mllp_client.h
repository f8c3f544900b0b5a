// A sender of HL7 v2: one message, one acknowledgement, over one connection.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace heyi::cli {

// Sends `message` framed to 127.0.0.1:`port` and returns what comes back in a frame.
//   errors  kUnavailable cli.mllp: no connection, or no acknowledgement within ten seconds
base::Result<std::string> SendByMllp(uint16_t port, std::string_view message);

// MSA-1 of an acknowledgement ("AA"); empty where there is none.
std::string AcknowledgementCode(std::string_view acknowledgement);

}  // namespace heyi::cli
