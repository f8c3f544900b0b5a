// FHIRPath: compile once, evaluate many times. https://hl7.org/fhirpath/N1/ and https://hl7.org/fhir/R4/fhirpath.html
//
// Evaluation neither recurses on data nor does I/O; what it needs from outside (time, other resources, terminology)
// comes in by EvalContext. A step budget ends what would not end.
#pragma once

#include <cstdint>
#include <functional>
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

class Budget;

// One item of a FHIRPath collection: a place in a resource, or a computed value of a System type.
class PathValue {
 public:
  // kType is what type() gives: its text the type's name, its unit the name space.
  enum class Kind : uint8_t {
    kNode, kBoolean, kString, kInteger, kDecimal, kDate, kDateTime, kTime, kQuantity, kLong, kType
  };

  static PathValue OfNode(Node node);                                 // a member's value or a list's item
  static PathValue OfNode(Node node, Node underscore);                // a primitive with its id and extensions
  static PathValue OfMade(std::shared_ptr<const Tree> tree, Node node, Node underscore);  // of a tree of its own
  static PathValue OfBoolean(bool value);
  static PathValue OfText(Kind kind, std::string text, std::string unit = {});  // number and date text as written

  Kind kind() const { return kind_; }
  // kNode; may be false-y where only `_name` exists
  Node node() const { return node_ == kNoNode ? Node() : Node(tree_, node_); }
  // kNode: the `_name` sibling, or false-y
  Node underscore() const { return underscore_ == kNoNode ? Node() : Node(tree_, underscore_); }
  const Type* type() const;                        // kNode: FHIR type; else null
  std::string_view text() const;                   // of a primitive node or a computed value
  const std::string& unit() const;
  const std::shared_ptr<const Tree>& made_in() const;  // what keeps a made node alive; null for all else

  // Of a quantity: its unit is UCUM's year, month … as FHIR writes calendar durations, so that it is either.
  bool calendar_or_ucum() const { return calendar_or_ucum_; }
  void set_calendar_or_ucum(bool either) { calendar_or_ucum_ = either; }

 private:
  struct Rest {  // what few items have
    std::string unit;
    std::shared_ptr<const Tree> made_in;
  };

  Kind kind_ = Kind::kNode;
  bool calendar_or_ucum_ = false;
  const Tree* tree_ = nullptr;
  NodeIndex node_ = kNoNode;
  NodeIndex underscore_ = kNoNode;
  std::string text_;
  std::shared_ptr<const Rest> rest_;
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

  // ---- what a validator or a terminology can add; without an answer the functions give an empty collection ----
  // conformsTo(): of a resource or element, and the canonical of a profile.
  virtual std::optional<bool> ConformsTo(const PathValue& item, std::string_view profile) const;
  // subsumes(): whether the Coding or CodeableConcept `general` is the same as `specific` or above it.
  virtual std::optional<bool> Subsumes(Node general, Node specific) const;
  // elementDefinition(): the ElementDefinition that describes the item; false-y where there is none.
  virtual Node ElementDefinitionOf(const PathValue& item) const;
  // slice(): whether the item is in that slice of that structure.
  virtual std::optional<bool> InSlice(const PathValue& item, std::string_view structure, std::string_view name) const;
  // %name of those that CompileOptions::variables names; nullptr counts as empty. Lives as long as the context.
  virtual const Collection* Variable(std::string_view name) const;
  // %resource (and where %rootResource starts) of an expression that is evaluated now, where it is not the resource around
  // the focus: an invariant that a Bundle's profile states on Bundle.entry.resource is about the Bundle. False-y: around.
  virtual Node ResourceInScope() const { return {}; }
  // trace(): told what passed; the evaluation goes on with it.
  virtual void Trace(std::string_view name, const Collection& items) const;
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
  Budget* shared = nullptr;  // what several evaluations may spend together, of which each takes what it used
};

// How an expression is to be read.
struct CompileOptions {
  // How `as` and as() take several items: an error, as the specification says, or a filter, as R4's own search
  // parameters and invariants need ("(Observation.value as Quantity)" of dates, "descendants().as(canonical)" in dom-3).
  enum class As : uint8_t { kOneItem, kFilters };
  // kChecked: a member that none of the possible types of a place has is an error (path.semantic) and not just empty.
  // kStrict: so is taking items by position from what has no order.
  enum class Types : uint8_t { kAsTheyCome, kChecked, kStrict };

  // kNone: for trees that no model describes (fhir/path/plain_tree.h); a capital at the head of a path is then the
  // root's `resourceType` or a member.
  enum class Model : uint8_t { kFhir, kNone };

  As as = As::kOneItem;
  Types types = Types::kAsTheyCome;
  Model model = Model::kFhir;
  const Type* focus = nullptr;                 // the type of what it will be evaluated on, where that is known
  std::vector<std::string> variables = {};     // that EvalContext::Variable knows
  // Types of models beside the definitions, by name; they go before those. Null for what it does not know.
  std::function<const Type*(std::string_view)> types_beside = {};
};

class Expression {
 public:
  // `definitions` outlives the expression and are those that the trees it is evaluated on were made with.
  //   errors  kInvalid: path.syntax at a position, path.unknown-function, path.unknown-type, path.unknown-variable,
  //           path.arguments (too few, too many), path.too-costly (over 64 KiB, nested deeper than 64)
  //           with Types::kChecked also path.semantic
  static base::Result<Expression> Compile(std::string_view text, const Definitions& definitions,
                                          const CompileOptions& options = {});

  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  // errors  kInvalid path.too-costly over the budget; path.execution for what the specification calls an error
  base::Result<Collection> Evaluate(Node focus, const EvalContext& context, const EvalLimits& limits = {}) const;
  // On an item, so also on a primitive with its extensions. %resource is the nearest resource around it, %rootResource
  // what contains that. A computed item is in no resource.
  base::Result<Collection> Evaluate(const PathValue& focus, const EvalContext& context,
                                    const EvalLimits& limits = {}) const;
  // The same as a condition, what invariants are: nullopt where it gives nothing; a single item that is no boolean
  // counts as true.
  base::Result<std::optional<bool>> EvaluateCondition(const PathValue& focus, const EvalContext& context,
                                                      const EvalLimits& limits = {}) const;

  const std::string& text() const;

 private:
  struct Program;
  explicit Expression(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

}  // namespace heyi::fhir
