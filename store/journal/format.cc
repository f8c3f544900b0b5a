#include "store/journal/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "store/limits.h"

namespace heyi::store {
namespace {

using base::PutBlob;
using base::PutLittle;
using base::PutVarint;

constexpr uint32_t kMagic = 0x49594548;  // "HEYI"
constexpr uint16_t kFlagClosed = 1;
constexpr uint8_t kRecordDeleted = 1;
constexpr uint8_t kRecordSalted = 2;

void AppendHash(std::string& out, const base::Digest32& hash) {
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

void BeginMerkle(EntryKind kind, uint64_t t, base::TimeMs time_ms, std::string_view leaf, size_t bodies,
                 std::string* out) {
  *out += '\1';
  *out += static_cast<char>(kind);
  PutLittle(*out, t);
  PutLittle(*out, static_cast<uint64_t>(time_ms));
  PutBlob(*out, leaf);
  PutVarint(*out, bodies);
}

template <typename Body>
void AppendCovered(const Body& body, std::string* out) {
  PutBlob(*out, body.type);
  PutBlob(*out, body.id);
  PutVarint(*out, body.version);
  *out += body.deleted ? '\1' : '\0';
  AppendHash(*out, body.salted_hash);
}

void AppendFact(const Fact& fact, std::string* out) {
  PutBlob(*out, fact.space);
  PutBlob(*out, fact.key);
  *out += fact.value.has_value() ? '\1' : '\0';
  if (fact.value.has_value()) PutBlob(*out, *fact.value);
}

void AppendRecord(const PackedBody& body, std::string* out) {
  PutBlob(*out, body.type);
  PutBlob(*out, body.id);
  PutVarint(*out, body.version);
  *out += static_cast<char>((body.deleted ? kRecordDeleted : 0) | (body.salt.empty() ? 0 : kRecordSalted));
  PutVarint(*out, body.label);
  PutVarint(*out, body.slot);
  PutVarint(*out, body.raw_size);
  PutVarint(*out, body.stored.size());
  *out += static_cast<char>(body.codec);
  PutVarint(*out, body.dictionary);
  PutLittle(*out, body.crc);
  AppendHash(*out, body.salted_hash);
}

template <typename T>
void Put(char* out, T value) {
  std::memcpy(out, &value, sizeof value);
}

uint32_t Small(uint64_t value, bool* ok) {
  if (value > UINT32_MAX) *ok = false;
  return static_cast<uint32_t>(value);
}

bool IsKind(uint8_t kind) { return kind >= 1 && kind <= static_cast<uint8_t>(EntryKind::kErased); }

}  // namespace

void Chain::Pass(const GroupHeader& header) {
  sequence = header.sequence + 1;
  t = header.t0 + header.count;
  previous = header.crc;
}

bool Follows(const GroupHeader& header, const Chain& chain) {
  return header.sequence == chain.sequence && header.t0 == chain.t && header.previous == chain.previous &&
         header.time_before == chain.time_ms;
}

HeaderState ReadGroupHeader(std::string_view segment, uint64_t at, uint64_t journal, uint32_t number,
                            GroupHeader* header) {
  if (at >= segment.size()) return HeaderState::kNone;
  const std::string_view bytes = segment.substr(at, kGroupHeaderBytes);
  if (bytes.find_first_not_of('\0') == std::string_view::npos) return HeaderState::kNone;
  if (bytes.size() < kGroupHeaderBytes) return HeaderState::kBad;
  base::ByteReader in(bytes);
  const uint32_t magic = in.Little<uint32_t>();
  header->crc = in.Little<uint32_t>();
  header->journal = in.Little<uint64_t>();
  const uint16_t format = in.Little<uint16_t>();
  const uint16_t flags = in.Little<uint16_t>();
  header->closed = (flags & kFlagClosed) != 0;
  header->segment = in.Little<uint32_t>();
  header->sequence = in.Little<uint64_t>();
  header->t0 = in.Little<uint64_t>();
  header->time_before = static_cast<base::TimeMs>(in.Little<uint64_t>());
  header->count = in.Little<uint32_t>();
  header->previous = in.Little<uint32_t>();
  header->length = in.Little<uint32_t>();
  header->entries_crc = in.Little<uint32_t>();
  const bool ours = magic == kMagic && format == kJournalFormat && header->journal == journal;
  const bool good = ours && header->segment == number && header->crc == base::Crc32c(bytes.substr(8));
  return good ? HeaderState::kGood : HeaderState::kBad;
}

void EncodeGroupHeader(GroupHeader* header, char* out) {
  std::string bytes;
  PutLittle(bytes, header->journal);
  PutLittle(bytes, kJournalFormat);
  PutLittle(bytes, header->closed ? kFlagClosed : uint16_t{0});
  PutLittle(bytes, header->segment);
  PutLittle(bytes, header->sequence);
  PutLittle(bytes, header->t0);
  PutLittle(bytes, static_cast<uint64_t>(header->time_before));
  PutLittle(bytes, header->count);
  PutLittle(bytes, header->previous);
  PutLittle(bytes, header->length);
  PutLittle(bytes, header->entries_crc);
  header->crc = base::Crc32c(bytes);
  Put(out, kMagic);
  Put(out + 4, header->crc);
  std::memcpy(out + 8, bytes.data(), bytes.size());
}

void AppendEntry(const EntryDraft& draft, uint64_t t, base::TimeMs time_ms, std::string* group, uint32_t* entries_crc,
                 AppendedEntry* appended) {
  appended->t = t;
  appended->time_ms = time_ms;
  BeginMerkle(draft.kind, t, time_ms, draft.leaf, draft.bodies.size(), &appended->merkle_bytes);

  const size_t start = group->size();
  group->append(kEntryHeaderBytes, '\0');
  PutBlob(*group, draft.leaf);
  for (const Fact& fact : draft.facts) AppendFact(fact, group);
  for (const PackedBody& body : draft.bodies) {
    AppendRecord(body, group);
    AppendCovered(body, &appended->merkle_bytes);
  }
  const size_t meta_size = group->size() - start - kEntryHeaderBytes;
  for (const PackedBody& body : draft.bodies) {
    group->append(body.salt);
    appended->pointers.push_back({.offset = static_cast<uint32_t>(group->size()),
                                  .stored_size = static_cast<uint32_t>(body.stored.size()),
                                  .raw_size = body.raw_size,
                                  .crc = body.crc,
                                  .slot = body.slot,
                                  .dictionary = body.dictionary,
                                  .codec = body.codec});
    group->append(body.stored);
  }

  char* header = group->data() + start;
  Put(header + 4, base::Crc32c({header + kEntryHeaderBytes, meta_size}));
  Put(header + 8, static_cast<uint64_t>(group->size() - start));
  Put(header + 16, t);
  Put(header + 24, static_cast<uint64_t>(time_ms));
  Put(header + 32, static_cast<uint32_t>(meta_size));
  Put(header + 36, static_cast<uint32_t>(draft.facts.size()));
  Put(header + 40, static_cast<uint32_t>(draft.bodies.size()));
  Put(header + 44, static_cast<uint32_t>(draft.kind));
  Put(header, base::Crc32c({header + 4, kEntryHeaderBytes - 4}));
  *entries_crc = base::Crc32c({header, kEntryHeaderBytes}, *entries_crc);
}

base::Error CorruptAt(uint32_t segment, uint64_t offset, std::string_view what) {
  return base::Error(base::ErrorKind::kUnavailable, "store.corrupt", {},
                     fmt::format("segment {:06}, byte {}: {}", segment, offset, what));
}

GroupReader::GroupReader(std::string_view segment, uint64_t at, const GroupHeader& header)
    : segment_(segment), header_(header), at_(at + kGroupHeaderBytes), end_(at_), time_ms_(header.time_before) {
  if (header.length > segment.size() || at_ > segment.size() - header.length) {
    damage_ = {at, "the group is cut off"};
  } else {
    end_ = at_ + header.length;
  }
}

bool GroupReader::Fail(std::string_view what) {
  damage_ = {at_, what};
  return false;
}

bool GroupReader::Next() {
  if (!damage_.what.empty()) return false;
  if (seen_ == header_.count) {
    if (at_ != end_) return Fail("bytes behind the last entry");
    if (entries_crc_ != header_.entries_crc) return Fail("the entries are not those of the group");
    return false;
  }
  if (end_ - at_ < kEntryHeaderBytes) return Fail("the entry is cut off");
  const std::string_view head = segment_.substr(at_, kEntryHeaderBytes);
  base::ByteReader in(head);
  if (in.Little<uint32_t>() != base::Crc32c(head.substr(4))) return Fail("the entry's header is damaged");
  const auto meta_crc = in.Little<uint32_t>();
  const auto length = in.Little<uint64_t>();
  const auto t = in.Little<uint64_t>();
  const auto time_ms = static_cast<base::TimeMs>(in.Little<uint64_t>());
  const auto meta_size = in.Little<uint32_t>();
  const auto facts = in.Little<uint32_t>();
  const auto bodies = in.Little<uint32_t>();
  const auto kind = in.Little<uint8_t>();
  if (length > end_ - at_ || length < kEntryHeaderBytes + meta_size) return Fail("the entry is cut off");
  if (t != header_.t0 + seen_ || !IsKind(kind)) return Fail("the entry is out of place");
  if (time_ms < time_ms_) return Fail("time falls");
  const std::string_view meta = segment_.substr(at_ + kEntryHeaderBytes, meta_size);
  if (meta_crc != base::Crc32c(meta)) return Fail("the entry's meta is damaged");

  entry_.kind = static_cast<EntryKind>(kind);
  entry_.t = t;
  entry_.time_ms = time_ms;
  entry_.segment = header_.segment;
  entry_.offset = at_;
  if (!ReadMeta(meta, facts, bodies, at_ + kEntryHeaderBytes + meta_size, at_ + length)) {
    return Fail("the entry's meta is wrong");
  }
  entries_crc_ = base::Crc32c(head, entries_crc_);
  time_ms_ = time_ms;
  at_ += length;
  ++seen_;
  return true;
}

bool GroupReader::ReadMeta(std::string_view meta, uint32_t facts, uint32_t bodies, uint64_t bodies_at,
                           uint64_t entry_end) {
  base::ByteReader in(meta);
  bool ok = bodies <= kBodiesMax && facts <= meta.size();
  entry_.leaf = in.Blob();
  entry_.facts.clear();
  entry_.bodies.clear();
  for (uint32_t i = 0; ok && i < facts; ++i) {
    Fact& fact = entry_.facts.emplace_back();
    fact.space = in.Blob();
    fact.key = in.Blob();
    if (in.Little<uint8_t>() != 0) fact.value = std::string(in.Blob());
    ok = in.ok();
  }
  merkle_.clear();
  BeginMerkle(entry_.kind, entry_.t, entry_.time_ms, entry_.leaf, bodies, &merkle_);
  for (uint32_t i = 0; ok && i < bodies; ++i) {
    BodyView& body = entry_.bodies.emplace_back();
    body.type = in.Blob();
    body.id = in.Blob();
    body.version = in.Varint();
    const auto flags = in.Little<uint8_t>();
    body.deleted = (flags & kRecordDeleted) != 0;
    body.label = Small(in.Varint(), &ok);
    body.pointer.segment = header_.segment;
    body.pointer.slot = Small(in.Varint(), &ok);
    body.pointer.raw_size = Small(in.Varint(), &ok);
    body.pointer.stored_size = Small(in.Varint(), &ok);
    body.pointer.codec = static_cast<Codec>(in.Little<uint8_t>());
    body.pointer.dictionary = Small(in.Varint(), &ok);
    body.pointer.crc = in.Little<uint32_t>();
    const std::string_view hash = in.Bytes(body.salted_hash.size());
    if (!in.ok()) return false;
    std::memcpy(body.salted_hash.data(), hash.data(), hash.size());
    AppendCovered(body, &merkle_);
    if ((flags & kRecordSalted) != 0) bodies_at += kSaltBytes;
    body.pointer.offset = Small(bodies_at, &ok);
    bodies_at += body.pointer.stored_size;
    ok = ok && bodies_at <= entry_end && body.pointer.codec <= Codec::kZstdDictionary;
  }
  entry_.merkle_bytes = merkle_;
  return ok && in.ok() && in.empty() && bodies_at == entry_end;
}

}  // namespace heyi::store
