#include "adapters/health/v2/character_set.h"

#include <algorithm>
#include <optional>

#include "adapters/health/v2/syntax.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

using base::Charset;

constexpr uint16_t kCharacterSetField = 18;

// Names as they occur, without blanks and signs and in lower case.
std::optional<Charset> CharsetNamed(std::string_view name) {
  std::string plain;
  for (char c : base::AsciiLower(name)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  if (plain == "unicodeutf8" || plain == "utf8") return Charset::kUtf8;
  if (plain == "gb18030" || plain == "gb180302000" || plain == "gb180302005" || plain == "gb180302022" || plain == "gbk" || plain == "gb2312") {
    return Charset::kGb18030;
  }
  if (plain == "88591" || plain == "iso88591" || plain == "latin1") return Charset::kLatin1;
  if (plain == "ascii" || plain == "isoir6") return Charset::kAscii;
  return std::nullopt;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// UTF-8 whose characters beyond ASCII all take three bytes or more, as Han characters do, and are not one alone: by chance
// GB 18030 is never that.
bool IsSurelyUtf8(std::string_view text) {
  if (!base::IsValidUtf8(text)) return false;
  size_t long_characters = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0xc0 && byte < 0xe0) return false;
    if (byte >= 0xe0) ++long_characters;
  }
  return long_characters >= 2;
}

bool Fits(std::string_view raw, Charset charset) {
  switch (charset) {
    case Charset::kUtf8: return base::IsValidUtf8(raw);
    case Charset::kAscii: return IsAscii(raw);
    case Charset::kLatin1: return !IsSurelyUtf8(raw);
    case Charset::kGb18030: {
      std::string text;
      return !IsSurelyUtf8(raw) && base::CharsetConverter(charset).ToUtf8(raw, &text);
    }
  }
  return false;
}

std::string DeclaredIn(std::string_view raw, Charset charset) {
  const base::Result<V2Message> header = V2Message::ParseHeader(raw, charset);
  const std::string_view declared = header.ok() ? header->At(header->header(), kCharacterSetField, 1) : std::string_view();
  return base::IsValidUtf8(declared) ? std::string(declared) : std::string("?");
}

}  // namespace

V2CharacterSet FindCharacterSet(std::string_view raw, base::Outcome& outcome) {
  if (raw.starts_with("\xef\xbb\xbf")) raw.remove_prefix(3);  // a byte-order mark
  V2CharacterSet found;
  // In GB 18030 a name before MSH-18 may hold what looks like a delimiter.
  const bool header_in_utf8 = base::IsValidUtf8(raw.substr(0, raw.find_first_of("\r\n", raw.find_first_not_of("\r\n"))));
  found.charset = found.answers = header_in_utf8 ? Charset::kUtf8 : Charset::kGb18030;
  found.declared = DeclaredIn(raw, found.charset);
  if (found.declared.empty()) {
    found.charset = found.answers = base::IsValidUtf8(raw) ? Charset::kUtf8 : Charset::kGb18030;
    if (found.charset == Charset::kGb18030 && !Fits(raw, Charset::kGb18030)) outcome.Add("v2.charset", "MSH.18", "");
    return found;
  }
  const std::optional<Charset> named = CharsetNamed(found.declared);
  if (!named) {
    if (!IsAscii(raw)) outcome.Add("v2.character-set", "MSH.18", found.declared);
    return found;
  }
  found.answers = *named;
  if (!IsAscii(raw) && !Fits(raw, *named)) {
    outcome.Add("v2.charset", "MSH.18", found.declared);
    return found;
  }
  found.charset = *named;
  return found;
}

std::string_view V2NameOf(Charset charset) {
  switch (charset) {
    case Charset::kUtf8: return "UNICODE UTF-8";
    case Charset::kGb18030: return "GB 18030-2000";
    case Charset::kLatin1: return "8859/1";
    case Charset::kAscii: return "ASCII";
  }
  return {};
}

}  // namespace heyi::adapters
