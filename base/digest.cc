#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <memory>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace heyi::base {
namespace {

template <size_t N>
std::array<unsigned char, N> DigestBy(const EVP_MD* method, std::string_view bytes) {
  std::array<unsigned char, N> digest;
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> owner(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_MD_CTX* const context = owner.get();
  unsigned int size = 0;
  if (EVP_DigestInit_ex2(context, method, nullptr) != 1 || EVP_DigestUpdate(context, bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context, digest.data(), &size) != 1 || size != N) {
    std::abort();  // the default provider lacks a digest we cannot work without
  }
  return digest;
}

const EVP_MD* Fetched(const char* name) { return EVP_MD_fetch(nullptr, name, nullptr); }

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0u);
    table[i] = crc;
  }
  return table;
}

uint32_t Crc32cTable(std::string_view bytes, uint32_t crc) {
  static constexpr std::array<uint32_t, 256> kTable = MakeCrcTable();
  for (char c : bytes) crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t Crc32cHardware(std::string_view bytes, uint32_t crc) {
  uint64_t state = crc;
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    state = _mm_crc32_u64(state, word);
  }
  auto narrow = static_cast<uint32_t>(state);
  for (; left > 0; ++at, --left) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*at));
  return narrow;
}
#endif

}  // namespace

Digest32 Sha256(std::string_view bytes) {
  static const EVP_MD* method = Fetched("SHA256");
  return DigestBy<32>(method, bytes);
}

Digest32 Sm3(std::string_view bytes) {
  static const EVP_MD* method = Fetched("SM3");
  return DigestBy<32>(method, bytes);
}

Digest20 Sha1(std::string_view bytes) {
  static const EVP_MD* method = Fetched("SHA1");
  return DigestBy<20>(method, bytes);
}

Digest32 HmacSha256(std::string_view key, std::string_view bytes) {
  Digest32 digest;
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()),
           bytes.size(), digest.data(), &size) == nullptr) {
    std::abort();
  }
  return digest;
}

std::string ToHex(std::span<const unsigned char> bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (unsigned char byte : bytes) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::string ToBase64(std::string_view bytes) {
  std::string text = ToBase64Url(bytes);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string ToBase64Url(std::string_view bytes) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t bits = 0;
  int held = 0;
  for (char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6;) text += kAlphabet[(bits >> (held -= 6)) & 63];
  }
  if (held > 0) text += kAlphabet[(bits << (6 - held)) & 63];
  return text;
}

bool FromBase64(std::string_view text, std::string* bytes) {
  std::string plain;
  plain.reserve(text.size());
  size_t padding = 0;
  for (char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    if (padding > 0 || c == '-' || c == '_') return false;
    plain += c == '+' ? '-' : c == '/' ? '_' : c;
  }
  return padding <= 2 && (plain.size() + padding) % 4 == 0 && FromBase64Url(plain, bytes);
}

bool FromBase64Url(std::string_view text, std::string* bytes) {
  bytes->clear();
  uint32_t bits = 0;
  int held = 0;
  for (char c : text) {
    uint32_t digit;
    if (c >= 'A' && c <= 'Z') digit = static_cast<uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z') digit = static_cast<uint32_t>(c - 'a' + 26);
    else if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0' + 52);
    else if (c == '-') digit = 62;
    else if (c == '_') digit = 63;
    else return false;
    bits = (bits << 6) | digit;
    if ((held += 6) >= 8) *bytes += static_cast<char>((bits >> (held -= 8)) & 0xff);
  }
  return held < 6 && (bits & ((1u << held) - 1)) == 0;  // one text for one byte string
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

uint32_t Crc32c(std::string_view bytes, uint32_t seed) {
#if defined(__x86_64__)
  static const bool hardware = __builtin_cpu_supports("sse4.2");
  if (hardware) return ~Crc32cHardware(bytes, ~seed);
#endif
  return ~Crc32cTable(bytes, ~seed);
}

uint64_t Hash64(std::string_view bytes) {
  uint64_t v0 = 0x736f6d6570736575ull ^ 0x48657969'e5928cull, v1 = 0x646f72616e646f6dull ^ 0xe9a2902026ull;
  uint64_t v2 = 0x6c7967656e657261ull ^ 0x48657969'e5928cull, v3 = 0x7465646279746573ull ^ 0xe9a2902026ull;
  const auto round = [&] {
    v0 += v1; v1 = std::rotl(v1, 13); v1 ^= v0; v0 = std::rotl(v0, 32);
    v2 += v3; v3 = std::rotl(v3, 16); v3 ^= v2;
    v0 += v3; v3 = std::rotl(v3, 21); v3 ^= v0;
    v2 += v1; v1 = std::rotl(v1, 17); v1 ^= v2; v2 = std::rotl(v2, 32);
  };
  const auto absorb = [&](uint64_t word) {
    v3 ^= word;
    round(); round();
    v0 ^= word;
  };
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    absorb(word);
  }
  uint64_t last = static_cast<uint64_t>(bytes.size()) << 56;
  for (size_t i = 0; i < left; ++i) last |= static_cast<uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  absorb(last);
  v2 ^= 0xff;
  round(); round(); round(); round();
  return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace heyi::base
