// From a request to its interaction, and from a plan to a committed answer.
#pragma once

#include <functional>

#include "base/context.h"
#include "interaction/request.h"
#include "interaction/services.h"

namespace heyi::interaction {

// Finds and runs the interaction. Failures come back as error responses with their leaf.
Step Perform(const Services& services, const base::Context& context, Request& request);

// The whole of it: performs, commits, plans again when others were faster, and answers. Blocks until durable.
// The request is taken apart by this.
Response PerformAndWait(const Services& services, const base::Context& context, Request request);

// Does this request need a thread that may block and work long (Bundles, large bodies, searches over many resources)?
bool IsHeavy(const Services& services, const Request& request);

}  // namespace heyi::interaction
