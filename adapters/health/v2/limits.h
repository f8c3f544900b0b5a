// The bounds of one HL7 v2 message, below those that hold for every message (adapters/limits.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace heyi::adapters {

inline constexpr size_t kV2SegmentsMax = 2'000;
inline constexpr uint32_t kV2FieldsMax = 500;         // of one segment
inline constexpr uint32_t kV2RepetitionsMax = 500;    // of one field
inline constexpr uint32_t kV2ComponentsMax = 100;     // of one repetition; as many subcomponents of one component
inline constexpr size_t kV2LeavesMax = 200'000;       // values, empty ones included
inline constexpr size_t kV2BatchMessagesMax = 1'000;
inline constexpr size_t kV2ErrorsToldMax = 10;        // ERR segments of one acknowledgement
inline constexpr size_t kV2BlankLinesMax = 100;       // of a \.sp<n>\ escape

}  // namespace heyi::adapters
