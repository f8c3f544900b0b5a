// Where a search for messages begins: facts of space "inbox.index", newest first, so that no search scans more than it
// shows and a bound.
//
//   t/<time>/<key>            every message              time = 16 hex digits of 2^64-1 - received_ms
//   s/<sender>/<time>/<key>   of one sender              sender = 16 hex digits of a hash of "department/sender"
//   e/<elder>/<time>/<key>    about one elder            elder = the pseudonym, 16 hex digits
//   q/<state>/<time>/<key>    in one state other than done
// The value is the message's type.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/inbox/inbox.h"

namespace heyi::exchange {

inline constexpr std::string_view kInboxIndexSpace = "inbox.index";

std::string IndexTime(base::TimeMs received_ms);
base::TimeMs TimeOfIndex(std::string_view text);  // the way back

// The prefix of each walk, with its slash.
std::string IndexAll();
std::string IndexOfSender(std::string_view department, std::string_view sender);
std::string IndexOfElder(uint64_t elder);
std::string IndexOfElder(std::string_view elder_hex);
std::string IndexOfState(InboxState state);

// Facts that bring the index from `before` (null: a new message) to `after` (null: it goes away).
std::vector<store::Fact> IndexFacts(std::string_view key, const InboxRow* before, const InboxRow* after);

// Visits the messages below `prefix`, newest first, received in [from_ms, to_ms]; behind `after` (an index key), if any.
struct IndexHit {
  std::string_view index_key, key, type;
  base::TimeMs received_ms;
};
base::Result<base::Done> WalkIndex(const store::Snapshot& snapshot, std::string_view prefix, base::TimeMs from_ms, base::TimeMs to_ms,
                                   std::string_view after, const std::function<bool(const IndexHit&)>& visit);

}  // namespace heyi::exchange
