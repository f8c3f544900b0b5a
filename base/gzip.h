// gzip (RFC 1952), as HTTP's Content-Encoding carries it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace heyi::base {

std::string Gzip(std::string_view raw);  // fast rather than small

// The bytes packed in `gzip`, all members of it.
//   errors  kMalformed gzip.damaged; kTooLarge gzip.too-large: more than `bytes_max`, or than kGunzipRatioMax times what came
Result<std::string> Gunzip(std::string_view gzip, uint64_t bytes_max);

inline constexpr uint64_t kGunzipRatioMax = 100;  // JSON and XML pack to a tenth; a bomb to a thousandth

}  // namespace heyi::base
