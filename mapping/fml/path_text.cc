#include "mapping/fml/path_text.h"

#include <algorithm>

#include "fhir/path/lexer.h"
#include "mapping/fml/expression.h"

namespace heyi::mapping {
namespace {

using fhir::Token;
using fhir::TokenKind;

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool IsWordOperator(const Token& token) {
  return token.kind == TokenKind::kIdentifier &&
         IsOneOf(token.text, {"and", "or", "xor", "implies", "div", "mod", "in", "contains", "is", "as"});
}

bool EndsOperand(const Token& token) {
  if (token.kind == TokenKind::kSymbol) return IsOneOf(token.text, {")", "]", "}"}) || token.text.starts_with('$');
  return token.kind != TokenKind::kEnd;
}

class PathRewriter {
 public:
  PathRewriter(std::string_view text, const std::vector<Token>& tokens,
      const std::function<bool(std::string_view)>& is_variable,
               const std::function<bool(std::string_view)>& is_type, const ChoiceNames& choices)
      : text_(text), tokens_(tokens), is_variable_(is_variable), is_type_(is_type), choices_(choices) {}

  PathText Run() {
    bool operand_before = false;  // so that a word is an operator and no name
    for (size_t i = 0; i + 1 < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      Gap(token.begin);
      const bool after_dot = i > 0 && tokens_[i - 1].Is(".");
      if (operand_before && !after_dot && IsWordOperator(token)) {
        Copy(token);
        if (token.text == "is" || token.text == "as") i = CopyType(i);
        operand_before = token.text == "is" || token.text == "as";
        continue;
      }
      const bool name = token.kind == TokenKind::kIdentifier || token.kind == TokenKind::kDelimited;
      const bool head = name && !after_dot && !operand_before;
      const bool call = name && tokens_[i + 1].Is("(");
      if (call && IsOneOf(token.text, {"is", "as", "ofType"})) {
        Copy(token);
        i = CopyArgument(i + 1);
      } else if (head && !call) {
        Head(token);
      } else if (name && after_dot && !call) {
        Member(token);
      } else if (token.kind == TokenKind::kExternal && is_variable_(token.text)) {
        Use(token.text);
        Put(token, "%" + AsPathName(PathVariable(token.text)));
      } else {
        Copy(token);
      }
      operand_before = EndsOperand(tokens_[i]);
    }
    return std::move(out_);
  }

 private:
  void Gap(size_t begin) {
    if (begin > at_) out_.text.append(text_.substr(at_, begin - at_));
    at_ = begin;
  }

  void Copy(const Token& token) {
    Gap(token.begin);
    out_.text.append(text_.substr(token.begin, token.end - token.begin));
    at_ = token.end;
  }

  void Put(const Token& token, std::string_view instead) {
    out_.text += instead;
    at_ = token.end;
  }

  // Behind `is`: a name, perhaps qualified. Returns the last token copied.
  size_t CopyType(size_t i) {
    while (i + 1 < tokens_.size() && tokens_[i + 1].kind == TokenKind::kIdentifier) {
      Copy(tokens_[++i]);
      if (!tokens_[i + 1].Is(".") || tokens_[i + 2].kind != TokenKind::kIdentifier || tokens_[i + 3].Is("(")) break;
      Copy(tokens_[++i]);
    }
    return i;
  }

  // `(` … `)` as it stands.
  size_t CopyArgument(size_t i) {
    size_t open = 0;
    for (; i + 1 < tokens_.size(); ++i) {
      Copy(tokens_[i]);
      if (tokens_[i].Is("(")) ++open;
      if (tokens_[i].Is(")") && --open == 0) return i;
    }
    return tokens_.size() - 2;
  }

  void Use(const std::string& name) {
    if (std::find(out_.variables.begin(), out_.variables.end(), name) == out_.variables.end()) {
      out_.variables.push_back(name);
    }
  }

  void Head(const Token& token) {
    if (token.kind == TokenKind::kIdentifier && (token.text == "true" || token.text == "false")) return Copy(token);
    if (is_variable_(token.text)) {
      Use(token.text);
      return Put(token, "%" + AsPathName(PathVariable(token.text)));
    }
    const bool capital = token.text[0] >= 'A' && token.text[0] <= 'Z';
    if (capital && token.kind == TokenKind::kIdentifier) {
      const bool type = is_type_(token.text) || token.text == "FHIR" || token.text == "System";
      return type ? Copy(token) : Put(token, "$this." + token.text);
    }
    if (!IsOneOf(token.text, {"value", "id", "extension"})) out_.names_members = true;
    Member(token);
  }

  void Member(const Token& token) {
    if (token.text == "value") return Put(token, "select(iif(hasValue(), $this, value))");
    const fhir::Property* choice = choices_.Find(token.text);
    if (choice == nullptr) return Copy(token);
    // Some types have a plain element of that name, and models may.
    const std::string typed = choice->element->name + ".ofType(" + choice->type->name + ")";
    Put(token, "select(iif(" + typed + ".exists(), " + typed + ", " + AsPathName(token.text) + "))");
  }

  std::string_view text_;
  const std::vector<Token>& tokens_;
  const std::function<bool(std::string_view)>& is_variable_;
  const std::function<bool(std::string_view)>& is_type_;
  const ChoiceNames& choices_;
  size_t at_ = 0;
  PathText out_;
};

}  // namespace

std::string PathVariable(std::string_view name) { return "v_" + std::string(name); }

ChoiceNames::ChoiceNames(const fhir::Definitions& definitions) {
  for (const auto& type : definitions.types()) {
    for (const fhir::Property& property : type->properties) {
      if (property.element->choice) by_name_.emplace(property.name, &property);
    }
  }
}

const fhir::Property* ChoiceNames::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

base::Result<PathText> AsFhirPath(std::string_view text, const std::function<bool(std::string_view)>& is_variable,
                                  const std::function<bool(std::string_view)>& is_type, const ChoiceNames& choices) {
  HEYI_TRY(tokens, fhir::LexPath(text));
  return PathRewriter(text, tokens, is_variable, is_type, choices).Run();
}

}  // namespace heyi::mapping
