#include "fhir/path/lexer.h"

#include <fmt/format.h>

#include "base/text.h"

namespace heyi::fhir {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void AppendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> Run() {
    while (true) {
      HEYI_CHECK(SkipSpace());
      Token token;
      token.begin = at_;
      if (at_ < text_.size()) HEYI_CHECK(Next(token));
      token.end = at_;
      tokens_.push_back(std::move(token));
      if (tokens_.back().kind == TokenKind::kEnd) return std::move(tokens_);
    }
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  Error Fail(size_t at, std::string_view what) const { return PathSyntaxError(text_, at, what); }

  Result<Done> SkipSpace() {
    while (at_ < text_.size()) {
      if (IsSpace(Peek())) {
        ++at_;
      } else if (Peek() == '/' && Peek(1) == '/') {
        while (at_ < text_.size() && Peek() != '\n') ++at_;
      } else if (Peek() == '/' && Peek(1) == '*') {
        const size_t close = text_.find("*/", at_ + 2);
        if (close == std::string_view::npos) return Fail(at_, "a comment without end");
        at_ = close + 2;
      } else {
        break;
      }
    }
    return Done{};
  }

  Result<Done> Next(Token& token) {
    const char c = Peek();
    if (IsNameStart(c)) {
      token.kind = TokenKind::kIdentifier;
      token.text = Name();
      return Done{};
    }
    if (IsDigit(c)) return Number(token);
    if (c == '\'') {
      token.kind = TokenKind::kString;
      return Quoted('\'', token.text);
    }
    if (c == '`') {
      token.kind = TokenKind::kDelimited;
      return Quoted('`', token.text);
    }
    if (c == '@') return Temporal(token);
    if (c == '%') return External(token);
    return Symbol(token);
  }

  std::string Name() {
    const size_t begin = at_;
    while (IsNamePart(Peek())) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<Done> Number(Token& token) {
    const size_t begin = at_;
    while (IsDigit(Peek())) ++at_;
    if (Peek() == '.' && IsDigit(Peek(1))) {
      ++at_;
      while (IsDigit(Peek())) ++at_;
    }
    token.kind = TokenKind::kNumber;
    token.text = text_.substr(begin, at_ - begin);
    if (Peek() == 'L' && token.text.find('.') == std::string::npos) {
      token.kind = TokenKind::kLong;
      ++at_;
    }
    if (IsNamePart(Peek())) return Fail(at_, "a letter right after a number");
    return Done{};
  }

  Result<Done> Quoted(char quote, std::string& out) {
    const size_t begin = at_++;
    while (at_ < text_.size() && Peek() != quote) {
      if (Peek() == '\\') {
        HEYI_CHECK(Escape(out));
      } else {
        out += text_[at_++];
      }
    }
    if (at_ == text_.size()) return Fail(begin, "a text without closing quote");
    ++at_;
    return Done{};
  }

  Result<Done> Escape(std::string& out) {
    const size_t begin = at_;
    const char c = Peek(1);
    at_ += 2;
    switch (c) {
      case '\'': case '"': case '`': case '\\': case '/': out += c; return Done{};
      case 'n': out += '\n'; return Done{};
      case 'r': out += '\r'; return Done{};
      case 't': out += '\t'; return Done{};
      case 'f': out += '\f'; return Done{};
      case 'u': break;
      default:  // the grammar lets any other character follow; the backslash then says nothing
        --at_;
        return Done{};
    }
    uint32_t code = 0;
    if (!Hex4(code)) {
      at_ = begin + 2;
      out += 'u';
      return Done{};
    }
    if (code >= 0xd800 && code < 0xdc00 && Peek() == '\\' && Peek(1) == 'u') {
      uint32_t low = 0;
      at_ += 2;
      if (!Hex4(low) || low < 0xdc00 || low > 0xdfff) return Fail(begin, "half a character");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code == 0 || (code >= 0xd800 && code <= 0xdfff)) return Fail(begin, "an escape that is no character");
    AppendUtf8(out, code);
    return Done{};
  }

  bool Hex4(uint32_t& code) {
    for (int i = 0; i < 4; ++i, ++at_) {
      const int digit = HexValue(Peek());
      if (digit < 0) return false;
      code = code * 16 + static_cast<uint32_t>(digit);
    }
    return true;
  }

  // Takes what a literal may be made of; whether it is a date is settled by fhir/path/temporal.h.
  Result<Done> Temporal(Token& token) {
    ++at_;
    const size_t begin = at_;
    token.kind = TokenKind::kDate;
    while (IsDigit(Peek()) || (Peek() == '-' && IsDigit(Peek(1)))) ++at_;
    const size_t date_end = at_;
    if (Peek() == 'T') {
      token.kind = date_end == begin ? TokenKind::kTime : TokenKind::kDateTime;
      ++at_;
      while (IsDigit(Peek()) || ((Peek() == ':' || Peek() == '.') && IsDigit(Peek(1)))) ++at_;
      if (token.kind == TokenKind::kDateTime && at_ > date_end + 1) Zone();
    }
    if (at_ == begin) return Fail(begin, "a date or time must follow \"@\"");
    if (IsNamePart(Peek())) return Fail(at_, "a date or time that goes on oddly");
    token.text = text_.substr(begin, at_ - begin);
    return Done{};
  }

  void Zone() {
    if (Peek() == 'Z') {
      ++at_;
    } else if ((Peek() == '+' || Peek() == '-') && IsDigit(Peek(1)) && IsDigit(Peek(2)) && Peek(3) == ':') {
      at_ += 4;
      while (IsDigit(Peek())) ++at_;
    }
  }

  Result<Done> External(Token& token) {
    const size_t begin = at_++;
    token.kind = TokenKind::kExternal;
    if (Peek() == '`' || Peek() == '\'') return Quoted(Peek(), token.text);
    if (!IsNameStart(Peek())) return Fail(begin, "a name must follow \"%\"");
    token.text = Name();
    return Done{};
  }

  Result<Done> Symbol(Token& token) {
    token.kind = TokenKind::kSymbol;
    const std::string_view rest = text_.substr(at_);
    for (const std::string_view symbol : {"!=", "!~", "<=", ">=", "$this", "$index", "$total"}) {
      if (!rest.starts_with(symbol)) continue;
      if (symbol.front() == '$' && rest.size() > symbol.size() && IsNamePart(rest[symbol.size()])) break;
      token.text = symbol;
      at_ += symbol.size();
      return Done{};
    }
    if (std::string_view(".()[]{},+-*/&|=~<>").find(Peek()) == std::string_view::npos) {
      return Fail(at_, "an unexpected character");
    }
    token.text = rest.substr(0, 1);
    ++at_;
    return Done{};
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

base::Error PathSyntaxError(std::string_view text, size_t at, std::string_view what) {
  size_t line = 1;
  size_t column = 1;
  for (const char c : text.substr(0, at)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++column;
    }
  }
  return Error(ErrorKind::kInvalid, "path.syntax", {}, fmt::format("line {}, column {}: {}", line, column, what));
}

Result<std::vector<Token>> LexPath(std::string_view text) {
  if (text.size() > kPathTextMax) {
    return Error(ErrorKind::kInvalid, "path.too-costly", {}, fmt::format("text of {} bytes", text.size()));
  }
  if (!base::IsValidUtf8(text)) return PathSyntaxError(text, 0, "not UTF-8");
  return Lexer(text).Run();
}

}  // namespace heyi::fhir
