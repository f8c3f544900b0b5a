// What came in and what became of it, for operators: JSON texts read from one snapshot.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace heyi::exchange {

inline constexpr size_t kMessagesPageMax = 200;
inline constexpr size_t kMessagesScanMax = 20'000;  // rows looked at for one page

// {"messages":[{"key","state","received","rule","client"}],"next":"…"} in the order of keys, behind `after`.
//   state  only those in it; empty = all.   errors  kMalformed exchange.state
base::Result<std::string> ListMessages(const store::Snapshot& snapshot, std::string_view state, std::string_view after);

// {"key","state","rule","client","sha256","message","answer","lineage","unread"}; the message as it came where it is UTF-8,
// else in base64 with "encoding":"base64".   errors  kNotFound exchange.unknown-message
base::Result<std::string> ShowMessage(const store::Snapshot& snapshot, std::string_view key);

}  // namespace heyi::exchange
