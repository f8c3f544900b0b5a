// Who the hub itself is, where it acts for nobody: deliveries, notices, parked messages, housekeeping.
#pragma once

#include "base/context.h"

namespace heyi::exchange {

inline base::Caller HubCaller() { return {"heyi", "", "hub", "system", "", "COC"}; }

}  // namespace heyi::exchange
