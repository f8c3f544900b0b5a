// Characters as RFC 9110 and RFC 3986 class them, and comparison without case.
// https://www.rfc-editor.org/rfc/rfc9110#section-5.6
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace heyi::net {

using CharSet = std::array<bool, 256>;

constexpr CharSet MakeCharSet(std::string_view punctuation) {  // letters, digits and these
  CharSet set{};
  for (int c = '0'; c <= '9'; ++c) set[c] = true;
  for (int c = 'A'; c <= 'Z'; ++c) set[c] = set[c + 32] = true;
  for (char c : punctuation) set[static_cast<unsigned char>(c)] = true;
  return set;
}

inline constexpr CharSet kTokenChars = MakeCharSet("!#$%&'*+-.^_`|~");
// What may stand raw in a request target: any visible ASCII but '#'. Stricter would refuse the `|` of FHIR tokens.
inline constexpr CharSet kTargetChars = MakeCharSet("!\"$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
inline constexpr CharSet kDigits = [] {
  CharSet set{};
  for (int c = '0'; c <= '9'; ++c) set[c] = true;
  return set;
}();
inline constexpr CharSet kHostChars = MakeCharSet("-._~!$&'()*+,;=%");

constexpr bool Has(const CharSet& set, char c) { return set[static_cast<unsigned char>(c)]; }

constexpr bool AllIn(const CharSet& set, std::string_view text) {
  for (char c : text) {
    if (!Has(set, c)) return false;
  }
  return true;
}

constexpr bool IsToken(std::string_view text) { return !text.empty() && AllIn(kTokenChars, text); }

constexpr int HexValue(char c) {  // -1: not a hexadecimal digit
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

inline constexpr size_t kBlock = 16;

inline bool HasControlInBlock(const char* at) {
#if defined(__SSE2__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
  const __m128i rubout = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
  return _mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), rubout)) != 0;
#else
  bool bad = false;
  for (size_t i = 0; i < kBlock; ++i) {
    const auto c = static_cast<unsigned char>(at[i]);
    bad = bad || (c < 0x20 && c != '\t') || c == 0x7f;
  }
  return bad;
#endif
}

// May `text` be the value of a header? Tabs, visible ASCII and bytes from 0x80; no other control character.
inline bool IsFieldValue(std::string_view text) {
  if (text.size() < kBlock) {
    char block[kBlock];
    std::memset(block, ' ', kBlock);
    std::memcpy(block, text.data(), text.size());
    return !HasControlInBlock(block);
  }
  for (size_t at = 0; at + kBlock <= text.size(); at += kBlock) {
    if (HasControlInBlock(text.data() + at)) return false;
  }
  return !HasControlInBlock(text.data() + text.size() - kBlock);  // the last ones, some of them again
}

// Optional white space, as headers have it, cut off both ends.
constexpr std::string_view TrimField(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace heyi::net
