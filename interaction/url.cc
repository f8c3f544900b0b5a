#include "interaction/url.h"

#include "base/text.h"

namespace heyi::interaction {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

base::Result<std::string> DecodePercent(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 <= text.size() - 1 ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 <= text.size() - 1 ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return base::Error(base::ErrorKind::kMalformed, "interaction.entry-url", {}, text);
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (decoded.find('\0') != std::string::npos || !base::IsValidUtf8(decoded)) {
    return base::Error(base::ErrorKind::kMalformed, "interaction.entry-url", {}, text);
  }
  return decoded;
}

base::Result<Query> DecodeQuery(std::string_view text) {
  Query query;
  for (std::string_view part : base::Split(text, '&')) {
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    std::string spaced(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1));
    for (char& c : spaced) {
      if (c == '+') c = ' ';
    }
    HEYI_TRY(name, DecodePercent(part.substr(0, equals)));
    HEYI_TRY(value, DecodePercent(spaced));
    query.emplace_back(std::move(name), std::move(value));
  }
  return query;
}

std::string EncodePercent(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~:/,|$").find(c) != std::string_view::npos;
    if (plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[static_cast<unsigned char>(c) >> 4];
      encoded += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return encoded;
}

}  // namespace heyi::interaction
