// Every bound of the audit room. (kLeafResourcesMax stands in audit/leaf.h.)
#pragma once

#include <cstddef>

namespace heyi::audit {

inline constexpr size_t kLeafTextBytesMax = 1'024;   // of one text of a leaf; longer ones are clipped
inline constexpr size_t kTrailPageMax = 100'000;     // entries one Find returns at most
inline constexpr size_t kTrailScanMax = 10'000'000;  // entries one Find looks at, and all a report can rest on

}  // namespace heyi::audit
