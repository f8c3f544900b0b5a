// What the journal holds: entries. One entry is one thing that happened, whole or not at all.
//
// On disk (all integers little-endian; docs/store-format.md has the grammar):
//   group  := group header, entry…            appended and synced together
//   entry  := entry header, meta, body…       meta = leaf, facts, and one record a body with its salted hash
//   body   := stored bytes                    compressed one by one, checksummed apart from the headers
// so a body can be blanked and every other byte, checksum and hash still holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"

namespace heyi::store {

enum class EntryKind : uint8_t {
  kDictionary = 1,  // one body: a zstd dictionary, numbered by its version
  kCommit = 2,      // resource versions, facts, and the leaf of who did it
  kAccess = 3,      // only a leaf: a read that was answered, a refusal
  kErased = 4,      // names bodies that have been blanked
};

// Small durable state that belongs to an entry: inbox and outbox rows, jobs, checkpoints, cursors of followers.
struct Fact {
  std::string space;                 // e.g. "inbox"
  std::string key;
  std::optional<std::string> value;  // nullopt removes it
};

enum class Codec : uint8_t { kNone = 0, kZstd = 1, kZstdDictionary = 2 };

// Where a body lies, and what is needed to check and decode it: what the views keep.
struct Pointer {
  uint32_t segment = 0;
  uint32_t offset = 0;       // of the stored bytes in the segment file
  uint32_t stored_size = 0;
  uint32_t raw_size = 0;
  uint32_t crc = 0;          // CRC-32C of the stored bytes
  uint32_t slot = 0;         // fhir::StoredJson::slot
  uint32_t dictionary = 0;   // number, for kZstdDictionary
  Codec codec = Codec::kNone;

  bool operator==(const Pointer&) const = default;
};

// One resource version (or blob: type "$blob") to be written, already compressed and hashed, on the caller's thread.
struct PackedBody {
  std::string type;
  std::string id;
  uint64_t version = 1;
  bool deleted = false;      // no stored bytes
  uint32_t label = 0;        // policy/'s label: who has custody
  uint32_t slot = 0;
  uint32_t raw_size = 0;
  uint32_t dictionary = 0;
  Codec codec = Codec::kNone;
  std::string stored;
  uint32_t crc = 0;
  std::string salt;               // 16 bytes, kept with the stored bytes and blanked with them
  base::Digest32 salted_hash{};   // SHA-256(salt, raw): what the leaf covers
};

// An entry about to be appended. `t` and `time_ms` are the journal's to give.
struct EntryDraft {
  EntryKind kind = EntryKind::kCommit;
  std::string leaf;   // audit record, audit/leaf.h
  std::vector<Fact> facts;
  std::vector<PackedBody> bodies;
};

// A body as it stands in the journal.
struct BodyView {
  std::string_view type;
  std::string_view id;
  uint64_t version = 0;
  bool deleted = false;
  uint32_t label = 0;
  Pointer pointer;
  base::Digest32 salted_hash{};
};

// An entry as it stands in the journal; views live as long as the visit.
struct EntryView {
  EntryKind kind = EntryKind::kCommit;
  uint64_t t = 0;
  base::TimeMs time_ms = 0;
  std::string_view leaf;
  std::vector<Fact> facts;
  std::vector<BodyView> bodies;
  // What the Merkle trees are built over: kind, t, time, the leaf and every body's type, id, version and salted hash.
  // Not the bodies themselves, so erasure leaves every proof standing.
  std::string_view merkle_bytes;
  uint32_t segment = 0;   // where the entry stands, for messages
  uint64_t offset = 0;
};

}  // namespace heyi::store
