#include "mapping/fml/lexer.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "mapping/limits.h"

namespace heyi::mapping {
namespace {

using base::Error;
using base::ErrorKind;

bool FmlIsDigit(char c) { return c >= '0' && c <= '9'; }
bool FmlIsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool FmlIsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }

size_t CharacterSize(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

void AppendCharacter(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

int HexDigit(char c) {
  if (FmlIsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class FmlLexer {
 public:
  FmlLexer(std::string_view file, std::string_view text) : file_(file), text_(text) {}

  base::Result<FmlTokens> Run() {
    if (text_.size() > kFmlBytesMax) {
      return Error(ErrorKind::kInvalid, "fml.too-large", std::string(file_), std::to_string(kFmlBytesMax));
    }
    if (!base::IsValidUtf8(text_)) return Error(ErrorKind::kInvalid, "fml.syntax", std::string(file_), "UTF-8");
    if (text_.find('\0') != std::string_view::npos) return Error(ErrorKind::kInvalid, "fml.syntax", std::string(file_), "U+0000");
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = line_start_ = 3;
    while (true) {
      if (!SkipBlanks()) return Fail("/*");
      if (at_ == text_.size()) break;
      begin_ = at_;
      here_ = Position(at_);
      HEYI_CHECK(Next());
      if (out_.tokens.size() > kFmlTokensMax) {
        return Error(ErrorKind::kInvalid, "fml.too-large", std::string(file_), std::to_string(kFmlTokensMax));
      }
    }
    begin_ = at_;
    here_ = Position(at_);
    Add(FmlTokenKind::kEnd, {});
    return std::move(out_);
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool Sees(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  FmlPosition Position(size_t at) const { return {line_, static_cast<uint32_t>(at - line_start_ + 1)}; }

  Error Fail(std::string_view what) const { return Error(ErrorKind::kInvalid, "fml.syntax", FmlPlace(file_, here_),
      what); }

  // Moves on by one, counting lines.
  void Step() {
    if (text_[at_] == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    }
    ++at_;
  }

  // Over white space and remarks. False where a remark does not end.
  bool SkipBlanks() {
    while (at_ < text_.size()) {
      if (FmlIsSpace(Peek())) {
        Step();
      } else if (Sees("\xC2\xA0")) {  // no-break space
        at_ += 2;
      } else if (Sees("\xE3\x80\x80") || Sees("\xE2\x80\xA8") || Sees("\xEF\xBB\xBF")) {  // ideographic; line; none
        at_ += 3;
      } else if (Sees("/*")) {
        here_ = Position(at_);
        const size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return false;
        while (at_ < end + 2) Step();
      } else if (Sees("//") && !AtMetadata()) {
        const size_t end = std::min(text_.find('\n', at_), text_.size());
        size_t from = at_;
        while (from < end && text_[from] == '/') ++from;
        out_.remarks.push_back({line_, std::string(base::Trim(text_.substr(from, end - from)))});
        at_ = end;
      } else {
        return true;
      }
    }
    return true;
  }

  // Three slashes and a blank before all else on a line that says `name =`; so a remark with three slashes is still one.
  bool AtMetadata() const {
    if (!Sees("///") || (Peek(3) != ' ' && Peek(3) != '\t')) return false;
    if (!base::Trim(text_.substr(line_start_, at_ - line_start_)).empty()) return false;
    size_t i = at_ + 3;
    while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\t')) ++i;
    const size_t name = i;
    while (i < text_.size() && (FmlIsLetter(text_[i]) || FmlIsDigit(text_[i]) || text_[i] == '.')) ++i;
    if (i == name) return false;
    while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\t')) ++i;
    return i < text_.size() && text_[i] == '=';
  }

  void Add(FmlTokenKind kind, std::string text) {
    out_.tokens.push_back({kind, std::move(text), begin_, at_, here_});
  }

  base::Result<base::Done> Next() {
    const char c = Peek();
    if (Sees("///")) {
      at_ += 3;
      Add(FmlTokenKind::kMetadata, {});
      return base::Done{};
    }
    if (Sees("\"\"\"")) return Markdown();
    if (c == '\'') return Quoted('\'', FmlTokenKind::kString);
    if (c == '"') return Quoted('"', FmlTokenKind::kDouble);
    if (c == '`') return Quoted('`', FmlTokenKind::kDelimited);
    if (c == '%') return External();
    if (FmlIsDigit(c)) return Number();
    if (c == '@') return Moment();
    if (FmlIsLetter(c) || (c == '$' && FmlIsLetter(Peek(1)))) {
      ++at_;
      while (FmlIsLetter(Peek()) || FmlIsDigit(Peek())) ++at_;
      Add(c == '$' ? FmlTokenKind::kSymbol : FmlTokenKind::kName, std::string(text_.substr(begin_, at_ - begin_)));
      return base::Done{};
    }
    for (const std::string_view symbol : {"->", "..", "<<", ">>", "<=", ">=", "==", "!=", "!~", "--", "<-", ">-"}) {
      if (!Sees(symbol)) continue;
      // `a <-1` and `a>-1` compare; only a conceptmap knows arrows to the left.
      if ((symbol == "<-" || symbol == ">-" || symbol == "--") && Peek(2) != '\0' && !FmlIsSpace(Peek(2))) continue;
      at_ += 2;
      Add(FmlTokenKind::kSymbol, std::string(symbol));
      return base::Done{};
    }
    if (std::string_view("(){}[],;:=.*+-/|&~<>").find(c) == std::string_view::npos) {
      return Fail(text_.substr(at_, CharacterSize(c)));
    }
    ++at_;
    Add(FmlTokenKind::kSymbol, std::string(1, c));
    return base::Done{};
  }

  base::Result<base::Done> Quoted(char quote, FmlTokenKind kind) {
    ++at_;
    std::string text;
    while (true) {
      if (at_ >= text_.size()) return Fail(std::string(1, quote));
      const char c = Peek();
      if (c == quote) break;
      if (c != '\\') {
        text += c;
        Step();
        continue;
      }
      HEYI_CHECK(Escape(text));
    }
    ++at_;
    if (kind == FmlTokenKind::kDelimited && text.empty()) return Fail("``");
    Add(kind, std::move(text));
    return base::Done{};
  }

  base::Result<base::Done> Escape(std::string& text) {
    constexpr std::string_view kFrom = "`'\"\\/fnrt";
    constexpr std::string_view kTo = "`'\"\\/\f\n\r\t";
    const char c = Peek(1);
    if (c == 'u') {
      uint32_t code = 0;
      for (size_t i = 2; i < 6; ++i) {
        const int digit = HexDigit(Peek(i));
        if (digit < 0) return Fail("\\u");
        code = code * 16 + static_cast<uint32_t>(digit);
      }
      if (code == 0 || (code >= 0xD800 && code < 0xE000)) return Fail("\\u");
      AppendCharacter(text, code);
      at_ += 6;
      return base::Done{};
    }
    const size_t known = c == '\0' ? std::string_view::npos : kFrom.find(c);
    if (known == std::string_view::npos) {
      // Older texts write regular expressions as they are: '\d+'.
      text += '\\';
      ++at_;
      return base::Done{};
    }
    text += kTo[known];
    at_ += 2;
    return base::Done{};
  }

  base::Result<base::Done> Markdown() {
    at_ += 3;
    const size_t end = text_.find("\"\"\"", at_);
    if (end == std::string_view::npos) return Fail("\"\"\"");
    std::string text(text_.substr(at_, end - at_));
    while (at_ < end) Step();
    at_ += 3;
    // The line ends next to the quotes belong to these.
    if (text.starts_with("\r\n")) text.erase(0, 2);
    else if (text.starts_with('\n')) text.erase(0, 1);
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    Add(FmlTokenKind::kMarkdown, std::move(text));
    return base::Done{};
  }

  base::Result<base::Done> External() {
    ++at_;
    if (Peek() == '`' || Peek() == '\'') {
      HEYI_CHECK(Quoted(Peek(), FmlTokenKind::kExternal));
      return base::Done{};
    }
    const size_t name = at_;
    while (FmlIsLetter(Peek()) || FmlIsDigit(Peek())) ++at_;
    if (at_ == name) return Fail("%");
    Add(FmlTokenKind::kExternal, std::string(text_.substr(name, at_ - name)));
    return base::Done{};
  }

  base::Result<base::Done> Number() {
    while (FmlIsDigit(Peek())) ++at_;
    FmlTokenKind kind = FmlTokenKind::kInteger;
    if (Peek() == '.' && FmlIsDigit(Peek(1))) {
      kind = FmlTokenKind::kDecimal;
      ++at_;
      while (FmlIsDigit(Peek())) ++at_;
    }
    std::string text(text_.substr(begin_, at_ - begin_));
    if (Peek() == 'L' && kind == FmlTokenKind::kInteger) {
      ++at_;
      kind = FmlTokenKind::kLong;
    } else if (FmlIsLetter(Peek())) {
      return Fail(text);
    }
    Add(kind, std::move(text));
    return base::Done{};
  }

  // @2024-03-01T10:30:00.000+08:00 and its shorter forms; whether there is such a day is not asked.
  base::Result<base::Done> Moment() {
    ++at_;
    const size_t start = at_;
    FmlTokenKind kind = FmlTokenKind::kDate;
    const auto digits = [&](size_t count) {
      for (size_t i = 0; i < count; ++i) {
        if (!FmlIsDigit(Peek(i))) return false;
      }
      at_ += count;
      return true;
    };
    if (Peek() == 'T') {
      kind = FmlTokenKind::kTime;
    } else {
      if (!digits(4)) return Fail("@");
      for (int i = 0; i < 2 && Peek() == '-' && FmlIsDigit(Peek(1)); ++i) {
        ++at_;
        if (!digits(2)) return Fail("@");
      }
      if (Peek() == 'T') kind = FmlTokenKind::kDateTime;
    }
    if (Peek() == 'T') {
      ++at_;
      if (FmlIsDigit(Peek())) {
        if (!digits(2)) return Fail("@");
        for (int i = 0; i < 2 && Peek() == ':' && FmlIsDigit(Peek(1)); ++i) {
          ++at_;
          if (!digits(2)) return Fail("@");
        }
        if (Peek() == '.' && FmlIsDigit(Peek(1))) {
          ++at_;
          while (FmlIsDigit(Peek())) ++at_;
        }
        if (Peek() == 'Z') {
          ++at_;
        } else if (kind == FmlTokenKind::kDateTime && (Peek() == '+' || Peek() == '-') && FmlIsDigit(Peek(1)) &&
                   FmlIsDigit(Peek(2)) && Peek(3) == ':') {
          at_ += 4;
          if (!digits(2)) return Fail("@");
        }
      }
    }
    std::string text(text_.substr(start, at_ - start));
    if (kind == FmlTokenKind::kTime) text.erase(0, 1);
    Add(kind, std::move(text));
    return base::Done{};
  }

  std::string_view file_;
  std::string_view text_;
  size_t at_ = 0;
  size_t begin_ = 0;
  uint32_t line_ = 1;
  size_t line_start_ = 0;
  FmlPosition here_;
  FmlTokens out_;
};

}  // namespace

base::Result<FmlTokens> LexFml(std::string_view file, std::string_view text) { return FmlLexer(file, text).Run(); }

std::string FmlPlace(std::string_view file, FmlPosition position) {
  return fmt::format("{}:{}:{}", file, position.line, position.column);
}

}  // namespace heyi::mapping
