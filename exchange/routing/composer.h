// From one change by one route to the record of a message: what the map needs is gathered, asked of policy, held
// against the agreement, cut by the release profile, and only then mapped. Reads only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json/value.h"
#include "exchange/routing/route_table.h"
#include "interaction/services.h"

namespace heyi::exchange {

struct Change {
  std::string type, id;
  uint64_t version = 0;
  uint32_t label = 0;
};

// Why nothing leaves though there is something to tell: a permanent rule, and between whom or of what.
struct Withheld {
  std::string rule;  // exchange.no-agreement, exchange.not-allowed, exchange.not-composed, release.*
  std::string what;
};

struct Composition {
  std::optional<base::JsonValue> record;  // null and nothing withheld: this route has nothing to tell
  std::optional<Withheld> withheld;
  std::string order_key;
  std::string policy_row;
  std::string parties;                    // "Organization/a,Organization/b" of the agreement that was needed; else empty
  std::string contract;                   // that allowed it
  base::TimeMs time_ms = 0;               // of the change
};

class Composer {
 public:
  Composer(const interaction::Services& services, const mapping::MapsInForce& maps) : services_(services), maps_(maps) {}  // outlive it

  base::Result<Composition> Compose(const RouteRule& rule, const Change& change, const store::Snapshot& snapshot) const;

 private:
  class Work;
  const interaction::Services& services_;
  const mapping::MapsInForce& maps_;
};

}  // namespace heyi::exchange
