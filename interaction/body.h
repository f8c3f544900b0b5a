// The resource in a request's body, and how a written resource is answered.
#pragma once

#include "base/result.h"
#include "interaction/interactions.h"
#include "interaction/plan.h"

namespace heyi::interaction {

// The body as a resource of the type that the address names (any type where it names none). Takes it out of the request.
// A body that is no FHIR becomes a Binary's content, where the address names that type.
base::Result<fhir::Tree> TakeResource(Call& call);

// Finishes `plan` into a Pending whose answer tells of `put`: status 201 or 200, ETag, Location, and the body that
// Prefer asks for.
base::Result<Step> AnswerWrite(Call& call, Plan plan, const Plan::Put& put, audit::Leaf leaf);

// The answer for a resource that stood there already (conditional create).
base::Result<Step> AnswerExisting(Call& call, const std::string& id, audit::Leaf leaf);

std::string LocationOf(const Services& services, const fhir::Type& type, std::string_view id, uint64_t version);

}  // namespace heyi::interaction
