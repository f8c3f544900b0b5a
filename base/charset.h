// Texts that are not UTF-8: GB 18030 (and GBK, GB 2312, which it contains), ISO 8859-1, ASCII; by ICU.
// GB 18030-2005: https://openstd.samr.gov.cn (GB 18030)
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

struct UConverter;

namespace heyi::base {

enum class Charset : unsigned char { kUtf8, kGb18030, kLatin1, kAscii };

// The bytes of the character that `text`, which is not empty, begins with; 1 where it is none of that charset. In GB
// 18030 the second byte of a Han character may look like `|`, `\`, `^` or `~`: whoever splits such text needs this.
size_t CharacterBytes(Charset charset, std::string_view text);

// One charset <-> UTF-8, strictly. Not to be shared by threads.
class CharsetConverter {
 public:
  explicit CharsetConverter(Charset charset);
  ~CharsetConverter();
  CharsetConverter(const CharsetConverter&) = delete;
  CharsetConverter& operator=(const CharsetConverter&) = delete;

  Charset charset() const { return charset_; }

  // Appends to *text; false, with *text as it was, where some bytes are no character of the charset.
  bool ToUtf8(std::string_view bytes, std::string* text);

  // `text` is UTF-8. Characters that the charset lacks become `?`.
  std::string FromUtf8(std::string_view text);

 private:
  const Charset charset_;
  UConverter* converter_ = nullptr;  // GB 18030 only, opened at the first need
};

}  // namespace heyi::base
