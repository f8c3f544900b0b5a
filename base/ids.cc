#include "base/ids.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/digest.h"

namespace heyi::base {
namespace {

std::string Format(const unsigned char (&bytes)[16]) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  return text;
}

void Stamp(unsigned char (&bytes)[16], int version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
}

// UUIDv5(DNS namespace, "heyi.example"), fixed for ever: ids of stored resources hang on it.
constexpr unsigned char kNamespace[16] = {0x5f, 0x0c, 0x6a, 0x31, 0x2b, 0x9d, 0x5e, 0x07,
                                          0x9a, 0x44, 0x61, 0x1e, 0x83, 0xd2, 0x7b, 0x90};

}  // namespace

// A call of RAND_bytes costs as much as some hundred bytes of it, and every request wants an id of ten: each thread draws
// from a pool of its own and forgets what it has given away.
void SystemRandom::Fill(void* bytes, size_t size) {
  struct Pool {
    unsigned char bytes[1024];
    size_t used = sizeof bytes;
  };
  thread_local Pool pool;
  if (size > sizeof pool.bytes / 4) {
    if (RAND_bytes(static_cast<unsigned char*>(bytes), static_cast<int>(size)) != 1) std::abort();
    return;
  }
  if (pool.used + size > sizeof pool.bytes) {
    if (RAND_bytes(pool.bytes, sizeof pool.bytes) != 1) std::abort();
    pool.used = 0;
  }
  std::memcpy(bytes, pool.bytes + pool.used, size);
  OPENSSL_cleanse(pool.bytes + pool.used, size);
  pool.used += size;
}

void SeededRandom::Fill(void* bytes, size_t size) {
  std::lock_guard lock(mutex_);
  auto* out = static_cast<unsigned char*>(bytes);
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(engine_());
}

std::string UuidV7(TimeMs now_ms, Random& random) {
  unsigned char bytes[16];
  random.Fill(bytes + 6, 10);
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(now_ms >> (8 * (5 - i)));
  Stamp(bytes, 7);
  return Format(bytes);
}

std::string UuidV5(std::string_view sender, std::string_view business_key) {
  std::string name(reinterpret_cast<const char*>(kNamespace), sizeof kNamespace);
  name.append(sender).append(1, '\n').append(business_key);
  const Digest20 digest = Sha1(name);
  unsigned char bytes[16];
  std::memcpy(bytes, digest.data(), 16);
  Stamp(bytes, 5);
  return Format(bytes);
}

bool IsFhirTypeName(std::string_view text) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  return !text.empty() && is_capital(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_capital(c) || (c >= 'a' && c <= 'z'); });
}

bool IsFhirId(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (char c : text) {
    const bool fine = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    if (!fine) return false;
  }
  return true;
}

}  // namespace heyi::base
