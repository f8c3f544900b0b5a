// The mapping language's text -> tokens, FHIRPath's among them.
// https://build.fhir.org/ig/HL7/mapping-language-ig/grammar.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mapping/fml/structure_map.h"

namespace heyi::mapping {

enum class FmlTokenKind : uint8_t {
  kEnd,
  kName,       // a word; whether it is a key word is the parser's to say
  kDelimited,  // `name`
  kString,     // 'text'
  kDouble,     // "text"
  kMarkdown,   // """ … """
  kInteger,
  kDecimal,
  kLong,       // 12L
  kDate,       // @2024-03
  kDateTime,   // @2024-03-01T10:30
  kTime,       // @T10:30
  kExternal,   // %name
  kMetadata,   // the three slashes that begin a line of the head
  kSymbol,     // -> .. << >> and FHIRPath's; also $this, $index, $total
};

struct FmlToken {
  FmlTokenKind kind = FmlTokenKind::kEnd;
  std::string text;  // unescaped; dates without "@", names without "%"
  size_t begin = 0;  // byte offsets into the text
  size_t end = 0;
  FmlPosition position;

  bool Is(std::string_view symbol) const { return kind == FmlTokenKind::kSymbol && text == symbol; }
  bool IsWord(std::string_view word) const { return kind == FmlTokenKind::kName && text == word; }
  bool IsName() const { return kind == FmlTokenKind::kName || kind == FmlTokenKind::kDelimited; }
};

// A remark behind `//` that has something before it on its line, or nothing: what it tells of is the parser's to say.
struct FmlRemark {
  uint32_t line = 0;
  std::string text;
};

struct FmlTokens {
  std::vector<FmlToken> tokens;  // the last one kEnd
  std::vector<FmlRemark> remarks;  // by line
};

//   errors  kInvalid fml.syntax at file:line:column; fml.too-large over kFmlBytesMax
base::Result<FmlTokens> LexFml(std::string_view file, std::string_view text);

// "file:line:column" as the expression of an issue.
std::string FmlPlace(std::string_view file, FmlPosition position);

}  // namespace heyi::mapping
