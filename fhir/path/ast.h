// What an expression says, as the parser read it: names are not yet looked up.
//
// Chains are flat: a path of a thousand steps, a union of a thousand branches or a sum of a thousand terms is one node
// with a thousand children. So the depth of the tree is the nesting of brackets, which the parser caps.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fhir/path/path.h"

namespace heyi::fhir {

enum class AstKind : unsigned char {
  kEmpty,     // {}
  kLiteral,   // literal
  kThis,      // $this, $index, $total
  kIndex,
  kTotal,
  kExternal,  // %text
  kMember,    // text, a step of a path
  kCall,      // text(children…), a step of a path
  kIndexer,   // [children[0]], a step of a path
  kAs,        // as text, a step of a path
  kIs,        // is text, a step of a path
  kPath,      // children: steps; the first may also be any other expression
  kUnion,     // children[0] | children[1] | …
  kBinary,    // children[0] operators[0] children[1] operators[1] …, all of one precedence, left to right
  kNegate,    // -children[0]
};

struct Ast {
  AstKind kind = AstKind::kEmpty;
  std::string text;  // a name; of a type perhaps qualified: "FHIR.Patient"
  bool delimited = false;  // kMember: written in back quotes, so never a type
  PathValue literal;
  std::vector<std::unique_ptr<Ast>> children;
  std::vector<std::string> operators;  // of a call of sort(): "asc" or "desc" for each argument
  size_t begin = 0;  // byte offsets into the expression's text
  size_t end = 0;
};

using AstPtr = std::unique_ptr<Ast>;

// The tree as text, what the parser's tests compare: "(| (path Patient name) (path Person name))".
std::string DumpAst(const Ast& ast);

}  // namespace heyi::fhir
