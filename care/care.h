// What care/ hangs into the house: operations, the one-occupant guard, and the free-bed counts.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "interaction/operations.h"
#include "store/store.h"

namespace heyi::care {

struct Rules {                       // the district's, from configuration
  int64_t hold_ms = 24 * 3'600'000;  // how long an offered bed is kept
};

// `$transition` on Task (type level: E01 makes the Task; instance level: every other edge) and `$free-beds` on Location.
//   $transition in: edge (code) or message-status (code); request (Reference(ServiceRequest)), owner (Reference(Organization)) for
//   E01; location (Reference(Location)) a chosen bed, reason (code), note (string), document (string), encounter (Reference(Encounter)), time (dateTime)
//   out: the Task. errors  kInvalid care.*: no such edge from here, no free bed, no agreement, …; kForbidden care.actor
void RegisterOperations(interaction::Operations& operations, const Rules& rules);

// One occupant or holder per inventory bed, one inventory stay per elder: over Encounter.location, in every commit.
std::unique_ptr<store::CommitGuard> MakeOccupancyGuard();

// Free, held and occupied beds by organization and kind, counted as Locations and Encounters pass. Facts in space
// "care.beds", key "<organization id>/<kind>", value "free held occupied closed".
std::unique_ptr<store::DerivedView> MakeBedCounts();

}  // namespace heyi::care
