// The bounds of what a department may send in one message.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heyi::adapters {

inline constexpr size_t kMessageBytesMax = 4u << 20;
inline constexpr uint32_t kMessageDepthMax = 16;
inline constexpr uint64_t kMessageValuesMax = 200'000;
inline constexpr size_t kListItemsMax = 500;     // of one list of a record, e.g. the diagnoses of an admission
inline constexpr size_t kIssuesMax = 50;         // after these, checking gives up
inline constexpr size_t kReasonsToldMax = 5;     // issues that an acknowledgement puts into words
inline constexpr size_t kReasonCharsMax = 190;   // characters of such a text; err_msg holds 200

}  // namespace heyi::adapters
