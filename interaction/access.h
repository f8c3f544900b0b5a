// The asking party's rights and its trace: the Visible predicate for reads, and what goes into the leaf.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/leaf.h"
#include "base/context.h"
#include "base/result.h"
#include "interaction/request.h"
#include "interaction/services.h"

namespace heyi::interaction {

// A leaf with everything that does not depend on the outcome.
audit::Leaf StartLeaf(const base::Context& context, const Request& request, std::string_view interaction, audit::Action action);

// Adds one resource and the elders it is about; beyond kLeafResourcesMax only counted.
void NoteResource(audit::Leaf& leaf, std::string_view type, std::string_view id, uint64_t version, audit::Action action,
                  const std::vector<uint64_t>& elders);

// May the caller see this version? Used on hits, totals, and single reads.
store::Visible VisibleTo(const Services& services, const base::Caller& caller, policy::Action action);
// May the caller see every resource of the type, whoever has custody? Then hits and totals need not be asked one by one.
bool SeesAll(const Services& services, const base::Caller& caller, policy::Action action, const fhir::Type& type);
bool MayRead(const Services& services, const base::Caller& caller, policy::Action action, const fhir::Type& type, uint32_t label);

// kForbidden when no row of the policy lets the caller do `action` on `type` whatever the custody; notes the row in `leaf`.
base::Result<base::Done> RequireType(const Services& services, const base::Caller& caller, policy::Action action, std::string_view type,
                                     audit::Leaf& leaf);

}  // namespace heyi::interaction
