#include "store/view/keys.h"

#include <array>

#include "base/bytes.h"
#include "store/index/posting.h"

namespace heyi::store {
namespace {

constexpr char kUuidMark = '\x01';
constexpr std::string_view kHex = "0123456789abcdef";
constexpr size_t kUuidText = 36, kUuidBytes = 16;

bool IsDash(size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

// The value of a lower case hex digit; 16 and more: none.
constexpr std::array<unsigned char, 256> MakeDigits() {
  std::array<unsigned char, 256> digits{};
  digits.fill(0xff);
  for (unsigned char value = 0; value < 16; ++value) digits[static_cast<unsigned char>(kHex[value])] = value;
  return digits;
}

// The bytes of a UUID written in lower case with its four dashes.
bool ReadUuid(std::string_view text, char* bytes) {
  static constexpr std::array<unsigned char, 256> kDigits = MakeDigits();
  if (text.size() != kUuidText) return false;
  for (size_t i = 0; i < text.size();) {
    if (IsDash(i)) {
      if (text[i++] != '-') return false;
      continue;
    }
    const unsigned high = kDigits[static_cast<unsigned char>(text[i])], low = kDigits[static_cast<unsigned char>(text[i + 1])];
    if ((high | low) > 15) return false;
    *bytes++ = static_cast<char>(high << 4 | low);
    i += 2;
  }
  return true;
}

std::string Joined(char table, std::string_view space, std::string_view key) {
  std::string joined(1, table);
  joined.append(space).append(1, '\0').append(key);
  return joined;
}

}  // namespace

std::string CurrentKey(const fhir::Type& type, std::string_view id) {
  std::string key = "c";
  key += static_cast<char>(type.number);
  PutId(key, id);
  return key;
}

std::string DocidKey(uint32_t docid) {
  std::string key = "d";
  base::PutBig(key, docid);
  return key;
}

std::string VersionKey(uint32_t docid, uint64_t version) {
  std::string key = "v";
  base::PutBig(key, docid);
  base::PutBig(key, ~version);
  return key;
}

std::string FactKey(std::string_view space, std::string_view key) { return Joined('f', space, key); }
std::string ClaimKey(std::string_view space, std::string_view key) { return Joined('k', space, key); }
std::string BlobKey(std::string_view id) { return std::string("b").append(id); }
std::string CountKey(uint8_t type) { return std::string("n").append(1, static_cast<char>(type)); }

std::string SweepKey(uint64_t t, uint32_t part) {
  std::string key = "s";
  base::PutBig(key, t);
  base::PutBig(key, part);
  return key;
}

std::string HorizonKey(base::TimeMs time_ms) {
  std::string key = "h";
  base::PutBig(key, OrderedTime(time_ms));
  return key;
}

std::string EncodeRecord(const VersionRecord& record) {
  std::string out;
  base::PutVarint(out, record.docid);
  base::PutVarint(out, record.version);
  base::PutVarint(out, record.t);
  base::PutVarint(out, static_cast<uint64_t>(record.time_ms));
  base::PutVarint(out, record.deleted ? 1 : 0);
  base::PutVarint(out, record.label);
  base::PutVarint(out, record.subjects.size());
  for (uint64_t subject : record.subjects) base::PutLittle(out, subject);
  const Pointer& pointer = record.pointer;
  base::PutVarint(out, pointer.segment);
  base::PutVarint(out, pointer.offset);
  base::PutVarint(out, pointer.stored_size);
  base::PutVarint(out, pointer.raw_size);
  base::PutLittle(out, pointer.crc);
  base::PutVarint(out, pointer.slot);
  base::PutVarint(out, pointer.dictionary);
  base::PutVarint(out, static_cast<uint64_t>(pointer.codec));
  return out;
}

std::optional<VersionRecord> DecodeRecord(std::string_view bytes) {
  base::ByteReader reader(bytes);
  VersionRecord record;
  record.docid = static_cast<uint32_t>(reader.Varint());
  record.version = reader.Varint();
  record.t = reader.Varint();
  record.time_ms = static_cast<base::TimeMs>(reader.Varint());
  record.deleted = reader.Varint() != 0;
  record.label = static_cast<uint32_t>(reader.Varint());
  const uint64_t subjects = reader.Varint();
  if (subjects > reader.rest().size() / 8) return std::nullopt;
  for (uint64_t i = 0; i < subjects; ++i) record.subjects.push_back(reader.Little<uint64_t>());
  Pointer& pointer = record.pointer;
  pointer.segment = static_cast<uint32_t>(reader.Varint());
  pointer.offset = static_cast<uint32_t>(reader.Varint());
  pointer.stored_size = static_cast<uint32_t>(reader.Varint());
  pointer.raw_size = static_cast<uint32_t>(reader.Varint());
  pointer.crc = reader.Little<uint32_t>();
  pointer.slot = static_cast<uint32_t>(reader.Varint());
  pointer.dictionary = static_cast<uint32_t>(reader.Varint());
  pointer.codec = static_cast<Codec>(reader.Varint());
  if (!reader.ok() || !reader.empty()) return std::nullopt;
  return record;
}

void PutId(std::string& out, std::string_view id) {
  char bytes[1 + kUuidBytes] = {kUuidMark};
  if (ReadUuid(id, bytes + 1)) out.append(bytes, sizeof bytes);
  else out += id;
}

std::string IdOf(std::string_view bytes) {
  if (bytes.size() != 1 + kUuidBytes || bytes.front() != kUuidMark) return std::string(bytes);
  std::string text;
  for (const char byte : bytes.substr(1)) {
    if (IsDash(text.size())) text += '-';
    text += kHex[static_cast<unsigned char>(byte) >> 4];
    text += kHex[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

std::string EncodeDocidRow(const fhir::Type& type, std::string_view id) {
  std::string row(1, static_cast<char>(type.number));
  PutId(row, id);
  return row;
}

void PutPostingTail(std::string& key, uint32_t docid, uint64_t t) {
  base::PutBig(key, docid);
  const uint64_t inverted = kTMax - t;
  base::PutBig(key, static_cast<uint16_t>(inverted >> 32));
  base::PutBig(key, static_cast<uint32_t>(inverted));
}

PostingTail TailOf(std::string_view posting_key) {
  const std::string_view tail = posting_key.substr(posting_key.size() - kPostingTailBytes);
  const uint64_t high = base::BigAt<uint16_t>(tail, 4);
  return {base::BigAt<uint32_t>(tail, 0), kTMax - ((high << 32) | base::BigAt<uint32_t>(tail, 6))};
}

std::string EncodeSweep(std::span<const ClosedPosting> closed) {
  std::string out;
  for (const ClosedPosting& one : closed) {
    base::PutBlob(out, one.posting);
    base::PutVarint(out, one.docid);
  }
  return out;
}

std::optional<std::vector<ClosedPosting>> DecodeSweep(std::string_view bytes) {
  base::ByteReader reader(bytes);
  std::vector<ClosedPosting> closed;
  while (reader.ok() && !reader.empty()) {
    const std::string_view posting = reader.Blob();
    closed.push_back({std::string(posting), static_cast<uint32_t>(reader.Varint())});
  }
  if (!reader.ok()) return std::nullopt;
  return closed;
}

}  // namespace heyi::store
