// What MSH-11 and MSH-12 may say to us.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace heyi::adapters {

// Table 0104. Earlier versions have other data types in PID-3 and PV1-3.
inline constexpr std::string_view kV2Versions[] = {"2.3", "2.3.1", "2.3.2", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2", "2.9", "2.9.1"};

inline bool IsV2Version(std::string_view text) { return std::find(std::begin(kV2Versions), std::end(kV2Versions), text) != std::end(kV2Versions); }

// Table 0103: P production, T training, D debugging. What is stored here is all taken for true.
inline constexpr std::string_view kV2ProcessingId = "P";

inline constexpr std::string_view kV2WrittenVersion = "2.5";

}  // namespace heyi::adapters
