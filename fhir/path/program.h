// A compiled expression: names looked up in the definitions, functions in the registry, plain member steps narrowed to
// the elements they can mean, so that walking compares pointers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "fhir/path/ast.h"
#include "fhir/path/path.h"

namespace heyi::fhir {

class PathRegex;
struct Function;
struct Op;

// What `is`, `as` and ofType() ask for: a FHIR type, a System type, or (Quantity) either.
struct TypeTarget {
  const Type* fhir = nullptr;
  std::optional<PathValue::Kind> system;
  bool any = false;  // System.Any

  bool Matches(const PathValue& value) const;
  bool MatchesType(const Type* type) const;  // the FHIR type or one based on it
};

// One step of a path, applied to what the steps before it gave.
struct Step {
  enum class Kind : unsigned char {
    kMember,     // children of that name
    kTypeHead,   // a leading type name: the focus if it is of that type
    kIndexer,    // [arguments[0]]
    kAs,         // the one item, if it is of `target`
    kOfType,     // keeps the items of `target`
    kIs,
    kResolveIs,  // resolve() is T: needs the type of what is referred to, not the thing
    kCall,
  };
  Kind kind = Kind::kMember;
  std::string name;
  bool typed = false;                     // kMember: `elements` are all it can mean; else the name decides
  std::vector<const Element*> elements;
  TypeTarget target;
  const Function* function = nullptr;
  std::vector<Op> arguments;
  std::vector<bool> descending;           // sort(): which keys are
  std::shared_ptr<const PathRegex> regex; // matches() and its like, of a literal
};

enum class Operator : unsigned char {
  kImplies, kOr, kXor, kAnd, kIn, kContains, kEqual, kNotEqual, kEquivalent, kNotEquivalent,
  kLess, kGreater, kLessOrEqual, kGreaterOrEqual, kAdd, kSubtract, kConcatenate, kMultiply, kDivide, kDiv, kMod,
};

struct Op {
  enum class Kind : unsigned char {
    kEmpty, kLiteral, kThis, kIndex, kTotal, kContext, kResource, kRootResource, kVariable, kFactory, kPath, kUnion,
    kBinary, kNegate
  };
  Kind kind = Kind::kEmpty;
  Collection literal;            // kLiteral: one item
  std::string name;              // kVariable; kFactory: what is made
  const Type* made = nullptr;    // kFactory: its type, null for the functions that change what is there
  bool implicit_focus = false;   // kPath: begins at $this, else at operands[0]
  std::vector<Step> steps;       // kPath
  bool defines = false;          // kPath: with defineVariable() among them
  std::vector<Op> operands;
  std::vector<Operator> operators;  // kBinary: one less than operands
};

// `definitions` outlives the result.
//   errors  kInvalid path.unknown-type, path.unknown-function, path.arguments, path.unknown-variable, path.semantic
base::Result<Op> CompilePath(const Ast& ast, const Definitions& definitions, const CompileOptions& options);

// The type a path must begin with ("Patient" of Patient.name.given), null where it may begin with any: the first step
// read as a type name by the rule that CompilePath follows.
const Type* HeadTypeOf(const Ast& ast, const Definitions& definitions);

}  // namespace heyi::fhir
