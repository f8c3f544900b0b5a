// FHIRPath text -> tokens. https://hl7.org/fhirpath/N1/#lexical-elements
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace heyi::fhir {

enum class TokenKind : unsigned char {
  kEnd,
  kIdentifier,  // name, also a key word: what it means is the parser's to say
  kDelimited,   // `name`: never a key word
  kString,      // 'text'
  kNumber,      // 12, 12.50
  kLong,        // 12L, without the L
  kDate,        // @2024, @2024-03, @2024-03-01
  kDateTime,    // @2024T, @2024-03-01T10:30+08:00
  kTime,        // @T10:30
  kExternal,    // %name, %`name`, %'name'
  kSymbol,      // . ( ) [ ] { } , + - * / & | = != ~ !~ < <= > >= $this …
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;  // unescaped; dates without "@", externals without "%"
  size_t begin = 0;  // byte offsets into the text
  size_t end = 0;

  bool Is(std::string_view symbol) const { return kind == TokenKind::kSymbol && text == symbol; }
  bool IsWord(std::string_view word) const { return kind == TokenKind::kIdentifier && text == word; }
};

inline constexpr size_t kPathTextMax = 64 << 10;

// All tokens of `text`, the last one kEnd.
//   errors  kInvalid path.syntax with the position; path.too-costly over kPathTextMax
base::Result<std::vector<Token>> LexPath(std::string_view text);

// Of a hexadecimal digit; -1 where it is none.
int HexValue(char c);

// The error of a broken expression: what is wrong, and where ("line 1, column 7").
base::Error PathSyntaxError(std::string_view text, size_t at, std::string_view what);

}  // namespace heyi::fhir
