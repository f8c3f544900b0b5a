#include "base/charset.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/text.h"

namespace heyi::base {
namespace {

// Opened strictly: what cannot be converted stops it.
UConverter* OpenGb18030() {
  UErrorCode status = U_ZERO_ERROR;
  UConverter* converter = ucnv_open("gb18030", &status);
  if (converter == nullptr || U_FAILURE(status) != 0) std::abort();  // ICU's data always holds it
  ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  return converter;
}

}  // namespace

size_t CharacterBytes(Charset charset, std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  if (charset != Charset::kGb18030 || at(0) < 0x81 || at(0) > 0xfe) return 1;
  const unsigned second = at(1);
  if (second >= 0x30 && second <= 0x39) return at(2) >= 0x81 && at(2) <= 0xfe && at(3) >= 0x30 && at(3) <= 0x39 ? 4 : 1;
  return second >= 0x40 && second <= 0xfe && second != 0x7f ? 2 : 1;
}

CharsetConverter::CharsetConverter(Charset charset) : charset_(charset) {}

CharsetConverter::~CharsetConverter() {
  if (converter_ != nullptr) ucnv_close(converter_);
}

bool CharsetConverter::ToUtf8(std::string_view bytes, std::string* text) {
  if (IsAscii(bytes)) {
    text->append(bytes);
    return true;
  }
  switch (charset_) {
    case Charset::kAscii: return false;
    case Charset::kUtf8:
      if (!IsValidUtf8(bytes)) return false;
      text->append(bytes);
      return true;
    case Charset::kLatin1:
      for (char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
          text->push_back(c);
        } else {
          text->push_back(static_cast<char>(0xc0 | byte >> 6));
          text->push_back(static_cast<char>(0x80 | (byte & 0x3f)));
        }
      }
      return true;
    case Charset::kGb18030: break;
  }
  if (converter_ == nullptr) converter_ = OpenGb18030();
  std::vector<char16_t> units(bytes.size() + 1);  // no character takes more units than bytes
  UErrorCode status = U_ZERO_ERROR;
  const int32_t size = ucnv_toUChars(converter_, units.data(), static_cast<int32_t>(units.size()), bytes.data(),
                                     static_cast<int32_t>(bytes.size()), &status);
  if (U_FAILURE(status) != 0) return false;
  icu::UnicodeString(false, units.data(), size).toUTF8String(*text);
  return true;
}

std::string CharsetConverter::FromUtf8(std::string_view text) {
  if (charset_ == Charset::kUtf8 || IsAscii(text)) return std::string(text);
  const icu::UnicodeString unicode = icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  std::string bytes;
  if (charset_ != Charset::kGb18030) {
    const UChar32 last = charset_ == Charset::kLatin1 ? 0xff : 0x7f;
    for (int32_t i = 0; i < unicode.length(); i = unicode.moveIndex32(i, 1)) {
      const UChar32 c = unicode.char32At(i);
      bytes.push_back(c <= last ? static_cast<char>(c) : '?');
    }
    return bytes;
  }
  if (converter_ == nullptr) converter_ = OpenGb18030();
  bytes.resize(static_cast<size_t>(unicode.length()) * 4);  // GB 18030 has every character, in at most four bytes
  UErrorCode status = U_ZERO_ERROR;
  const int32_t size = ucnv_fromUChars(converter_, bytes.data(), static_cast<int32_t>(bytes.size()), unicode.getBuffer(),
                                       unicode.length(), &status);
  bytes.resize(U_FAILURE(status) != 0 ? 0 : static_cast<size_t>(size));
  return bytes;
}

}  // namespace heyi::base
