// Digests: SHA-256 and SM3 (GB/T 32905-2016), HMAC, CRC-32C, SipHash. The only OpenSSL calls beside base/ids.cc.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace heyi::base {

using Digest32 = std::array<unsigned char, 32>;
using Digest20 = std::array<unsigned char, 20>;

Digest32 Sha256(std::string_view bytes);
Digest32 Sm3(std::string_view bytes);
Digest20 Sha1(std::string_view bytes);  // UUIDv5 only
Digest32 HmacSha256(std::string_view key, std::string_view bytes);

std::string ToHex(std::span<const unsigned char> bytes);  // lower case
std::string ToBase64(std::string_view bytes);             // RFC 4648 section 4, padded
std::string ToBase64Url(std::string_view bytes);          // section 5, no padding
bool FromBase64(std::string_view text, std::string* bytes);  // white space is passed over
bool FromBase64Url(std::string_view text, std::string* bytes);
bool EqualInConstantTime(std::string_view a, std::string_view b);

// CRC-32C (Castagnoli), hardware where the processor has it.
uint32_t Crc32c(std::string_view bytes, uint32_t seed = 0);

// SipHash-2-4 with Heyi's fixed key: the 64-bit form of codes and references in index keys.
uint64_t Hash64(std::string_view bytes);

}  // namespace heyi::base
