// The hub's own word on a Subscription: requested becomes active, failing becomes error, ended becomes off. Each in a
// commit of its own, with a leaf. https://hl7.org/fhir/R4/subscription-definitions.html#Subscription.status
#pragma once

#include <string>
#include <string_view>

#include "exchange/hub_caller.h"
#include "base/result.h"
#include "exchange/subscription/ledger.h"
#include "interaction/services.h"

namespace heyi::exchange {

struct StatusChange {
  std::string id;
  uint64_t from_version = 0;    // that it was decided on
  std::string_view to;          // active | error | off
  std::string error;            // Subscription.error; empty takes it away
  // The delivery row that was read, and what it becomes in the same commit. `is` is nullopt: left as it is.
  std::optional<std::string> delivery_was, delivery_is;
};

// errors  kStale: somebody has written it since
base::Result<base::Done> ChangeStatus(const interaction::Services& services, const base::Context& context,
                                      const StatusChange& change);

// Who the hub is in leaves and towards policy.

}  // namespace heyi::exchange
