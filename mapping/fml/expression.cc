#include "mapping/fml/expression.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "mapping/limits.h"

namespace heyi::mapping {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;
using Parameter = StructureMap::Parameter;

bool IsPathOperator(const FmlToken& token, bool with_as) {
  if (token.kind == FmlTokenKind::kSymbol) {
    for (const std::string_view symbol : {"+", "-", "&", "*", "/", "|", "=", "!=", "~", "!~", "<", "<=", ">", ">="}) {
      if (token.text == symbol) return true;
    }
    return false;
  }
  if (token.kind != FmlTokenKind::kName) return false;
  for (const std::string_view word : {"and", "or", "xor", "implies", "div", "mod", "in", "contains", "is"}) {
    if (token.text == word) return true;
  }
  return with_as && token.text == "as";
}

bool IsUnit(const FmlToken& token) {
  if (token.kind == FmlTokenKind::kString) return true;
  if (token.kind != FmlTokenKind::kName) return false;
  std::string_view word = token.text;
  if (word.ends_with('s')) word.remove_suffix(1);
  for (const std::string_view unit : {"year", "month", "week", "day", "hour", "minute", "second", "millisecond"}) {
    if (word == unit) return true;
  }
  return false;
}

class ExpressionSkipper {
 public:
  explicit ExpressionSkipper(FmlCursor& cursor) : cursor_(cursor) {}

  Result<Done> Expression(bool with_as, size_t depth) {
    if (depth > kFmlDepthMax) {
      return Error(ErrorKind::kInvalid, "fml.too-deep", FmlPlace(cursor_.file(), cursor_.now().position),
          std::to_string(kFmlDepthMax));
    }
    while (true) {
      while (cursor_.now().Is("+") || cursor_.now().Is("-")) cursor_.Take();
      HEYI_CHECK(Operand(depth));
      if (!IsPathOperator(cursor_.now(), with_as)) return Done{};
      cursor_.Take();
    }
  }

 private:
  Result<Done> Operand(size_t depth) {
    const FmlToken& token = cursor_.now();
    if (token.Is("(")) {
      cursor_.Take();
      HEYI_CHECK(Expression(true, depth + 1));
      HEYI_CHECK(cursor_.Expect(")"));
    } else if (token.Is("{")) {
      cursor_.Take();
      HEYI_CHECK(cursor_.Expect("}"));
    } else {
      HEYI_CHECK(Term(depth));
    }
    while (true) {
      if (cursor_.now().Is(".")) {
        cursor_.Take();
        HEYI_CHECK(Invocation(depth));
      } else if (cursor_.now().Is("[")) {
        cursor_.Take();
        HEYI_CHECK(Expression(true, depth + 1));
        HEYI_CHECK(cursor_.Expect("]"));
      } else {
        return Done{};
      }
    }
  }

  Result<Done> Term(size_t depth) {
    switch (cursor_.now().kind) {
      case FmlTokenKind::kInteger: case FmlTokenKind::kDecimal:
        cursor_.Take();
        if (IsUnit(cursor_.now())) cursor_.Take();
        return Done{};
      case FmlTokenKind::kString: case FmlTokenKind::kDouble: case FmlTokenKind::kLong: case FmlTokenKind::kDate:
      case FmlTokenKind::kDateTime: case FmlTokenKind::kTime: case FmlTokenKind::kExternal:
        cursor_.Take();
        return Done{};
      default: return Invocation(depth);
    }
  }

  Result<Done> Invocation(size_t depth) {
    const FmlToken& token = cursor_.now();
    const bool special = token.kind == FmlTokenKind::kSymbol && token.text.starts_with('$');
    if (!token.IsName() && !special) return cursor_.Fail("FHIRPath");
    cursor_.Take();
    if (special || !cursor_.now().Is("(")) return Done{};
    cursor_.Take();
    if (cursor_.TakeIf(")")) return Done{};
    while (true) {
      HEYI_CHECK(Expression(true, depth + 1));
      if (cursor_.now().IsWord("asc") || cursor_.now().IsWord("desc")) cursor_.Take();
      if (cursor_.TakeIf(")")) return Done{};
      HEYI_CHECK(cursor_.Expect(","));
    }
  }

  FmlCursor& cursor_;
};

bool IsPlainName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string PathQuoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\f': out += "\\f"; break;
      case '\\': out += "\\\\"; break;
      default:
        if (c == quote) out += '\\';
        out += c;
    }
  }
  return out += quote;
}

std::string PathTextOf(const FmlToken& token) {
  switch (token.kind) {
    case FmlTokenKind::kString: case FmlTokenKind::kDouble: return PathQuoted(token.text, '\'');
    case FmlTokenKind::kDelimited: return PathQuoted(token.text, '`');
    case FmlTokenKind::kLong: return token.text + "L";
    case FmlTokenKind::kDate: case FmlTokenKind::kDateTime: return "@" + token.text;
    case FmlTokenKind::kTime: return "@T" + token.text;
    case FmlTokenKind::kExternal: return "%" + AsPathName(token.text);
    default: return token.text;
  }
}

// Whether the bracket at `begin` closes at `end` - 1.
bool IsBracketed(const FmlCursor& cursor, size_t begin, size_t end) {
  if (end < begin + 3 || !cursor.token(begin).Is("(")) return false;
  size_t open = 0;
  for (size_t i = begin; i < end; ++i) {
    if (cursor.token(i).Is("(")) ++open;
    if (cursor.token(i).Is(")") && --open == 0) return i == end - 1;
  }
  return false;
}

}  // namespace

Error FmlCursor::Fail(std::string_view expected) const {
  std::string_view found = now().text;
  if (now().kind == FmlTokenKind::kEnd) found = "end of text";
  if (now().kind == FmlTokenKind::kMetadata) found = "///";
  return Error(ErrorKind::kInvalid, "fml.syntax", FmlPlace(file_, now().position),
      fmt::format("{} ≠ {}", base::ClipUtf8(found, 60), expected));
}

Result<Done> FmlCursor::Expect(std::string_view symbol) {
  if (!TakeIf(symbol)) return Fail(symbol);
  return Done{};
}

Result<Done> SkipExpression(FmlCursor& cursor, bool with_as) { return ExpressionSkipper(cursor).Expression(with_as,
    0); }

std::string ExpressionText(const FmlCursor& cursor, size_t begin, size_t end) {
  while (IsBracketed(cursor, begin, end)) ++begin, --end;
  std::string text;
  for (size_t i = begin; i < end; ++i) {
    if (i > begin && cursor.token(i).begin > cursor.token(i - 1).end) text += ' ';
    text += PathTextOf(cursor.token(i));
  }
  return text;
}

std::string AsPathString(std::string_view text) { return PathQuoted(text, '\''); }
std::string InDoubleQuotes(std::string_view text) { return PathQuoted(text, '"'); }
std::string AsPathName(std::string_view name) { return IsPlainName(name) ? std::string(name) : PathQuoted(name, '`'); }

std::string ParameterText(const Parameter& parameter) {
  switch (parameter.kind) {
    case Parameter::Kind::kId: return AsPathName(parameter.text);
    case Parameter::Kind::kString: return AsPathString(parameter.text);
    case Parameter::Kind::kDate: case Parameter::Kind::kDateTime: return "@" + parameter.text;
    case Parameter::Kind::kTime: return "@T" + parameter.text;
    case Parameter::Kind::kBoolean: case Parameter::Kind::kInteger: case Parameter::Kind::kDecimal:
    case Parameter::Kind::kExpression: break;
  }
  return parameter.text;
}

std::optional<Parameter> LiteralOf(const FmlToken& token) {
  using Kind = Parameter::Kind;
  switch (token.kind) {
    case FmlTokenKind::kString: case FmlTokenKind::kDouble: return Parameter{Kind::kString, token.text};
    case FmlTokenKind::kInteger: return Parameter{Kind::kInteger, token.text};
    case FmlTokenKind::kDecimal: return Parameter{Kind::kDecimal, token.text};
    case FmlTokenKind::kDate: return Parameter{Kind::kDate, token.text};
    case FmlTokenKind::kDateTime: return Parameter{Kind::kDateTime, token.text};
    case FmlTokenKind::kTime: return Parameter{Kind::kTime, token.text};
    case FmlTokenKind::kName:
      if (token.text == "true" || token.text == "false") return Parameter{Kind::kBoolean, token.text};
      return std::nullopt;
    default: return std::nullopt;
  }
}

Parameter ParameterOf(const FmlCursor& cursor, size_t begin, size_t end) {
  while (IsBracketed(cursor, begin, end)) ++begin, --end;
  const FmlToken& first = cursor.token(begin);
  if (end == begin + 1) {
    if (auto literal = LiteralOf(first)) return *std::move(literal);
    if (first.IsName()) return {Parameter::Kind::kId, first.text};
  }
  if (end == begin + 2 && first.Is("-")) {
    auto literal = LiteralOf(cursor.token(begin + 1));
    if (literal && (literal->kind == Parameter::Kind::kInteger || literal->kind == Parameter::Kind::kDecimal)) {
      return {literal->kind, "-" + literal->text};
    }
  }
  return {Parameter::Kind::kExpression, ExpressionText(cursor, begin, end)};
}

Parameter ParameterOfText(std::string_view text) {
  const auto tokens = LexFml({}, text);
  if (!tokens.ok() || tokens->tokens.size() < 2) return {Parameter::Kind::kExpression, std::string(text)};
  Parameter parameter = ParameterOf(FmlCursor({}, tokens->tokens), 0, tokens->tokens.size() - 1);
  if (parameter.kind == Parameter::Kind::kExpression) parameter.text = text;
  return parameter;
}

}  // namespace heyi::mapping
