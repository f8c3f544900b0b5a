// Page links: the snapshot's t and where the page ended, signed for one search by one client. Stateless; they hold for
// an hour (store::kCursorLifeMs).
#pragma once

#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "interaction/services.h"

namespace heyi::interaction {

// `search` is what the cursor belongs to: "Patient?name=x&_count=20".
std::string MakeCursor(const Services& services, const base::Caller& caller, std::string_view search, const store::PagePosition& position);

// errors  kMalformed interaction.cursor: edited, of another search or of another client
base::Result<store::PagePosition> ReadCursor(const Services& services, const base::Caller& caller, std::string_view search,
                                             std::string_view cursor);

}  // namespace heyi::interaction
