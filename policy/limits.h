// Every bound of the policy.
#pragma once

#include <cstddef>

namespace heyi::policy {

inline constexpr size_t kPolicyBytesMax = 1 << 20;
inline constexpr size_t kPolicyRowsMax = 10'000;
inline constexpr size_t kPolicyErrorsMax = 100;  // reported at once

}  // namespace heyi::policy
