// Where the audit view keeps what: spaces and keys of its facts. Integers are big-endian, so keys sort by time.
//
//   audit.time   time_ms:8 t:8              the first entry of each second
//   audit.elder  pseudonym:8 t:8            one each elder a leaf names
//   audit.agent  Hash64(agent):8 t:8        client, person, organization and recipient of a leaf
//   audit.tree   hash:1 level:1 -> 32 bytes root of the newest complete subtree of 2^level entries
//                "size"         -> 16 bytes entries in the trees, of which the bits set tell the subtrees that count; and the
//                                           last second that has a row in audit.time
#pragma once

#include <string>
#include <string_view>

#include "audit/leaf.h"
#include "audit/merkle.h"
#include "base/bytes.h"

namespace heyi::audit {

inline constexpr std::string_view kTimeSpace = "audit.time", kElderSpace = "audit.elder", kAgentSpace = "audit.agent",
                                  kTreeSpace = "audit.tree", kTreeSizeKey = "size";

inline std::string IndexKey(uint64_t first, uint64_t t) {
  std::string key;
  base::PutBig(key, first);
  base::PutBig(key, t);
  return key;
}
inline std::string TimeKey(base::TimeMs time_ms, uint64_t t) { return IndexKey(time_ms < 0 ? 0 : static_cast<uint64_t>(time_ms), t); }
inline constexpr base::TimeMs kTimeRowMs = 1'000;
// Where the walk for `time_ms` begins: at the row of its second.
inline std::string TimeRowKey(base::TimeMs time_ms) { return TimeKey(time_ms < 0 ? 0 : time_ms / kTimeRowMs * kTimeRowMs, 0); }
inline std::string TreeKey(TreeHash hash, unsigned level) { return {static_cast<char>(hash), static_cast<char>(level)}; }

// What an entry's leaf says, for an entry of any kind that has one. A leaf that cannot be read is told as one, with the
// interaction "unreadable": whoever looks at the trail must see that something stands there.
Leaf LeafOrUnreadable(std::string_view bytes);

}  // namespace heyi::audit
