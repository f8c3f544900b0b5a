// A version as the histories of an instance, a type and the system tell of it.
#pragma once

#include <string_view>

#include "audit/leaf.h"
#include "base/result.h"
#include "interaction/interactions.h"
#include "interaction/search_bundle.h"

namespace heyi::interaction {

// One version into the Bundle and the leaf.
base::Result<base::Done> AddVersion(Call& call, const store::Snapshot& snapshot, const fhir::Type& type, std::string_view id,
                                    const store::VersionRecord& record, BundleWriter& bundle, audit::Leaf& leaf);

}  // namespace heyi::interaction
