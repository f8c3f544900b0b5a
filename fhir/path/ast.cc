#include "fhir/path/ast.h"

#include "base/json/value.h"

namespace heyi::fhir {
namespace {

void DumpLiteral(const PathValue& literal, std::string& out) {
  switch (literal.kind()) {
    case PathValue::Kind::kString: base::AppendJsonString(out, literal.text()); return;
    case PathValue::Kind::kDate: case PathValue::Kind::kDateTime: out += '@'; break;
    case PathValue::Kind::kTime: out += "@T"; break;
    default: break;
  }
  out += literal.text();
  if (literal.kind() == PathValue::Kind::kLong) out += 'L';
  if (literal.kind() == PathValue::Kind::kQuantity) out += "'" + literal.unit() + "'";
}

void Dump(const Ast& ast, std::string& out) {
  const auto list = [&](std::string_view head) {
    out += '(';
    out += head;
    for (const AstPtr& child : ast.children) {
      out += ' ';
      Dump(*child, out);
    }
    out += ')';
  };
  switch (ast.kind) {
    case AstKind::kEmpty: out += "{}"; return;
    case AstKind::kLiteral: DumpLiteral(ast.literal, out); return;
    case AstKind::kThis: out += "$this"; return;
    case AstKind::kIndex: out += "$index"; return;
    case AstKind::kTotal: out += "$total"; return;
    case AstKind::kExternal: out += "%" + ast.text; return;
    case AstKind::kMember: out += ast.delimited ? "`" + ast.text + "`" : ast.text; return;
    case AstKind::kCall: list(ast.text + "()"); return;
    case AstKind::kIndexer: list("[]"); return;
    case AstKind::kAs: out += "(as " + ast.text + ")"; return;
    case AstKind::kIs: out += "(is " + ast.text + ")"; return;
    case AstKind::kPath: list("path"); return;
    case AstKind::kUnion: list("|"); return;
    case AstKind::kNegate: list("negate"); return;
    case AstKind::kBinary: break;
  }
  out += '(';
  Dump(*ast.children[0], out);
  for (size_t i = 0; i < ast.operators.size(); ++i) {
    out += ' ' + ast.operators[i] + ' ';
    Dump(*ast.children[i + 1], out);
  }
  out += ')';
}

}  // namespace

std::string DumpAst(const Ast& ast) {
  std::string out;
  Dump(ast, out);
  return out;
}

}  // namespace heyi::fhir
