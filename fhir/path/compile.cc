// Tree -> program: looks up types and functions, and follows the types along each path.
#include <algorithm>

#include <fmt/format.h>

#include "fhir/path/factory.h"
#include "fhir/path/functions.h"
#include "fhir/path/parser.h"
#include "fhir/path/program.h"
#include "fhir/path/regex.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// The FHIR types that items of a place can have, exactly: subtypes are named too. nullopt: unknown.
using Types = std::optional<std::vector<const Type*>>;

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// FHIR names its types with capitals and its elements without, so a capital at the head of a path is a type.
bool LooksLikeType(const Ast& step) {
  return step.kind == AstKind::kMember && !step.delimited && !step.text.empty() && IsUpper(step.text.front());
}

// How many steps at the head of a path are a type's name: 0, 1, or 2 for "FHIR.Patient".
size_t HeadLength(const Ast& path) {
  if (path.children.empty() || !LooksLikeType(*path.children[0])) return 0;
  const bool qualified = path.children[0]->text == "FHIR" && path.children.size() > 1;
  return qualified && LooksLikeType(*path.children[1]) ? 2 : 1;
}

template <typename T>
void AddOnce(std::vector<T>& list, T value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

bool IsExact(const Type* type) { return type->kind != Type::Kind::kAbstractResource; }

Error Refuse(std::string_view rule, std::string_view what) { return Error(ErrorKind::kInvalid, rule, {}, what); }

std::optional<Operator> OperatorOf(std::string_view text) {
  constexpr std::pair<std::string_view, Operator> kOperators[] = {
      {"implies", Operator::kImplies}, {"or", Operator::kOr}, {"xor", Operator::kXor}, {"and", Operator::kAnd},
      {"in", Operator::kIn}, {"contains", Operator::kContains}, {"=", Operator::kEqual}, {"!=", Operator::kNotEqual},
      {"~", Operator::kEquivalent}, {"!~", Operator::kNotEquivalent}, {"<", Operator::kLess}, {">", Operator::kGreater},
      {"<=", Operator::kLessOrEqual}, {">=", Operator::kGreaterOrEqual}, {"+", Operator::kAdd},
      {"-", Operator::kSubtract}, {"&", Operator::kConcatenate}, {"*", Operator::kMultiply}, {"/", Operator::kDivide},
      {"div", Operator::kDiv}, {"mod", Operator::kMod}};
  for (const auto& [name, value] : kOperators) {
    if (name == text) return value;
  }
  return std::nullopt;
}

// The name in `is(FHIR.Patient)`, which the parser reads as a path.
std::optional<std::string> TypeNameIn(const Ast& argument) {
  if (argument.kind != AstKind::kPath) return std::nullopt;
  std::string name;
  for (const AstPtr& step : argument.children) {
    if (step->kind != AstKind::kMember) return std::nullopt;
    if (!name.empty()) name += '.';
    name += step->text;
  }
  return name;
}

std::optional<std::string_view> LiteralText(const Ast& ast) {
  const bool text = ast.kind == AstKind::kLiteral && ast.literal.kind() == PathValue::Kind::kString;
  return text ? std::optional(ast.literal.text()) : std::nullopt;
}

// The regular expression of a call, where its arguments are literals. One that is none is left to the evaluation, which
// may never come to it.
std::shared_ptr<const PathRegex> RegexOf(const Ast& call) {
  const bool replaces = call.text == "replaceMatches";
  if (!replaces && call.text != "matches" && call.text != "matchesFull") return nullptr;
  const size_t flags_at = replaces ? 2 : 1;
  const std::optional<std::string_view> pattern = LiteralText(*call.children[0]);
  std::optional<std::string_view> flags = "";
  if (call.children.size() > flags_at) flags = LiteralText(*call.children[flags_at]);
  if (!pattern || !flags) return nullptr;
  base::Result<PathRegex> regex = PathRegex::Compile(*pattern, *flags, call.text == "matchesFull");
  return regex.ok() ? std::make_shared<PathRegex>(std::move(*regex)) : nullptr;
}

class Compiler {
 public:
  Compiler(const Definitions& definitions, const CompileOptions& options)
      : definitions_(definitions), options_(options), variables_(options.variables) {}

  // `types` is what $this can be, and then what the result can be.
  Result<Op> Compile(const Ast& ast, Types& types) {
    Op op;
    switch (ast.kind) {
      case AstKind::kEmpty: op.kind = Op::Kind::kEmpty; break;
      case AstKind::kLiteral:
        op.kind = Op::Kind::kLiteral;
        op.literal.push_back(ast.literal);
        break;
      case AstKind::kThis: op.kind = Op::Kind::kThis; return op;
      case AstKind::kIndex: op.kind = Op::Kind::kIndex; break;
      case AstKind::kTotal: op.kind = Op::Kind::kTotal; break;
      case AstKind::kExternal: {
        HEYI_TRY(external, External(ast.text));
        op = std::move(external);
        break;
      }
      case AstKind::kPath: return Path(ast, types);
      case AstKind::kUnion: return Union(ast, types);
      case AstKind::kBinary: {
        op.kind = Op::Kind::kBinary;
        HEYI_CHECK(Operands(ast, types, op));
        for (const std::string& text : ast.operators) op.operators.push_back(*OperatorOf(text));
        break;
      }
      case AstKind::kNegate: {
        op.kind = Op::Kind::kNegate;
        HEYI_CHECK(Operands(ast, types, op));
        break;
      }
      case AstKind::kMember: case AstKind::kCall: case AstKind::kIndexer: case AstKind::kAs: case AstKind::kIs:
        std::abort();  // the parser makes these only as steps of a path
    }
    types.reset();
    return op;
  }

 private:
  bool checked() const { return options_.types != CompileOptions::Types::kAsTheyCome; }

  Result<base::Done> Operands(const Ast& ast, const Types& types, Op& op) {
    for (const AstPtr& child : ast.children) {
      Types own = types;
      HEYI_TRY(operand, Compile(*child, own));
      op.operands.push_back(std::move(operand));
    }
    return base::Done{};
  }

  Result<Op> Union(const Ast& ast, Types& types) {
    Op op;
    op.kind = Op::Kind::kUnion;
    Types all = std::vector<const Type*>();
    for (const AstPtr& child : ast.children) {
      Types own = types;
      HEYI_TRY(operand, Compile(*child, own));
      op.operands.push_back(std::move(operand));
      if (!own) all.reset();
      if (all) all->insert(all->end(), own->begin(), own->end());
    }
    types = std::move(all);
    return op;
  }

  // https://hl7.org/fhir/R4/fhirpath.html#variables
  Result<Op> External(const std::string& name) {
    Op op;
    const auto text = [&](std::string value) {
      op.kind = Op::Kind::kLiteral;
      op.literal.push_back(MakeString(std::move(value)));
      return op;
    };
    if (name == "context") op.kind = Op::Kind::kContext;
    else if (name == "resource") op.kind = Op::Kind::kResource;
    else if (name == "rootResource") op.kind = Op::Kind::kRootResource;
    else if (name == "ucum") return text("http://unitsofmeasure.org");
    else if (name == "sct") return text("http://snomed.info/sct");
    else if (name == "loinc") return text("http://loinc.org");
    else if (name.starts_with("vs-")) return text("http://hl7.org/fhir/ValueSet/" + name.substr(3));
    else if (name.starts_with("ext-")) return text("http://hl7.org/fhir/StructureDefinition/" + name.substr(4));
    else if (name_of_variable_unknown_ || std::find(variables_.begin(), variables_.end(), name) != variables_.end()) {
      op.kind = Op::Kind::kVariable;
      op.name = name;
    } else {
      return Refuse("path.unknown-variable", name);
    }
    return op;
  }

  // %factory.string('text', extension…). https://build.fhir.org/fhirpath.html#factory
  Result<Op> Factory(const Ast& call, const Types& outer, Types& types) {
    Op op;
    op.kind = Op::Kind::kFactory;
    op.name = call.text;
    op.made = definitions_.FindType(call.text);
    HEYI_TRY(takes, FactoryTakes(op.name, op.made, call.children.size()));
    size_t first = 0;
    if (takes == FactoryArguments::kType) {
      const std::optional<std::string> name = TypeNameIn(*call.children[0]);
      if (!name) return Refuse("path.unknown-type", fmt::format("the argument of {}()", call.text));
      HEYI_TRY(target, TargetOf(*name));
      if (target.fhir == nullptr) return Refuse("path.unknown-type", *name);
      op.made = target.fhir;
      first = 1;
    }
    for (; first < call.children.size(); ++first) {
      Types own = outer;
      HEYI_TRY(argument, Compile(*call.children[first], own));
      op.operands.push_back(std::move(argument));
    }
    types.reset();
    return op;
  }

  // Variables are seen to the end of the path that defines them.
  Result<base::Done> Define(const Ast& call) {
    const Ast& name = *call.children[0];
    if (name.kind != AstKind::kLiteral) {
      name_of_variable_unknown_ = true;
      return base::Done{};
    }
    const std::string text(name.literal.text());
    for (const std::string_view own : {"context", "resource", "rootResource", "ucum", "sct", "loinc", "factory"}) {
      if (text == own) return Refuse("path.semantic", fmt::format("%{} is defined already", text));
    }
    if (std::find(variables_.begin(), variables_.end(), text) != variables_.end()) {
      return Refuse("path.semantic", fmt::format("%{} is defined already", text));
    }
    variables_.push_back(text);
    return base::Done{};
  }

  Result<Op> Path(const Ast& ast, Types& types) {
    const size_t known = variables_.size();
    const bool unknown = name_of_variable_unknown_;
    Result<Op> op = PathSteps(ast, types);
    variables_.resize(known);
    name_of_variable_unknown_ = unknown;
    return op;
  }

  Result<Op> PathSteps(const Ast& ast, Types& types) {
    Op op;
    op.kind = Op::Kind::kPath;
    bool ordered = true;
    const Types outer = types;
    size_t next = HeadLength(ast);
    const Ast& first = *ast.children[0];
    if (next > 0) {
      op.implicit_focus = true;
      HEYI_TRY(head, TypeHead(ast.children[next - 1]->text, types));
      op.steps.push_back(std::move(head));
    } else if (first.kind == AstKind::kMember || first.kind == AstKind::kCall) {
      op.implicit_focus = true;
    } else if (first.kind == AstKind::kExternal && first.text == "factory" && ast.children.size() > 1 &&
               ast.children[1]->kind == AstKind::kCall) {
      HEYI_TRY(made, Factory(*ast.children[1], outer, types));
      op.operands.push_back(std::move(made));
      next = 2;
    } else {
      HEYI_TRY(operand, Compile(first, types));
      op.operands.push_back(std::move(operand));
      next = 1;
    }
    for (; next < ast.children.size(); ++next) {
      const Ast& step = *ast.children[next];
      if (options_.types == CompileOptions::Types::kStrict) HEYI_CHECK(CheckOrder(step, ordered));
      HEYI_CHECK(AddStep(step, outer, types, op));
    }
    return op;
  }

  // https://hl7.org/fhirpath/N1/#children: "the order of the children is undefined".
  static Result<base::Done> CheckOrder(const Ast& step, bool& ordered) {
    if (step.kind == AstKind::kCall && (step.text == "children" || step.text == "descendants")) ordered = false;
    bool by_position = step.kind == AstKind::kIndexer;
    for (const std::string_view name : {"first", "last", "tail", "skip", "take"}) {
      by_position = by_position || (step.kind == AstKind::kCall && step.text == name);
    }
    if (step.kind == AstKind::kCall && step.text == "sort") ordered = true;
    if (!ordered && by_position) return Refuse("path.semantic", "a position in what has no order");
    return base::Done{};
  }

  Result<Step> TypeHead(const std::string& name, Types& types) {
    Step step;
    step.kind = Step::Kind::kTypeHead;
    step.name = name;
    step.target.fhir = TypeNamed(name);
    if (options_.model == CompileOptions::Model::kNone) {
      types.reset();
      return step;
    }
    if (step.target.fhir == nullptr) return Refuse("path.unknown-type", name);
    const bool some = types && !types->empty();
    Narrow(step.target, types);
    if (checked() && some && types && types->empty()) {
      return Refuse("path.semantic", fmt::format("{} is not what the expression is evaluated on", name));
    }
    return step;
  }

  Result<base::Done> AddStep(const Ast& ast, const Types& outer, Types& types, Op& op) {
    Step step;
    step.name = ast.text;
    switch (ast.kind) {
      case AstKind::kMember: HEYI_CHECK(Member(step, types)); break;
      case AstKind::kIndexer: {
        step.kind = Step::Kind::kIndexer;
        Types own = outer;
        HEYI_TRY(position, Compile(*ast.children[0], own));
        step.arguments.push_back(std::move(position));
        break;
      }
      case AstKind::kAs: case AstKind::kIs: {
        HEYI_TRY(target, TargetOf(ast.text));
        AddTypeStep(ast.kind == AstKind::kIs ? "is" : "as", target, types, op);
        return base::Done{};
      }
      case AstKind::kCall: return AddCall(ast, outer, types, op);
      default: std::abort();  // see Compile
    }
    op.steps.push_back(std::move(step));
    return base::Done{};
  }

  Result<base::Done> Member(Step& step, Types& types) const {
    step.kind = Step::Kind::kMember;
    if (!types) return base::Done{};
    step.typed = true;
    std::vector<const Type*> after;
    bool exact = true;
    for (const Type* type : *types) {
      const Element* element = type->FindElement(step.name);
      if (element == nullptr) continue;
      AddOnce(step.elements, element);
      for (const Type* next : element->types) {
        exact = exact && IsExact(next);
        AddOnce(after, next);
      }
    }
    if (checked() && step.elements.empty() && !types->empty()) {
      return Refuse("path.semantic", fmt::format("{} has no element {}", types->front()->name, step.name));
    }
    types = exact ? Types(std::move(after)) : std::nullopt;
    return base::Done{};
  }

  // `name`: is, as or ofType.
  void AddTypeStep(std::string_view name, const TypeTarget& target, Types& types, Op& op) {
    const bool is = name == "is";
    const bool filters = name == "ofType" || options_.as == CompileOptions::As::kFilters;
    const bool after_resolve = is && !op.steps.empty() && op.steps.back().kind == Step::Kind::kCall &&
                               op.steps.back().name == "resolve" && target.fhir != nullptr;
    if (after_resolve) op.steps.pop_back();
    Step step;
    step.kind = after_resolve ? Step::Kind::kResolveIs
                : is          ? Step::Kind::kIs
                : filters     ? Step::Kind::kOfType
                              : Step::Kind::kAs;
    step.target = target;
    op.steps.push_back(std::move(step));
    if (is) types.reset();
    else Narrow(target, types);
  }

  Result<base::Done> AddCall(const Ast& ast, const Types& outer, Types& types, Op& op) {
    const Function* function = FindFunction(ast.text);
    if (function == nullptr) return Refuse("path.unknown-function", ast.text);
    const size_t count = ast.children.size();
    if (count < function->arguments_min || count > function->arguments_max) {
      return Refuse("path.arguments", fmt::format("{}() with {}", ast.text, count));
    }
    Step step;
    step.kind = Step::Kind::kCall;
    step.name = ast.text;
    step.function = function;
    if (function->takes == Function::Takes::kType) {
      const std::optional<std::string> name = TypeNameIn(*ast.children[0]);
      if (!name) return Refuse("path.unknown-type", fmt::format("the argument of {}()", ast.text));
      HEYI_TRY(target, TargetOf(*name));
      AddTypeStep(ast.text, target, types, op);
      return base::Done{};
    }
    for (size_t i = 0; i < ast.children.size(); ++i) {
      const Ast* child = ast.children[i].get();
      if (ast.text == "sort") {
        // Earlier drafts write `-key`; it means the same, also of what has no negative.
        const bool minus = child->kind == AstKind::kNegate;
        if (minus) child = child->children[0].get();
        step.descending.push_back(minus != (ast.operators[i] == "desc"));
      }
      const bool of_input = function->takes == Function::Takes::kItems ||
                            (function->takes == Function::Takes::kDefinition && !step.arguments.empty());
      Types own = of_input ? types : outer;
      if (function->takes == Function::Takes::kGrowingItems) own.reset();
      HEYI_TRY(argument, Compile(*child, own));
      step.arguments.push_back(std::move(argument));
    }
    step.regex = RegexOf(ast);
    if (function->takes == Function::Takes::kDefinition) {
      HEYI_CHECK(Define(ast));
      op.defines = true;
    }
    if (!function->keeps_type) types.reset();
    op.steps.push_back(std::move(step));
    return base::Done{};
  }

  // What is left of `types` behind a filter by type.
  static void Narrow(const TypeTarget& target, Types& types) {
    if (target.any) return;
    if (target.fhir == nullptr || target.system) {
      if (types && target.fhir == nullptr) types = std::vector<const Type*>();
      return;
    }
    if (types) {
      std::erase_if(*types, [&](const Type* type) { return !target.MatchesType(type); });
    } else if (target.fhir->is_resource()) {
      types = std::vector<const Type*>{target.fhir};
    }
  }

  // https://hl7.org/fhirpath/N1/#models: FHIR's names come before System's.
  const Type* TypeNamed(std::string_view name) const {
    const Type* beside = options_.types_beside ? options_.types_beside(name) : nullptr;
    return beside != nullptr ? beside : definitions_.FindType(name);
  }

  Result<TypeTarget> TargetOf(const std::string& name) {
    TypeTarget target;
    std::string_view local = name;
    const bool of_system = local.starts_with("System.");
    const bool of_fhir = local.starts_with("FHIR.");
    if (of_system || of_fhir) local.remove_prefix(local.find('.') + 1);
    if (!of_system) target.fhir = of_fhir ? definitions_.FindType(local) : TypeNamed(local);
    if (!of_fhir && (target.fhir == nullptr || local == "Quantity")) {
      target.system = SystemKindOf(local);
      target.any = of_system && local == "Any";
    }
    if (of_system && target.fhir == nullptr && !target.system && !target.any && definitions_.FindType(local)) {
      return target;  // System.Patient: there is none, so nothing is one
    }
    if (target.fhir == nullptr && !target.system && !target.any) return Refuse("path.unknown-type", name);
    return target;
  }

  const Definitions& definitions_;
  const CompileOptions& options_;
  std::vector<std::string> variables_;       // those that the place may name
  bool name_of_variable_unknown_ = false;    // one was defined whose name is known only when it runs
};

}  // namespace

namespace {

// A value of a plain tree, and R4's `id` and `Extension.url`, which its definitions type as System.String.
bool HasSystemType(Node node) {
  if (node.type() == nullptr) return true;
  const Property* property = node.property();
  return property != nullptr && (property->element->attribute || property->element->name == "id");
}

}  // namespace

bool TypeTarget::MatchesType(const Type* type) const {
  for (; type != nullptr; type = type->base) {
    if (type == fhir) return true;
  }
  return false;
}

bool TypeTarget::Matches(const PathValue& value) const {
  if (any) return true;
  if (value.kind() != PathValue::Kind::kNode) return system && value.kind() == *system;
  if (system && value.node() && HasSystemType(value.node()) && ScalarOf(value).kind == *system) return true;
  return fhir != nullptr && MatchesType(value.type());
}

Result<Op> CompilePath(const Ast& ast, const Definitions& definitions, const CompileOptions& options) {
  Types types;
  if (options.focus != nullptr && IsExact(options.focus)) types = std::vector<const Type*>{options.focus};
  return Compiler(definitions, options).Compile(ast, types);
}

const Type* HeadTypeOf(const Ast& ast, const Definitions& definitions) {
  const Ast* path = &ast;
  while (path->kind == AstKind::kPath) {
    const size_t length = HeadLength(*path);
    if (length > 0) return definitions.FindType(path->children[length - 1]->text);
    path = path->children[0].get();
  }
  return nullptr;
}

}  // namespace heyi::fhir
