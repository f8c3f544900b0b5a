// Every bound of conformance/.
#pragma once

#include <cstddef>

namespace heyi::conformance {

inline constexpr size_t kIssuesMax = 100;              // of one resource
inline constexpr size_t kStringBytesMax = 1024 * 1024;  // of a string or markdown
inline constexpr int kExtensionDepthMax = 32;          // extensions in extensions

}  // namespace heyi::conformance
