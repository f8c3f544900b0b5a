// Every bound of conformance/.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heyi::conformance {

inline constexpr size_t kIssuesMax = 100;              // of one resource
inline constexpr size_t kStringBytesMax = 1024 * 1024;  // of a string or markdown
inline constexpr int kExtensionDepthMax = 32;          // extensions in extensions

inline constexpr size_t kBasesMax = 16;         // profiles upon profiles, and profiles of their elements' types
inline constexpr size_t kElementDepthMax = 48;  // parts of an element's path
inline constexpr size_t kUnfoldedMax = 2'000;   // elements that one differential goes into

inline constexpr size_t kProfilesMax = 4'000;   // compiled and kept

inline constexpr int kProfileDepthMax = 16;     // profiles within profiles, while data is held to them
inline constexpr uint64_t kValidationStepsMax = 20'000'000;  // nodes visited by one validation, over all passes

inline constexpr size_t kPackageFilesMax = 50'000;
inline constexpr uint64_t kPackageBytesMax = 1ull << 30;  // unpacked

inline constexpr uint64_t kLibraryIndexBytesMax = 256ull << 20;
inline constexpr uint64_t kLibraryBodyBytesMax = 512ull << 20;  // a code system of 35,000 codes has 10 MB

}  // namespace heyi::conformance
