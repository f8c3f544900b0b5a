// How one body is stored: compressed by itself, so that one read decodes one body and one erasure blanks one body.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/compress.h"
#include "base/ids.h"
#include "base/result.h"
#include "store/journal/entry.h"
#include "store/limits.h"

namespace heyi::store {

// The dictionaries of a journal, numbered from 1. Add by one thread; everything else by any.
class DictionarySet {
 public:
  DictionarySet() = default;
  ~DictionarySet();
  DictionarySet(const DictionarySet&) = delete;
  DictionarySet& operator=(const DictionarySet&) = delete;

  void Add(std::string bytes);  // at most kDictionariesMax times
  uint32_t newest() const { return count_.load(std::memory_order_acquire); }  // 0 = none
  const base::ZstdDictionary* Find(uint32_t number) const;                    // null where there is none

 private:
  std::array<std::atomic<const base::ZstdDictionary*>, kDictionariesMax> all_{};
  std::atomic<uint32_t> count_{0};
};

// The body with everything filled in but its place. `raw` at most 4 GiB; above kEntryBytesMax it cannot be appended.
PackedBody PackBody(std::string type, std::string id, uint64_t version, std::string_view raw, uint32_t slot,
                    uint32_t label, const DictionarySet& dictionaries, base::Random& random);

base::Digest32 SaltedHash(std::string_view salt, std::string_view raw);

// The raw bytes again; checks the CRC.
//   errors  kUnavailable store.corrupt; kGone store.erased where salt and stored bytes are all zero
base::Result<std::string> UnpackBody(const Pointer& pointer, std::string_view salt, std::string_view stored,
                                     const DictionarySet& dictionaries);

bool IsBlank(std::string_view salt, std::string_view stored);

}  // namespace heyi::store
