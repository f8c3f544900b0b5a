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

inline constexpr uint64_t kInvariantStepsMax = 300'000'000;   // of all its invariants together, some ten seconds

inline constexpr size_t kPackageFilesMax = 50'000;
inline constexpr uint64_t kPackageBytesMax = 1ull << 30;  // unpacked

inline constexpr uint64_t kLibraryIndexBytesMax = 256ull << 20;
inline constexpr uint64_t kLibraryBodyBytesMax = 512ull << 20;  // a code system of 35,000 codes has 10 MB

// Terminology.
inline constexpr size_t kConceptsMax = 1'000'000;        // of one code system
inline constexpr int kConceptDepthMax = 100;             // concepts in concepts
inline constexpr size_t kLanguagesMax = 20;              // that one asks for
inline constexpr size_t kIncludesMax = 2'000;            // includes and excludes of one value set
inline constexpr size_t kFiltersMax = 50;                // of one include
inline constexpr size_t kListedCodesMax = 200'000;       // of one value set
inline constexpr int kImportDepthMax = 32;               // value sets that import value sets
inline constexpr size_t kImportsResolvedMax = 500;       // by one question
inline constexpr size_t kFilterWorkMax = 10'000'000;     // concepts looked at by the filters of one question
inline constexpr size_t kRegexWork = 10;                 // as many as which one costs a regex
inline constexpr uint64_t kMembershipStepsMax = 200'000;   // includes looked at for one code
inline constexpr uint64_t kExpansionStepsMax = 50'000'000;  // for all codes of an expansion that imports have to agree to
inline constexpr size_t kCacheKeyBytesMax = 4'000;       // what is asked at greater length is not kept
inline constexpr size_t kRegexBytesMax = 1'000;
inline constexpr int64_t kRegexMemoryMax = 1 << 20;
inline constexpr size_t kUnpagedCodesMax = 1'000;        // of an expansion that is asked for without count
inline constexpr size_t kPageCodesMax = 10'000;          // of one page
inline constexpr uint32_t kNestedDepthMax = 50;          // codes below codes in an expansion; what is deeper stands beside
inline constexpr size_t kNestingStepsMax = 1'000'000;    // ancestors looked at to find them
inline constexpr size_t kExpandedCodesMax = 1'000'000;   // that an expansion goes through
inline constexpr size_t kCachedSystemBytesMax = 512u << 20;
inline constexpr size_t kCachedValueSetBytesMax = 128u << 20;
inline constexpr size_t kCachedExpansionCodesMax = 200'000;  // of all of them
inline constexpr size_t kCachedMapElementsMax = 500'000;     // elements of concept maps, of all that are kept
inline constexpr size_t kTranslateMapsMax = 2'000;       // looked through where none is named
inline constexpr size_t kTranslateMatchesMax = 1'000;
inline constexpr int kOtherMapsMax = 8;                  // maps that send to another map

}  // namespace heyi::conformance
