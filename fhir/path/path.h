// FHIRPath: compile once, evaluate many times. https://hl7.org/fhirpath/N1/ and https://hl7.org/fhir/R4/fhirpath.html
//
// Evaluation neither recurses on data nor does I/O; what it needs from outside (time, other resources, terminology)
// comes in by EvalContext. A step budget ends what would not end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "fhir/model/tree.h"

namespace heyi::fhir {

// One item of a FHIRPath collection: a place in a resource, or a computed value of a System type.
class PathValue {
 public:
  enum class Kind : uint8_t { kNode, kBoolean, kString, kInteger, kDecimal, kDate, kDateTime, kTime, kQuantity };

  static PathValue OfNode(Node node);                                 // a member's value or a list's item
  static PathValue OfNode(Node node, Node underscore);                // a primitive with its id and extensions
  static PathValue OfBoolean(bool value);
  static PathValue OfText(Kind kind, std::string text, std::string unit = {});  // number and date text as written

  Kind kind() const { return kind_; }
  Node node() const { return node_; }              // kNode; may be false-y where only `_name` exists
  Node underscore() const { return underscore_; }  // kNode: the `_name` sibling, or false-y
  const Type* type() const;                        // kNode: FHIR type; else null
  std::string_view text() const;                   // of a primitive node or a computed value
  const std::string& unit() const { return unit_; }

 private:
  Kind kind_ = Kind::kNode;
  Node node_;
  Node underscore_;
  std::string text_;
  std::string unit_;
};

using Collection = std::vector<PathValue>;

// What an expression may ask of the world.
class EvalContext {
 public:
  virtual ~EvalContext() = default;
  virtual base::TimeMs NowMs() const = 0;
  // The type name of what a reference points to, without fetching it where the reference itself says so
  // ("Patient/1" -> "Patient"); nullopt where it cannot be known. `resolve() is T` needs only this.
  virtual std::optional<std::string> TypeOfReference(std::string_view reference, Node from) const = 0;
  // The resource itself (contained, in the Bundle, stored); nullptr where not to be had. Lives as long as the context.
  virtual const Tree* Resolve(std::string_view reference, Node from) const = 0;
  virtual std::optional<bool> MemberOf(Node coded, std::string_view value_set) const = 0;
};

// Resolves nothing but what the reference text and `contained` tell; time stands still at `now_ms`.
class LocalEvalContext : public EvalContext {
 public:
  explicit LocalEvalContext(base::TimeMs now_ms) : now_ms_(now_ms) {}
  base::TimeMs NowMs() const override { return now_ms_; }
  std::optional<std::string> TypeOfReference(std::string_view reference, Node from) const override;
  const Tree* Resolve(std::string_view reference, Node from) const override;
  std::optional<bool> MemberOf(Node coded, std::string_view value_set) const override;

 private:
  base::TimeMs now_ms_;
};

struct EvalLimits {
  uint64_t steps_max = 1'000'000;
  size_t items_max = 200'000;
};

class Expression {
 public:
  // `definitions` outlives the expression and are those that the trees it is evaluated on were made with.
  //   errors  kInvalid: path.syntax at a position, path.unknown-function, path.unknown-type, path.unknown-variable,
  //           path.arguments (too few, too many), path.too-costly (over 64 KiB, nested deeper than 64)
  static base::Result<Expression> Compile(std::string_view text, const Definitions& definitions);

  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  // errors  kInvalid path.too-costly over the budget; path.execution for what the specification calls an error
  base::Result<Collection> Evaluate(Node focus, const EvalContext& context, const EvalLimits& limits = {}) const;

  const std::string& text() const;

 private:
  struct Program;
  explicit Expression(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

}  // namespace heyi::fhir
