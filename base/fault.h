// Named places where a test may kill the process: HEYI_KILL_AT=name:n dies (SIGKILL) at the n-th pass.
// Costs one predictable branch where the variable is not set.
#pragma once

#include <string_view>

namespace heyi::base {

extern const bool kFaultsArmed;  // read from the environment once, at start
void PassFaultPoint(std::string_view name);

inline void FaultPoint(std::string_view name) {
  if (kFaultsArmed) [[unlikely]] PassFaultPoint(name);
}

}  // namespace heyi::base
