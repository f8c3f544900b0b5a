// What a plan would change, place by place.
#pragma once

#include "exchange/plan_message.h"
#include "interaction/plan.h"

namespace heyi::exchange {

// Of all that the plan writes but Provenance, against its snapshot.
base::Result<base::Done> FindDifferences(const interaction::Plan& plan, PlanTrace& trace);

}  // namespace heyi::exchange
