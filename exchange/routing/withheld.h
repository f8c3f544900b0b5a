// What was not told because it may not be: each reason of each route once, as a leaf and as a fact that stands until the
// reason has gone. Space "route.withheld", key "<route>/<rule>/<of what>".
#pragma once

#include <string>
#include <string_view>

#include "exchange/routing/composer.h"
#include "store/store.h"

namespace heyi::exchange {

inline constexpr std::string_view kWithheldSpace = "route.withheld";

// Tells it, unless it was told before: one commit of leaf and fact. `elders` are those that the change is about.
base::Result<base::Done> TellWithheld(store::Store& store, const RouteRule& rule, const Change& change, const Composition& composition,
                                      const std::vector<uint64_t>& elders);

// The fact to take away where an agreement that was missing has come; its value is nullopt.
store::Fact NoLongerWithheld(const RouteRule& rule, std::string_view parties);

}  // namespace heyi::exchange
