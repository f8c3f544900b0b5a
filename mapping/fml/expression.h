// Where a FHIRPath expression inside a map's text ends, and how it reads on its own.
//
// The parser has to find its end, for older texts put no brackets around it; whether it makes sense is FHIRPath's to say.
// https://hl7.org/fhirpath/N1/grammar.html
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mapping/fml/lexer.h"

namespace heyi::mapping {

// Walks the tokens of a text, which outlive it.
class FmlCursor {
 public:
  FmlCursor(std::string_view file, const std::vector<FmlToken>& tokens) : file_(file), tokens_(tokens) {}

  const FmlToken& now() const { return tokens_[at_]; }
  const FmlToken& Ahead(size_t by) const { return tokens_[std::min(at_ + by, tokens_.size() - 1)]; }
  const FmlToken& Take() {
    const FmlToken& token = tokens_[at_];
    if (token.kind != FmlTokenKind::kEnd) ++at_;
    return token;
  }
  bool TakeIf(std::string_view symbol) {
    if (!now().Is(symbol)) return false;
    Take();
    return true;
  }
  bool TakeIfWord(std::string_view word) {
    if (!now().IsWord(word)) return false;
    Take();
    return true;
  }
  size_t at() const { return at_; }
  const FmlToken& token(size_t i) const { return tokens_[i]; }
  std::string_view file() const { return file_; }

  //   errors  kInvalid fml.syntax at the place of the present token, telling what was expected and what stands there
  base::Error Fail(std::string_view expected) const;
  base::Result<base::Done> Expect(std::string_view symbol);

 private:
  std::string_view file_;
  const std::vector<FmlToken>& tokens_;
  size_t at_ = 0;
};

// Moves behind the longest expression that starts here. `with_as`: whether `as` after an operand is FHIRPath's, or the
// language's own that names a variable.
//   errors  kInvalid fml.syntax; fml.too-deep
base::Result<base::Done> SkipExpression(FmlCursor& cursor, bool with_as);

// The tokens [begin, end) as FHIRPath: remarks gone, blanks single, all strings in single quotes; brackets around the
// whole are taken off.
std::string ExpressionText(const FmlCursor& cursor, size_t begin, size_t end);

// FHIRPath's literal of a text, and a name as it stands in an expression (in backticks where it has to).
std::string AsPathString(std::string_view text);
std::string InDoubleQuotes(std::string_view text);  // of the language itself: urls, names of rules
std::string AsPathName(std::string_view name);


// A parameter as it stands in a text, and back: one token is a literal or a name, all else an expression.
std::string ParameterText(const StructureMap::Parameter& parameter);
StructureMap::Parameter ParameterOf(const FmlCursor& cursor, size_t begin, size_t end);
StructureMap::Parameter ParameterOfText(std::string_view text);
// The literal that a token is.
std::optional<StructureMap::Parameter> LiteralOf(const FmlToken& token);

}  // namespace heyi::mapping
