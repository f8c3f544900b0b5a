#include "fhir/path/parser.h"

#include <fmt/format.h>

#include "fhir/path/lexer.h"
#include "fhir/path/quantity.h"
#include "fhir/path/temporal.h"

namespace heyi::fhir {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Precedence of the infix operators, weakest first; 0 = no operator. `is` and `as` are steps of a path that bind
// between kTypes and what is below.
enum Level : int {
  kNone, kImplies, kOr, kAnd, kMembership, kEquality, kInequality, kUnion, kTypes, kAdditive, kMultiplicative
};

int LevelOf(const Token& token) {
  const std::string& text = token.text;
  if (token.kind == TokenKind::kIdentifier) {
    if (text == "implies") return kImplies;
    if (text == "or" || text == "xor") return kOr;
    if (text == "and") return kAnd;
    if (text == "in" || text == "contains") return kMembership;
    if (text == "is" || text == "as") return kTypes;
    if (text == "div" || text == "mod") return kMultiplicative;
    return kNone;
  }
  if (token.kind != TokenKind::kSymbol) return kNone;
  if (text == "=" || text == "~" || text == "!=" || text == "!~") return kEquality;
  if (text == "<" || text == ">" || text == "<=" || text == ">=") return kInequality;
  if (text == "|") return kUnion;
  if (text == "+" || text == "-" || text == "&") return kAdditive;
  if (text == "*" || text == "/") return kMultiplicative;
  return kNone;
}

class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens) : text_(text), tokens_(std::move(tokens)) {}

  Result<AstPtr> Run() {
    HEYI_TRY(ast, Infix(kImplies));
    if (Peek().kind != TokenKind::kEnd) return Unexpected();
    return std::move(ast);
  }

 private:
  const Token& Peek() const { return tokens_[at_]; }
  Token Take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  size_t LastEnd() const { return at_ == 0 ? 0 : tokens_[at_ - 1].end; }
  bool TakeIf(std::string_view symbol) {
    if (!Peek().Is(symbol)) return false;
    ++at_;
    return true;
  }

  Error Fail(std::string_view what) const { return PathSyntaxError(text_, Peek().begin, what); }
  Error Unexpected() const {
    if (Peek().kind == TokenKind::kEnd) return Fail("the expression ends too early");
    return Fail(fmt::format("unexpected \"{}\"", text_.substr(Peek().begin, Peek().end - Peek().begin)));
  }

  AstPtr Make(AstKind kind) const {
    auto ast = std::make_unique<Ast>();
    ast->kind = kind;
    ast->begin = Peek().begin;
    return ast;
  }

  // Makes `ast` the first step of a path, unless it is a path that can still grow.
  static AstPtr AsPath(AstPtr ast) {
    if (ast->kind == AstKind::kPath) return ast;
    auto path = std::make_unique<Ast>();
    path->kind = AstKind::kPath;
    path->begin = ast->begin;
    path->end = ast->end;
    path->children.push_back(std::move(ast));
    return path;
  }

  // Operands of at least `level`: one level a loop, so that chains become one flat node.
  Result<AstPtr> Infix(int level) {
    if (level > kMultiplicative) return Unary();
    HEYI_TRY(first, Infix(level + 1));
    AstPtr left = std::move(first);
    if (level == kTypes) return TypeSteps(std::move(left));
    if (LevelOf(Peek()) != level) return left;
    AstPtr chain = Make(level == kUnion ? AstKind::kUnion : AstKind::kBinary);
    chain->begin = left->begin;
    chain->children.push_back(std::move(left));
    while (LevelOf(Peek()) == level) {
      std::string op = Take().text;
      HEYI_TRY(right, Infix(level + 1));
      if (level != kUnion) chain->operators.push_back(std::move(op));
      chain->children.push_back(std::move(right));
    }
    chain->end = LastEnd();
    return chain;
  }

  Result<AstPtr> TypeSteps(AstPtr left) {
    while (LevelOf(Peek()) == kTypes) {
      left = AsPath(std::move(left));
      AstPtr step = Make(Peek().text == "as" ? AstKind::kAs : AstKind::kIs);
      Take();
      HEYI_TRY(name, TypeName());
      step->text = std::move(name);
      step->end = LastEnd();
      left->end = LastEnd();
      left->children.push_back(std::move(step));
    }
    return left;
  }

  Result<std::string> TypeName() {
    std::string name;
    do {
      if (Peek().kind != TokenKind::kIdentifier && Peek().kind != TokenKind::kDelimited) return Unexpected();
      if (!name.empty()) name += '.';
      name += Take().text;
    } while (TakeIf("."));
    return name;
  }

  Result<AstPtr> Unary() {
    if (!Peek().Is("+") && !Peek().Is("-")) return Path();
    if (++depth_ > kPathDepthMax) return TooDeep();
    AstPtr negate = Make(AstKind::kNegate);
    const bool minus = Take().Is("-");
    HEYI_TRY(operand, Unary());
    --depth_;
    if (!minus) return std::move(operand);
    negate->children.push_back(std::move(operand));
    negate->end = LastEnd();
    return negate;
  }

  Result<AstPtr> Path() {
    HEYI_TRY(term, Term());
    AstPtr path = std::move(term);
    while (true) {
      AstPtr step;
      if (Peek().Is(".")) {
        Take();
        HEYI_TRY(invoked, Invocation());
        step = std::move(invoked);
      } else if (Peek().Is("[")) {
        step = Make(AstKind::kIndexer);
        Take();
        HEYI_TRY(position, Nested());
        if (!TakeIf("]")) return Unexpected();
        step->children.push_back(std::move(position));
        step->end = LastEnd();
      } else {
        return path;
      }
      path = AsPath(std::move(path));
      path->children.push_back(std::move(step));
      path->end = LastEnd();
    }
  }

  Error TooDeep() const {
    return Error(ErrorKind::kInvalid, "path.too-costly", {}, fmt::format("nested deeper than {}", kPathDepthMax));
  }

  Result<AstPtr> Nested() {
    if (++depth_ > kPathDepthMax) return TooDeep();
    HEYI_TRY(ast, Infix(kImplies));
    --depth_;
    return std::move(ast);
  }

  Result<AstPtr> Term() {
    const size_t begin = Peek().begin;
    if (TakeIf("(")) {
      HEYI_TRY(ast, Nested());
      if (!TakeIf(")")) return Unexpected();
      // The brackets count as its place, but further steps apply to the whole: only a path may grow in place.
      ast->begin = begin;
      ast->end = LastEnd();
      return std::move(ast);
    }
    AstPtr literal = Make(AstKind::kLiteral);
    switch (Peek().kind) {
      case TokenKind::kIdentifier:
        if (Peek().text == "true" || Peek().text == "false") {
          literal->literal = PathValue::OfBoolean(Take().text == "true");
          break;
        }
        return AsPathOf(Invocation());
      case TokenKind::kDelimited: return AsPathOf(Invocation());
      case TokenKind::kString: literal->literal = PathValue::OfText(PathValue::Kind::kString, Take().text); break;
      case TokenKind::kNumber: Number(*literal); break;
      case TokenKind::kLong: literal->literal = PathValue::OfText(PathValue::Kind::kLong, Take().text); break;
      case TokenKind::kDate:
      case TokenKind::kDateTime:
      case TokenKind::kTime: {
        HEYI_TRY(value, TemporalLiteral());
        literal->literal = std::move(value);
        break;
      }
      case TokenKind::kExternal:
        literal->kind = AstKind::kExternal;
        literal->text = Take().text;
        break;
      case TokenKind::kSymbol:
        if (!Symbol(*literal)) return Unexpected();
        break;
      case TokenKind::kEnd: return Unexpected();
    }
    literal->end = LastEnd();
    return literal;
  }

  static Result<AstPtr> AsPathOf(Result<AstPtr> step) {
    if (!step.ok()) return step;
    return AsPath(std::move(*step));
  }

  bool Symbol(Ast& ast) {
    if (TakeIf("$this")) {
      ast.kind = AstKind::kThis;
    } else if (TakeIf("$index")) {
      ast.kind = AstKind::kIndex;
    } else if (TakeIf("$total")) {
      ast.kind = AstKind::kTotal;
    } else if (TakeIf("{") && TakeIf("}")) {
      ast.kind = AstKind::kEmpty;
    } else {
      return false;
    }
    return true;
  }

  void Number(Ast& ast) {
    std::string text = Take().text;
    if (Peek().kind == TokenKind::kString || (Peek().kind == TokenKind::kIdentifier && IsCalendarUnit(Peek().text))) {
      ast.literal = PathValue::OfText(PathValue::Kind::kQuantity, std::move(text), Take().text);
      return;
    }
    const bool decimal = text.find('.') != std::string::npos;
    ast.literal = PathValue::OfText(decimal ? PathValue::Kind::kDecimal : PathValue::Kind::kInteger, std::move(text));
  }

  Result<PathValue> TemporalLiteral() {
    const Token& token = Peek();
    const PathValue::Kind kind = token.kind == TokenKind::kDate       ? PathValue::Kind::kDate
                                 : token.kind == TokenKind::kDateTime ? PathValue::Kind::kDateTime
                                                                      : PathValue::Kind::kTime;
    std::string text = token.text;
    if (kind == PathValue::Kind::kTime) text.erase(0, 1);  // the T
    if (!ParseTemporal(kind, text)) return Fail("no such date or time");
    Take();
    return PathValue::OfText(kind, std::move(text));
  }

  Result<AstPtr> Invocation() {
    if (Peek().kind != TokenKind::kIdentifier && Peek().kind != TokenKind::kDelimited) return Unexpected();
    AstPtr step = Make(AstKind::kMember);
    step->delimited = Peek().kind == TokenKind::kDelimited;
    step->text = Take().text;
    if (TakeIf("(")) {
      step->kind = AstKind::kCall;
      HEYI_CHECK(Arguments(*step));
    }
    step->end = LastEnd();
    return step;
  }

  Result<base::Done> Arguments(Ast& call) {
    if (TakeIf(")")) return base::Done{};
    do {
      HEYI_TRY(argument, Nested());
      call.children.push_back(std::move(argument));
      if (call.text == "sort") {
        const bool stated = Peek().IsWord("asc") || Peek().IsWord("desc");
        call.operators.push_back(stated ? Take().text : "asc");
      }
    } while (TakeIf(","));
    if (!TakeIf(")")) return Unexpected();
    return base::Done{};
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<AstPtr> ParsePath(std::string_view text) {
  HEYI_TRY(tokens, LexPath(text));
  return Parser(text, std::move(tokens)).Run();
}

}  // namespace heyi::fhir
