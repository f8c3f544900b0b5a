// Every bound of the interactions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heyi::interaction {

inline constexpr size_t kBundleEntriesMax = 20'000;
inline constexpr size_t kBatchSearchesMax = 200;        // searches in one batch or transaction
inline constexpr size_t kHistoryPageMax = 1'000;
inline constexpr uint64_t kHistoryScanMax = 20'000;     // journal entries read for one page of a type's or the system's history
inline constexpr int kReplansMax = 64;                  // of one request whose plan went stale
inline constexpr size_t kIncludesMax = 5'000;           // resources that one page brings along
inline constexpr int kIncludeRoundsMax = 10;            // includes of includes
inline constexpr size_t kIncludeLookupsMax = 100'000;   // references that _revinclude asks for, on one page
inline constexpr size_t kConditionalMatchesSeen = 2;    // more than one is "several"

inline constexpr size_t kTxListedMax = 2'000;            // parameters of one name in a terminology operation
inline constexpr size_t kTxCodingsMax = 100;             // of one CodeableConcept
inline constexpr size_t kTxValidationsMax = 1'000;       // of one $batch-validate-code
inline constexpr size_t kTxTextBytesMax = 500;           // of the filter of an expansion
inline constexpr size_t kTxPropertiesMax = 100;          // properties or designations asked for

}  // namespace heyi::interaction
