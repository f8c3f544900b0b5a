// How long what came in and went out is kept, as a district configures it. exchange/inbox/retention.h says of what.
#pragma once

#include <cstdint>

namespace heyi::exchange {

struct Retention {  // days since arrival; 0 = for ever
  uint32_t raw_days = 0, parked_days = 0, dead_days = 0, delivered_days = 0, lineage_days = 0, repeat_days = 0;
};

}  // namespace heyi::exchange
