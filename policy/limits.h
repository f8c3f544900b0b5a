// Every bound of the policy.
#pragma once

#include <cstddef>

namespace heyi::policy {

inline constexpr size_t kPolicyBytesMax = 1 << 20;
inline constexpr size_t kPolicyRowsMax = 10'000;
inline constexpr size_t kPolicyErrorsMax = 100;  // reported at once

inline constexpr size_t kReleaseDepthMax = 64;     // of what is cut, and of a path
inline constexpr size_t kReleasePathsMax = 20'000;

}  // namespace heyi::policy
