#include "fhir/ucum/parser.h"

#include <fmt/format.h>

#include <charconv>

#include "fhir/ucum/ucum.h"

namespace heyi::fhir {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;

bool IsUnitDigit(char c) { return c >= '0' && c <= '9'; }

class Reader {
 public:
  Reader(std::string_view code, UcumEvents& events) : code_(code), events_(events) {}

  Result<Done> Run() {
    if (code_.size() > UcumUnit::kBytesMax) {
      return Error(ErrorKind::kInvalid, "ucum.too-costly", {}, fmt::format("{} bytes", code_.size()));
    }
    HEYI_CHECK(Term(0));
    if (at_ < code_.size()) return Fail("an operator must stand between units");
    return Done{};
  }

 private:
  char Peek() const { return at_ < code_.size() ? code_[at_] : '\0'; }
  Error Fail(std::string_view what) const { return UcumSyntaxError(code_, at_ + 1, what); }

  // A leading "/" also opens a term in brackets.
  Result<Done> Term(int depth) {
    if (depth > UcumUnit::kDepthMax) return Error(ErrorKind::kInvalid, "ucum.too-costly", {}, "nested too deep");
    if (Peek() == '/') {
      events_.Operator(true);
      ++at_;
    }
    HEYI_CHECK(Component(depth));
    while (Peek() == '.' || Peek() == '/') {
      events_.Operator(Peek() == '/');
      ++at_;
      HEYI_CHECK(Component(depth));
    }
    return Done{};
  }

  Result<Done> Component(int depth) {
    if (Peek() == '(') {
      ++at_;
      events_.Open();
      HEYI_CHECK(Term(depth + 1));
      if (Peek() != ')') return Fail("a bracket is not closed");
      ++at_;
      return events_.Close();
    }
    if (Peek() == '{') return Annotation();
    if (IsUnitDigit(Peek()) && !code_.substr(at_).starts_with("10*") && !code_.substr(at_).starts_with("10^")) {
      const size_t begin = at_;
      while (IsUnitDigit(Peek())) ++at_;
      return events_.Number(code_.substr(begin, at_ - begin));
    }
    HEYI_CHECK(SymbolWithExponent());
    return Peek() == '{' ? Annotation() : Result<Done>(Done{});
  }

  Result<Done> Annotation() {
    const size_t begin = ++at_;
    while (at_ < code_.size() && Peek() != '}') {
      if (Peek() == '{' || Peek() < '!' || Peek() > '~') return Fail("this character has no place in an annotation");
      ++at_;
    }
    if (at_ == code_.size()) return Fail("an annotation is not closed");
    const std::string_view text = code_.substr(begin, at_ - begin);
    ++at_;
    return events_.Annotation(text);
  }

  // Letters and signs up to an operator, a digit or a brace; within [ ] everything.
  std::string_view TakeSymbol() {
    const size_t begin = at_;
    if (IsUnitDigit(Peek())) {  // 10*, 10^
      at_ += 3;
      return code_.substr(begin, 3);
    }
    bool bracket = false;
    for (; at_ < code_.size() && Peek() > ' ' && Peek() <= '~'; ++at_) {
      const char c = Peek();
      if (!bracket && (IsUnitDigit(c) || std::string_view("./(){}+-").find(c) != std::string_view::npos)) break;
      if (c == '[') bracket = true;
      if (c == ']') bracket = false;
    }
    return code_.substr(begin, at_ - begin);
  }

  Result<Done> SymbolWithExponent() {
    const size_t begin = at_;
    const std::string_view symbol = TakeSymbol();
    if (symbol.empty()) return Fail("a unit must stand here");
    int exponent = 1;
    if (Peek() == '+' || Peek() == '-' || IsUnitDigit(Peek())) {
      const bool minus = Peek() == '-';
      if (!IsUnitDigit(Peek())) ++at_;
      const size_t digits = at_;
      while (IsUnitDigit(Peek())) ++at_;
      const auto [end, error] = std::from_chars(code_.data() + digits, code_.data() + at_, exponent);
      if (error != std::errc() || end != code_.data() + at_ || exponent > UcumUnit::kExponentMax) {
        return Fail("an exponent that is none, or too large");
      }
      if (minus) exponent = -exponent;
    }
    if (const UcumAtom* atom = FindUcumAtom(symbol)) return events_.Symbol(nullptr, *atom, exponent);
    for (const UcumPrefix& prefix : UcumPrefixes()) {
      if (!symbol.starts_with(prefix.code)) continue;
      const UcumAtom* atom = FindUcumAtom(symbol.substr(prefix.code.size()));
      if (atom != nullptr && atom->metric()) return events_.Symbol(&prefix, *atom, exponent);
    }
    return Error(ErrorKind::kInvalid, "ucum.unknown-unit", {},
                 fmt::format("\"{}\" at {} in \"{}\"", symbol, begin + 1, code_));
  }

  std::string_view code_;
  UcumEvents& events_;
  size_t at_ = 0;
};

}  // namespace

base::Error UcumSyntaxError(std::string_view code, size_t position, std::string_view what) {
  return Error(ErrorKind::kInvalid, "ucum.syntax", {}, fmt::format("\"{}\" at {}: {}", code, position, what));
}

Result<Done> ReadUcum(std::string_view code, UcumEvents& events) { return Reader(code, events).Run(); }

}  // namespace heyi::fhir
