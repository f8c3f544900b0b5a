// Every bound of the store.
#pragma once

#include <cstdint>

namespace heyi::store {

inline constexpr uint64_t kSegmentBytes = 64ull << 20;
inline constexpr uint64_t kFirstSegmentBytes = 8ull << 20;
inline constexpr uint64_t kGroupBytesMax = 1ull << 20;       // a larger entry goes alone
inline constexpr uint64_t kEntryBytesMax = 256ull << 20;
inline constexpr uint32_t kBodiesMax = 100'000;              // of one entry
inline constexpr uint64_t kGroupHardMax = 1ull << 30;         // whatever the caller groups; offsets stay within 32 bits
inline constexpr uint32_t kSegmentsMax = 65'536;              // 4 TiB
inline constexpr uint64_t kMappedBodyMax = 256ull << 10;      // larger bodies are read, not mapped
inline constexpr uint32_t kDictionariesMax = 64;
inline constexpr uint64_t kDictionaryBytesMax = 1ull << 20;
inline constexpr uint64_t kViewWriteBufferBytes = 32ull << 20;
inline constexpr int64_t kCursorLifeMs = 3'600'000;          // rows closed longer ago than this may be swept
inline constexpr uint64_t kScanRowsMax = 5'000'000;          // index rows one search may visit
inline constexpr uint64_t kRecheckBodiesMax = 200'000;       // bodies one search may read to decide
inline constexpr uint64_t kTotalMax = 1'000'000;
inline constexpr size_t kSortedMax = 20'000;                 // hits that are sorted in memory for a page
inline constexpr size_t kLinkedMax = 50'000;                 // resources that the chains of one search may come to

}  // namespace heyi::store
