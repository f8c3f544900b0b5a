// Keys and values of the views. The grammar stands in docs/store-format.md, section "Views"; this is its only code.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/version.h"

namespace heyi::store {

inline constexpr uint32_t kNoDocid = UINT32_MAX;
inline constexpr size_t kPostingTailBytes = 4 + 6;  // docid ~t
inline constexpr uint64_t kTMax = (1ull << 48) - 1;

std::string CurrentKey(const fhir::Type& type, std::string_view id);       // 'c' type id -> record
std::string DocidKey(uint32_t docid);                                      // 'd' docid -> type id
std::string VersionKey(uint32_t docid, uint64_t version);                  // 'v' docid ~version -> record
std::string FactKey(std::string_view space, std::string_view key);         // 'f' space 00 key -> value
std::string ClaimKey(std::string_view space, std::string_view key);        // 'k' space 00 key -> docid
std::string BlobKey(std::string_view id);                                  // 'b' id -> record
std::string CountKey(uint8_t type);                                        // 'n' type -> live resources
std::string SweepKey(uint64_t t, uint32_t part);                           // 's' t part -> what the entry closed
std::string HorizonKey(base::TimeMs time_ms);                              // 'h' time -> t, a sample a minute
inline constexpr std::string_view kStateKey = "mstate";                    // applied-t, next docid
inline constexpr std::string_view kFingerprintKey = "mfingerprint";

std::string EncodeRecord(const VersionRecord& record);
std::optional<VersionRecord> DecodeRecord(std::string_view bytes);

// An id in keys and rows: a UUID in its usual form as 01 and 16 bytes, anything else as it is (no id begins with 01).
void PutId(std::string& out, std::string_view id);
std::string IdOf(std::string_view bytes);

std::string EncodeDocidRow(const fhir::Type& type, std::string_view id);

// posting docid ~t -> "" (begins at t) or "x" (ends at t). Of the events of a (posting, docid) the newest comes first.
inline constexpr std::string_view kClosed = "x";
void PutPostingTail(std::string& key, uint32_t docid, uint64_t t);
struct PostingTail {
  uint32_t docid;
  uint64_t t;
};
PostingTail TailOf(std::string_view posting_key);  // at least kPostingTailBytes long

struct ClosedPosting {
  std::string posting;
  uint32_t docid;
};
inline constexpr size_t kSweepPartMax = 1'000;  // postings a row
std::string EncodeSweep(std::span<const ClosedPosting> closed);
std::optional<std::vector<ClosedPosting>> DecodeSweep(std::string_view bytes);

}  // namespace heyi::store
