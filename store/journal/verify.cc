// Reading a whole journal, every checksum and every salted hash.
//
// It may be read while a writer appends: what is verified ends with the last group that was there at the beginning.
// A torn tail is no damage: nobody was told that it was written, and the next open cuts it off. A body of zeros is
// damage unless an entry of kind `erased` behind it names it: a record of the same type, id, version and salted hash.
#include <map>
#include <string>

#include <fmt/format.h>

#include "store/journal/pack.h"
#include "store/journal/recovery.h"

namespace heyi::store {

using base::Done;
using base::Result;

namespace {

class Verifier {
 public:
  explicit Verifier(const std::string& directory) : directory_(directory) {}

  Result<Done> Run();
  uint64_t entries() const { return entries_; }
  uint64_t bytes() const { return bytes_; }

 private:
  Result<Done> WalkSegment(uint32_t number, std::string_view bytes);
  // The first thing wrong with the group.
  Damage CheckGroup(std::string_view bytes, GroupReader* reader);
  Damage CheckBody(std::string_view bytes, const EntryView& entry, const BodyView& body);

  const std::string directory_;
  uint64_t journal_ = 0;
  std::vector<SegmentFile> files_;
  Place last_;  // group
  Chain chain_;
  DictionarySet dictionaries_;
  std::map<std::string, Place> blanked_;  // bodies of zeros that no entry has named as erased, by what it must say
  uint64_t entries_ = 0;
  uint64_t bytes_ = 0;
};

std::string NameOf(const BodyView& body) {
  return fmt::format("{}/{}/{}/{}", body.type, body.id, body.version, base::ToHex(body.salted_hash));
}

Result<Done> Verifier::Run() {
  HEYI_TRY(journal, ReadFormat(directory_));
  journal_ = journal;
  HEYI_TRY(files, ListSegments(directory_));
  files_ = files;
  HEYI_TRY(last, FindLastGroup(directory_, journal_, files_, 0, {}));
  if (!last.has_value()) return Done{};
  last_ = *last;
  for (size_t i = 0; files_[i].number <= last_.segment; ++i) {
    HEYI_TRY(bytes, SegmentBytes::Load(directory_, files_[i]));
    HEYI_CHECK(WalkSegment(files_[i].number, bytes.view()));
    if (files_[i].number == last_.segment) break;
  }
  if (!blanked_.empty()) {
    const Place& place = blanked_.begin()->second;
    return CorruptAt(place.segment, place.offset, "the body is blank, and no entry says that it was erased");
  }
  return Done{};
}

Result<Done> Verifier::WalkSegment(uint32_t number, std::string_view bytes) {
  uint64_t at = 0;
  while (Place{number, at} <= last_) {
    GroupHeader header;
    if (ReadGroupHeader(bytes, at, journal_, number, &header) != HeaderState::kGood) {
      if (at > 0 && number < last_.segment && (at >= bytes.size() || AllZero(bytes.substr(at)))) return Done{};
      return CorruptAt(number, at, "the group's header is damaged");
    }
    if (!Follows(header, chain_)) return CorruptAt(number, at, "the group does not follow the one before");
    GroupReader reader(bytes, at, header);
    const Damage damage = CheckGroup(bytes, &reader);
    if (!damage.what.empty()) {
      if (Place{number, at} == last_) return Done{};  // torn
      return CorruptAt(number, damage.offset, damage.what);
    }
    const uint64_t end = AlignGroup(reader.end());
    if (!AllZero(bytes.substr(reader.end(), end - reader.end()))) {
      return CorruptAt(number, reader.end(), "bytes between two groups");
    }
    chain_.Pass(header);
    chain_.time_ms = reader.time_ms();
    bytes_ += end - at;
    at = end;
  }
  return Done{};
}

Damage Verifier::CheckGroup(std::string_view bytes, GroupReader* reader) {
  while (reader->Next()) {
    const EntryView& entry = reader->entry();
    for (const BodyView& body : entry.bodies) {
      const Damage damage = CheckBody(bytes, entry, body);
      if (!damage.what.empty()) return damage;
    }
    ++entries_;
  }
  return reader->damage();
}

Damage Verifier::CheckBody(std::string_view bytes, const EntryView& entry, const BodyView& body) {
  const Pointer& pointer = body.pointer;
  if (entry.kind == EntryKind::kErased && pointer.stored_size == 0) {
    blanked_.erase(NameOf(body));
    return {};
  }
  if (pointer.stored_size == 0) return {};
  const std::string_view salt = bytes.substr(pointer.offset - kSaltBytes, kSaltBytes);
  const std::string_view stored = bytes.substr(pointer.offset, pointer.stored_size);
  if (IsBlank(salt, stored)) {
    blanked_[NameOf(body)] = {pointer.segment, pointer.offset};
    return {};
  }
  const Result<std::string> raw = UnpackBody(pointer, salt, stored, dictionaries_);
  if (!raw.ok()) return {pointer.offset, "the body is damaged"};
  if (SaltedHash(salt, *raw) != body.salted_hash) return {pointer.offset, "the body does not match its hash"};
  if (entry.kind == EntryKind::kDictionary && dictionaries_.newest() < kDictionariesMax) dictionaries_.Add(*raw);
  return {};
}

}  // namespace

Result<Done> VerifyJournal(const std::string& directory, uint64_t* entries, uint64_t* bytes) {
  Verifier verifier(directory);
  const Result<Done> result = verifier.Run();
  if (entries != nullptr) *entries = verifier.entries();
  if (bytes != nullptr) *bytes = verifier.bytes();
  return result;
}

}  // namespace heyi::store
