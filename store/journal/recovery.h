// What stands in a journal's directory when it is opened, and putting its end in order.
//
// Group k+1 is never begun before group k is synced. So if the last group is bad and no valid group stands behind it,
// the writer died in the middle of it and nobody was told that it was written: it is torn, and cut off. A bad group
// with a valid one behind it is damage to what was acknowledged: the journal is refused, and nothing is changed.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/journal/format.h"
#include "store/journal/segment.h"

namespace heyi::store {

// FORMAT is two lines, `heyi-journal 1` and `id ` with 16 hexadecimal digits. The id is chance and stands in every
// group header, so that neither another journal's bytes nor a body that somebody made up is ever taken for a group.
//   errors  store.format: newer than this program, or not a journal's; file.failed
base::Result<uint64_t> ReadFormat(const std::string& directory);
base::Result<base::Done> WriteFormat(const std::string& directory, base::Random& random);
bool HasFormat(const std::string& directory);

struct Place {
  uint32_t segment = 0;
  uint64_t offset = 0;
  auto operator<=>(const Place&) const = default;
};

// Where the last good group header stands; none: no group has ever been written. What lies before it was acknowledged.
// `loaded` are the bytes of segment `loaded_number`, so that they are not read twice; 0 = of none.
base::Result<std::optional<Place>> FindLastGroup(const std::string& directory, uint64_t journal,
                                                 const std::vector<SegmentFile>& segments, uint32_t loaded_number,
                                                 std::string_view loaded);

struct RecoveredSegment {
  uint64_t size = 0;
  uint64_t first_t = 0;
};

struct Recovered {
  uint64_t journal = 0;
  std::vector<RecoveredSegment> segments;  // those that hold groups
  Chain chain;                             // what the next group links to
  bool clean = false;                      // the last group says so: the last segment may be appended to …
  uint64_t append_at = 0;                  // … here
  uint64_t torn_bytes = 0;
};

// Finds the last good group and cuts off, durably, what is torn behind it. The caller holds the lock.
//   errors  store.corrupt with segment and byte offset, store.format, file.failed
base::Result<Recovered> RecoverJournal(const std::string& directory);

}  // namespace heyi::store
