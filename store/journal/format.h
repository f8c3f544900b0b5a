// The bytes of the journal: groups, entries, bodies. All integers are little-endian; `varint` is LEB128; CRC is
// CRC-32C. docs/store-format.md says the same at more length and tells what happens when bytes are damaged.
//
//   segment  := group* zero*                     a file; every group begins at a multiple of 64
//   group    := group-header entry{count} zero*  (zeros up to the next multiple of 64)
//   group-header, 64 bytes:
//      0 u32 magic "HEYI"                        24 u64 sequence      1, 2, 3 … of groups
//      4 u32 CRC of bytes 8 to 63                32 u64 t0            of its first entry; of the next where count = 0
//      8 u64 journal id (file FORMAT)            40 i64 time-before   of the entry before the group
//     16 u16 format = 1                          48 u32 count         of entries
//     18 u16 flags: 1 = closed in good order     52 u32 previous      CRC in the header of the group before; 0 = none
//     20 u32 segment                             56 u32 length        of the entries
//                                                60 u32 CRC of all the entry headers, one behind the other
//   entry    := entry-header meta body{bodies}
//   entry-header, 48 bytes:
//      0 u32 CRC of bytes 4 to 47                24 i64 time in ms    never falling
//      4 u32 CRC of meta                         32 u32 size of meta
//      8 u64 length of header, meta and bodies   36 u32 facts
//     16 u64 t                                   40 u32 bodies
//                                                44 u8 kind, then three zeros
//   meta     := leaf:blob fact{facts} record{bodies}
//   blob     := varint byte{…}
//   fact     := space:blob key:blob (0 | 1 value:blob)
//   record   := type:blob id:blob version:varint flags:u8 label:varint slot:varint raw-size:varint stored-size:varint
//               codec:u8 dictionary:varint crc:u32 salted-hash:32        flags: 1 = deleted, 2 = has a salt
//   body     := salt:16 stored                   salt only where flagged; crc covers `stored`
//
// What the Merkle trees hash (never stored as such; made again from the entry):
//   merkle   := 1:u8 kind:u8 t:u64 time:i64 leaf:blob bodies:varint covered{bodies}
//   covered  := type:blob id:blob version:varint deleted:u8 salted-hash:32
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/journal/entry.h"
#include "store/journal/journal.h"

namespace heyi::store {

inline constexpr uint16_t kJournalFormat = 1;
inline constexpr uint64_t kGroupAlignment = 64;
inline constexpr uint64_t kGroupHeaderBytes = 64;
inline constexpr uint64_t kEntryHeaderBytes = 48;
inline constexpr uint64_t kSaltBytes = 16;

constexpr uint64_t AlignGroup(uint64_t offset) {
  return (offset + kGroupAlignment - 1) / kGroupAlignment * kGroupAlignment;
}

struct GroupHeader {
  uint64_t journal = 0;
  bool closed = false;
  uint32_t segment = 0;
  uint64_t sequence = 0;
  uint64_t t0 = 0;
  base::TimeMs time_before = 0;
  uint32_t count = 0;
  uint32_t previous = 0;
  uint32_t length = 0;
  uint32_t entries_crc = 0;
  uint32_t crc = 0;  // its own; EncodeGroupHeader sets it
};

// What the next group must link to.
struct Chain {
  uint64_t sequence = 1;
  uint64_t t = 1;
  base::TimeMs time_ms = 0;  // of the entry before
  uint32_t previous = 0;     // CRC of the header before

  void Pass(const GroupHeader& header);  // all but time_ms, which the entries give
};
bool Follows(const GroupHeader& header, const Chain& chain);

enum class HeaderState : uint8_t {
  kNone,  // zeros, or no room for one
  kBad,
  kGood,  // of this journal and segment, its checksum right; says nothing about the entries
};
HeaderState ReadGroupHeader(std::string_view segment, uint64_t at, uint64_t journal, uint32_t number,
                            GroupHeader* header);

// Writes the 64 bytes to `out` and sets header->crc.
void EncodeGroupHeader(GroupHeader* header, char* out);

// Appends the entry, takes its header into `entries_crc`; `appended` gets t, time, merkle bytes and pointers whose
// offsets count from the start of `group`.
void AppendEntry(const EntryDraft& draft, uint64_t t, base::TimeMs time_ms, std::string* group, uint32_t* entries_crc,
                 AppendedEntry* appended);

// Something in a segment that is not as it should be.
struct Damage {
  uint64_t offset = 0;
  std::string_view what;  // empty = none
};

base::Error CorruptAt(uint32_t segment, uint64_t offset, std::string_view what);  // store.corrupt

// Reads the entries of a group whose header is good, one after the other.
class GroupReader {
 public:
  // `segment` outlives the reader. `time_before` of the entry before the group.
  GroupReader(std::string_view segment, uint64_t at, const GroupHeader& header);

  bool Next();  // false at the end of the group, or where damage() is set
  const EntryView& entry() const { return entry_; }
  const Damage& damage() const { return damage_; }
  uint64_t end() const { return end_; }  // where the group's bytes end, not aligned
  base::TimeMs time_ms() const { return time_ms_; }

 private:
  bool Fail(std::string_view what);
  bool ReadMeta(std::string_view meta, uint32_t facts, uint32_t bodies, uint64_t bodies_at, uint64_t entry_end);

  std::string_view segment_;
  GroupHeader header_;
  uint64_t at_;
  uint64_t end_;
  uint32_t seen_ = 0;
  uint32_t entries_crc_ = 0;
  base::TimeMs time_ms_;
  EntryView entry_;
  std::string merkle_;
  Damage damage_;
};

}  // namespace heyi::store
