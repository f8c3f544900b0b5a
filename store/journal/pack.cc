#include "store/journal/pack.h"

#include <cstdlib>

#include "store/journal/format.h"
#include "store/journal/segment.h"

namespace heyi::store {
namespace {

constexpr size_t kWorthCompressing = 64;  // zstd's own frame takes a dozen bytes

}  // namespace

DictionarySet::~DictionarySet() {
  for (auto& dictionary : all_) delete dictionary.load();
}

void DictionarySet::Add(std::string bytes) {
  const uint32_t at = count_.load();
  if (at == kDictionariesMax) std::abort();  // the callers count
  all_[at].store(new base::ZstdDictionary(std::move(bytes)), std::memory_order_release);
  count_.store(at + 1, std::memory_order_release);
}

const base::ZstdDictionary* DictionarySet::Find(uint32_t number) const {
  return number >= 1 && number <= newest() ? all_[number - 1].load(std::memory_order_acquire) : nullptr;
}

PackedBody PackBody(std::string type, std::string id, uint64_t version, std::string_view raw, uint32_t slot,
                    uint32_t label, const DictionarySet& dictionaries, base::Random& random) {
  if (raw.size() > UINT32_MAX) std::abort();  // far above every limit of what may come in
  PackedBody body;
  body.type = std::move(type);
  body.id = std::move(id);
  body.version = version;
  body.label = label;
  body.slot = slot;
  body.raw_size = static_cast<uint32_t>(raw.size());
  if (raw.size() >= kWorthCompressing) {
    const uint32_t newest = dictionaries.newest();
    body.stored = base::ZstdCompress(raw, dictionaries.Find(newest));
    body.codec = newest != 0 ? Codec::kZstdDictionary : Codec::kZstd;
    body.dictionary = newest;
  }
  if (raw.size() < kWorthCompressing || body.stored.size() >= raw.size()) {
    body.stored = raw;
    body.codec = Codec::kNone;
    body.dictionary = 0;
  }
  body.crc = base::Crc32c(body.stored);
  body.salt.resize(kSaltBytes);
  random.Fill(body.salt.data(), body.salt.size());
  body.salted_hash = SaltedHash(body.salt, raw);
  return body;
}

base::Digest32 SaltedHash(std::string_view salt, std::string_view raw) {
  std::string both;
  both.reserve(salt.size() + raw.size());
  both.append(salt).append(raw);
  return base::Sha256(both);
}

bool IsBlank(std::string_view salt, std::string_view stored) {
  return !salt.empty() && AllZero(salt) && AllZero(stored);
}

base::Result<std::string> UnpackBody(const Pointer& pointer, std::string_view salt, std::string_view stored,
                                     const DictionarySet& dictionaries) {
  const auto corrupt = [&](std::string_view what) { return CorruptAt(pointer.segment, pointer.offset, what); };
  if (base::Crc32c(stored) != pointer.crc) {
    if (IsBlank(salt, stored)) return base::Error(base::ErrorKind::kGone, "store.erased");
    return corrupt("the body is damaged");
  }
  if (pointer.codec == Codec::kNone) {
    if (stored.size() != pointer.raw_size) return corrupt("the body's size is wrong");
    return std::string(stored);
  }
  const base::ZstdDictionary* dictionary = nullptr;
  if (pointer.codec == Codec::kZstdDictionary) {
    dictionary = dictionaries.Find(pointer.dictionary);
    if (dictionary == nullptr) return corrupt("the body's dictionary is missing");
  }
  if (pointer.raw_size > kEntryBytesMax) return corrupt("the body's size is wrong");
  std::string raw;
  if (!base::ZstdDecompress(stored, pointer.raw_size, dictionary, &raw)) return corrupt("the body does not decompress");
  return raw;
}

}  // namespace heyi::store
