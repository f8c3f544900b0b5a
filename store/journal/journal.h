// The journal: append-only, checksummed, the only truth. Opened twice by the server: data and access.
//
// One writer. A group is appended and synced before the next one is begun, so a bad last group with no valid group
// behind it is a torn tail (dropped at open) and anything else that is bad is corruption (refused, with its place).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/compress.h"
#include "base/ids.h"
#include "base/result.h"
#include "store/journal/entry.h"

namespace heyi::store {

struct AppendedEntry {
  uint64_t t = 0;
  base::TimeMs time_ms = 0;
  std::vector<Pointer> pointers;  // one a body, in order
  std::string merkle_bytes;
};

class Journal {
 public:
  virtual ~Journal() = default;

  virtual uint64_t last_t() const = 0;  // of the last durable entry; 0 = none

  // Packs a body for appending: compressed with the newest dictionary, checksummed, salted and hashed. Any thread.
  virtual PackedBody Pack(std::string type, std::string id, uint64_t version, std::string_view raw, uint32_t slot,
                          uint32_t label) const = 0;

  // Appends one group and syncs it; on return it is durable. Entry i gets t = last_t() + 1 + i and a time of at least
  // now, never below the entry before. Any failure poisons the journal: this and every later call is kUnavailable
  // store.stopped, and what was appended may or may not be there after a restart. One thread at a time.
  virtual base::Result<std::vector<AppendedEntry>> Append(std::span<EntryDraft* const> group) = 0;

  // Visits entries t >= from_t in order until the end or until `visit` returns false or an error.
  //   errors  kUnavailable store.corrupt with segment and byte offset
  virtual base::Result<base::Done> Scan(uint64_t from_t, const std::function<base::Result<bool>(const EntryView&)>& visit) const = 0;

  // The raw bytes of a body; checks its CRC. Any thread.
  //   errors  kUnavailable store.corrupt with segment and byte offset; kGone store.erased
  virtual base::Result<std::string> ReadBody(const Pointer& pointer) const = 0;

  // Makes `bytes` the dictionary of bodies packed from now on, as an entry of its own. Before the first Append.
  virtual base::Result<base::Done> AddDictionary(std::string bytes) = 0;

  virtual bool stopped() const = 0;  // poisoned
};

struct FileJournalOptions {
  std::string directory;          // made where missing
  const base::Clock* clock = nullptr;
  base::Random* random = nullptr;
};

// What opening found and did, for the log and for tests.
struct RecoveryReport {
  uint64_t last_t = 0;
  uint64_t torn_bytes = 0;        // of a dropped last group
  uint32_t segments = 0;
  bool clean_shutdown = false;
};

// Opens or makes a journal of segment files. Checks group and entry headers of the last segment (the others are
// checked when read and by VerifyJournal).
//   errors  kUnavailable store.corrupt, store.format (newer than this program), store.locked, file.failed
base::Result<std::unique_ptr<Journal>> OpenFileJournal(const FileJournalOptions& options, RecoveryReport* report);

// Reads everything, every checksum. `entries` and `bytes` say how much was seen.
base::Result<base::Done> VerifyJournal(const std::string& directory, uint64_t* entries, uint64_t* bytes);

}  // namespace heyi::store
