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

base::Result<Expression> Expression::Compile(std::string_view text, const Definitions& definitions) {
  HEYI_TRY(ast, ParsePath(text));
  HEYI_TRY(op, CompilePath(*ast, definitions));
  return Expression(std::make_unique<Program>(Program{std::string(text), &definitions, std::move(op)}));
}

base::Result<Collection> Expression::Evaluate(Node focus, const EvalContext& context, const EvalLimits& limits) const {
  return Evaluator(*program_->definitions, focus, context, limits).Run(program_->op);
}

const std::string& Expression::text() const { return program_->text; }

}  // namespace heyi::fhir
