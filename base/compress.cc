#include "base/compress.h"

#include <zdict.h>
#include <zstd.h>

#include <cstdlib>
#include <vector>

namespace heyi::base {

ZstdDictionary::ZstdDictionary(std::string bytes)
    : bytes_(std::move(bytes)),
      for_writing_(ZSTD_createCDict(bytes_.data(), bytes_.size(), 1)),
      for_reading_(ZSTD_createDDict(bytes_.data(), bytes_.size())) {}

ZstdDictionary::~ZstdDictionary() {
  ZSTD_freeCDict(static_cast<ZSTD_CDict*>(for_writing_));
  ZSTD_freeDDict(static_cast<ZSTD_DDict*>(for_reading_));
}

std::string ZstdCompress(std::string_view raw, const ZstdDictionary* dictionary, int level) {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> owner(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx* const context = owner.get();
  std::string stored(ZSTD_compressBound(raw.size()), '\0');
  const size_t size =
      dictionary != nullptr
          ? ZSTD_compress_usingCDict(context, stored.data(), stored.size(), raw.data(), raw.size(),
                                     static_cast<const ZSTD_CDict*>(dictionary->for_writing_))
          : ZSTD_compressCCtx(context, stored.data(), stored.size(), raw.data(), raw.size(), level);
  if (ZSTD_isError(size)) std::abort();  // the bound was ours; only a broken library gets here
  stored.resize(size);
  return stored;
}

bool ZstdDecompress(std::string_view stored, size_t raw_size, const ZstdDictionary* dictionary, std::string* out) {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> owner(ZSTD_createDCtx(), ZSTD_freeDCtx);
  ZSTD_DCtx* const context = owner.get();
  const size_t start = out->size();
  out->resize(start + raw_size);
  const size_t size = dictionary != nullptr
                          ? ZSTD_decompress_usingDDict(context, out->data() + start, raw_size, stored.data(),
                                                       stored.size(), static_cast<const ZSTD_DDict*>(dictionary->for_reading_))
                          : ZSTD_decompressDCtx(context, out->data() + start, raw_size, stored.data(), stored.size());
  if (ZSTD_isError(size) || size != raw_size) {
    out->resize(start);
    return false;
  }
  return true;
}

std::string TrainZstdDictionary(const std::vector<std::string>& samples, size_t size) {
  std::string joined;
  std::vector<size_t> sizes;
  for (const std::string& sample : samples) {
    joined += sample;
    sizes.push_back(sample.size());
  }
  std::string dictionary(size, '\0');
  const size_t made = ZDICT_trainFromBuffer(dictionary.data(), size, joined.data(), sizes.data(),
                                            static_cast<unsigned>(sizes.size()));
  dictionary.resize(ZDICT_isError(made) ? 0 : made);
  return dictionary;
}

}  // namespace heyi::base
