#include "adapters/health/v2/escapes.h"

#include "adapters/health/v2/limits.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Bytes of the sequence that begins with an escape character; 1 where none does, as in a path of Windows.
size_t EscapeBytes(std::string_view text, char escape) {
  constexpr size_t kBytesMax = 4'096;
  for (size_t i = 1; i < text.size() && i < kBytesMax; ++i) {
    const char c = text[i];
    if (c == escape) return i > 1 ? i + 1 : 1;
    const bool name = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-';
    if (!name) return 1;
  }
  return 1;
}

// Of pairs of digits; false where it is none or holds a NUL.
bool ReadHex(std::string_view digits, std::string* bytes) {
  if (digits.empty() || digits.size() % 2 != 0) return false;
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int high = HexValue(digits[i]), low = HexValue(digits[i + 1]);
    if (high < 0 || low < 0 || high + low == 0) return false;
    *bytes += static_cast<char>(high * 16 + low);
  }
  return true;
}

// What `\body\` stands for, in the charset of the message; false where it stands for itself.
bool ReadEscape(std::string_view body, const V2Delimiters& d, std::string* bytes) {
  if (body.size() == 1) {
    switch (body[0]) {
      case 'F': *bytes = d.field; return true;
      case 'S': *bytes = d.component; return true;
      case 'T': *bytes = d.subcomponent; return true;
      case 'R': *bytes = d.repetition; return true;
      case 'E': *bytes = d.escape; return true;
      case 'P': *bytes = d.truncation; return d.truncation != '\0';
      case 'H':
      case 'N': return true;
      default: return false;
    }
  }
  if (body.starts_with('X')) return ReadHex(body.substr(1), bytes);
  if (body == ".br" || body == ".sp") {
    *bytes = "\n";
    return true;
  }
  uint64_t lines = 0;
  if (!body.starts_with(".sp") || !base::ParseUnsigned(body.substr(body.starts_with(".sp+") ? 4 : 3), &lines)) return false;
  if (lines > kV2BlankLinesMax) return false;
  bytes->assign(static_cast<size_t>(lines), '\n');
  return true;
}

}  // namespace

bool UnescapeV2(std::string_view bytes, const V2Delimiters& delimiters, base::CharsetConverter& converter, std::string* text) {
  text->clear();
  if (bytes.find(delimiters.escape) == std::string_view::npos) return converter.ToUtf8(bytes, text);
  std::string plain;
  for (size_t at = 0; at < bytes.size();) {
    if (bytes[at] != delimiters.escape) {
      const size_t size = base::CharacterBytes(converter.charset(), bytes.substr(at));
      plain += bytes.substr(at, size);
      at += size;
      continue;
    }
    const size_t size = EscapeBytes(bytes.substr(at), delimiters.escape);
    std::string stands_for;
    if (size > 1 && ReadEscape(bytes.substr(at + 1, size - 2), delimiters, &stands_for)) {
      plain += stands_for;
    } else {
      plain += bytes.substr(at, size);
    }
    at += size;
  }
  if (converter.ToUtf8(plain, text)) return true;
  return converter.ToUtf8(bytes, text);  // a \X of bytes that are no character: all stays as it was sent
}

std::string EscapeV2(std::string_view text, const V2Delimiters& delimiters, base::CharsetConverter& converter) {
  const V2Delimiters& d = delimiters;
  std::string escaped;
  const auto put = [&](std::string_view name) { escaped.append(1, d.escape).append(name).append(1, d.escape); };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == d.field) put("F");
    else if (c == d.component) put("S");
    else if (c == d.subcomponent) put("T");
    else if (c == d.repetition) put("R");
    else if (c == d.escape) put("E");
    else if (c == d.truncation && c != '\0') put("P");
    else if (c == '\n' || c == '\r') {
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      put(".br");
    } else if (c == '\t') escaped += ' ';
    else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) escaped += c;
  }
  return converter.FromUtf8(escaped);
}

}  // namespace heyi::adapters
