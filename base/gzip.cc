#include "base/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>

namespace heyi::base {
namespace {

constexpr int kGzipFraming = 16 + MAX_WBITS;
constexpr int kFastest = 1;
constexpr uint64_t kAlwaysAllowed = 64 << 10;  // small bodies may be as regular as they like

Bytef* Input(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

}  // namespace

std::string Gzip(std::string_view raw) {
  z_stream stream{};
  if (deflateInit2(&stream, kFastest, Z_DEFLATED, kGzipFraming, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();  // out of memory
  std::string packed(deflateBound(&stream, raw.size()), '\0');
  stream.next_in = Input(raw);
  stream.avail_in = static_cast<uInt>(raw.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();  // the bound was ours
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

Result<std::string> Gunzip(std::string_view gzip, uint64_t bytes_max) {
  const uint64_t limit = std::min(bytes_max, std::max(kAlwaysAllowed, gzip.size() * kGunzipRatioMax));
  z_stream stream{};
  if (inflateInit2(&stream, kGzipFraming) != Z_OK) std::abort();
  stream.next_in = Input(gzip);
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string raw;
  int state = Z_OK;
  for (char buffer[16 << 10]; state == Z_OK;) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    state = inflate(&stream, Z_NO_FLUSH);
    raw.append(buffer, sizeof buffer - stream.avail_out);
    if (raw.size() > limit) break;
    if (state == Z_STREAM_END && stream.avail_in > 0) state = inflateReset(&stream);  // a further member
  }
  inflateEnd(&stream);
  if (raw.size() > limit) return Error(ErrorKind::kTooLarge, "gzip.too-large", {}, std::to_string(limit));
  if (state != Z_STREAM_END) return Error(ErrorKind::kMalformed, "gzip.damaged");
  return raw;
}

}  // namespace heyi::base
