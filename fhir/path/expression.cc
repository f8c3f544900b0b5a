// Expression: the public face of parser, compiler and evaluator.
#include "fhir/path/evaluator.h"
#include "fhir/path/parser.h"
#include "fhir/path/path.h"
#include "fhir/path/program.h"

namespace heyi::fhir {

struct Expression::Program {
  std::string text;
  const Definitions* definitions;
  Op op;
};

Expression::Expression(std::unique_ptr<Program> program) : program_(std::move(program)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

base::Result<Expression> Expression::Compile(std::string_view text, const Definitions& definitions,
                                             const CompileOptions& options) {
  HEYI_TRY(ast, ParsePath(text));
  HEYI_TRY(op, CompilePath(*ast, definitions, options));
  return Expression(std::make_unique<Program>(Program{std::string(text), &definitions, std::move(op)}));
}

base::Result<Collection> Expression::Evaluate(Node focus, const EvalContext& context, const EvalLimits& limits) const {
  return Evaluate(PathValue::OfNode(focus), context, limits);
}

base::Result<Collection> Expression::Evaluate(const PathValue& focus, const EvalContext& context,
                                              const EvalLimits& limits) const {
  return Evaluator(*program_->definitions, focus, context, limits).Run(program_->op);
}

base::Result<std::optional<bool>> Expression::EvaluateCondition(const PathValue& focus, const EvalContext& context,
                                                                const EvalLimits& limits) const {
  return Evaluator(*program_->definitions, focus, context, limits).RunCondition(program_->op);
}

// ---- a world that knows nothing ----
std::optional<bool> EvalContext::ConformsTo(const PathValue&, std::string_view) const { return std::nullopt; }
std::optional<bool> EvalContext::Subsumes(Node, Node) const { return std::nullopt; }
Node EvalContext::ElementDefinitionOf(const PathValue&) const { return {}; }
std::optional<bool> EvalContext::InSlice(const PathValue&, std::string_view, std::string_view) const {
  return std::nullopt;
}
const Collection* EvalContext::Variable(std::string_view) const { return nullptr; }
void EvalContext::Trace(std::string_view, const Collection&) const {}

const std::string& Expression::text() const { return program_->text; }

}  // namespace heyi::fhir
