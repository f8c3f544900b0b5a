// Every bound of corrections.
#pragma once

#include <cstddef>

namespace heyi::exchange {

inline constexpr size_t kDisputesOpenMax = 100;        // of one resource
inline constexpr size_t kDisputeTextMax = 4'000;       // bytes of a path, a reason, a value that is told
inline constexpr size_t kDisputeVersionsMax = 1'000;   // looked at for who wrote an element
inline constexpr size_t kDisputeProvenancesMax = 200;  // of one resource
inline constexpr size_t kDisputesFollowedMax = 10'000;  // open ones looked at in one round

}  // namespace heyi::exchange
