// Every bound of the routes.
#pragma once

#include <cstddef>

namespace heyi::exchange {

inline constexpr size_t kRoutesBytesMax = 1 << 20;
inline constexpr size_t kRoutesMax = 1'000;
inline constexpr size_t kRouteErrorsMax = 100;       // reported at once
inline constexpr size_t kGivenMax = 16;              // resources for one message
inline constexpr size_t kAgreementsMax = 1'000;      // Contracts of one pair that are looked at
inline constexpr size_t kWithheldShownMax = 1'000;

}  // namespace heyi::exchange
