// One run of a compiled map.
//
// Recursion follows rules in rules and groups that call groups; depth_ bounds both together.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "fhir/path/budget.h"
#include "mapping/fml/engine.h"
#include "mapping/fml/program.h"
#include "mapping/fml/workspace.h"

namespace heyi::mapping {

// What a variable holds: at most one item, and where that is a target's, its place.
struct FmlValue {
  fhir::Collection items;
  fhir::NodeIndex target = fhir::kNoNode;

  bool empty() const { return items.empty(); }
  bool is_target() const { return target != fhir::kNoNode; }
};

using FmlFrame = std::vector<FmlValue>;

class FmlRunner {
 public:
  // All outlive it.
  FmlRunner(const FmlProgram& program, const FmlRunOptions& options);

  base::Result<FmlAnswer> Run(std::span<const fhir::Node> sources);

  // ---- for the transforms ----
  const FmlProgram& program() const { return program_; }
  const FmlRunOptions& options() const { return options_; }
  FmlWorkspace& workspace() { return workspace_; }
  base::Result<fhir::Collection> Evaluate(const FmlExpression& expression, const fhir::PathValue& focus,
      const FmlFrame& frame);
  base::Result<FmlValue> ParameterValue(const FmlParameter& parameter, const FmlFrame& frame);
  FmlValue ValueOf(fhir::NodeIndex target) { return {{fhir::PathValue::OfNode(workspace_.At(target))}, target}; }
  static FmlValue ValueOf(fhir::PathValue item) { return {{std::move(item)}, fhir::kNoNode}; }
  std::string NextUuid();
  // "Patient/1" of a resource; one without an id gets one where it may.
  base::Result<std::string> ReferenceTo(const FmlValue& value);
  // The type of an item, R4's for a computed one; null where none is known.
  const fhir::Type* TypeOf(const fhir::PathValue& item) const;

 private:
  class Context;
  friend class Context;

  base::Result<base::Done> RunGroup(const FmlGroup& group, FmlFrame inputs);
  base::Result<base::Done> RunRule(const FmlRule& rule, FmlFrame& frame);
  base::Result<base::Done> RunSources(const FmlRule& rule, FmlFrame& frame, size_t at);
  base::Result<fhir::Collection> SourceItems(const FmlSourceStep& source, FmlFrame& frame,
      std::vector<fhir::NodeIndex>& places);
  base::Result<base::Done> Navigate(const fhir::PathValue& from, std::string_view name, fhir::Collection& out);
  base::Result<base::Done> Filter(const FmlSourceStep& source, FmlFrame& frame, const fhir::PathValue& context,
      fhir::Collection& items);
  base::Result<base::Done> RunTargets(const FmlRule& rule, FmlFrame& frame, size_t at);
  base::Result<std::vector<FmlValue>> TargetValues(const FmlRule& rule, const FmlTargetStep& target, FmlFrame& frame);
  base::Result<base::Done> FillByDefault(const FmlRule& rule, const FmlTargetStep& target, const FmlFrame& frame,
      const FmlValue& made);
  base::Result<base::Done> RunIdentity(const FmlRule& rule, FmlFrame& frame);
  base::Result<base::Done> RunDependents(const FmlRule& rule, FmlFrame& frame);
  base::Result<base::Done> RunCall(const FmlCall& call, const FmlFrame& frame);
  base::Result<const FmlValue*> Constant(size_t index);

  // ---- assign.cc ----
  // The place that `steps` but the last lead to, made where it is missing.
  base::Result<fhir::NodeIndex> PlaceOf(const FmlTargetStep& target, fhir::NodeIndex context, const FmlRule& rule);
  // Makes what an element without a transform is.
  base::Result<FmlValue> MakeElement(const FmlTargetStep& target, fhir::NodeIndex object, std::string_view name,
      const FmlRule& rule);
  base::Result<FmlValue> MakeTyped(const fhir::Type* type, const FmlTargetStep& target, fhir::NodeIndex object,
      std::string_view name,
                                   const FmlRule& rule);
  // Puts a value where the target says; what is there now comes back.
  base::Result<FmlValue> Assign(const FmlTargetStep& target, fhir::NodeIndex object, std::string_view name,
      const FmlValue& value,
                                const FmlRule& rule);
  base::Result<FmlValue> AssignWhole(const FmlTargetStep& target, fhir::NodeIndex object, const FmlValue& value);
  base::Result<fhir::NodeIndex> Loose(const fhir::Property& property, const FmlValue& value,
      const FmlTargetStep& target);
  base::Result<fhir::NodeIndex> Wrapped(const fhir::Property& property, const fhir::PathValue& item,
      const FmlTargetStep& target);
  const fhir::Property* Choose(fhir::NodeIndex object, const fhir::Property& property,
      const fhir::PathValue& item) const;
  std::optional<fhir::NodeIndex> Shared(const FmlTargetStep& target, fhir::NodeIndex object, std::string_view name);
  void Share(const FmlTargetStep& target, fhir::NodeIndex object, fhir::NodeIndex made);
  bool IsPrimitivePlace(fhir::NodeIndex node) const;

  base::Error Fail(std::string_view rule_id, const std::string& place, std::string_view detail) const;
  // An error of a transform or of FHIRPath, told where it came up.
  base::Error At(base::Error error, const std::string& place) const;
  base::Result<base::Done> Spend(uint64_t steps);
  base::Result<base::Done> SpendOn(const fhir::PathValue& item);

  const FmlProgram& program_;
  const FmlRunOptions& options_;
  FmlWorkspace workspace_;
  fhir::Budget budget_;
  std::map<std::pair<fhir::NodeIndex, std::string>, fhir::NodeIndex> shared_;
  std::vector<std::optional<FmlValue>> constants_;
  std::vector<bool> evaluating_;  // constants, so that a circle is found
  std::vector<fhir::NodeIndex> created_;  // by create() without a place
  std::vector<std::string> log_;
  const FmlRule* rule_ = nullptr;  // that runs, for what is told of it
  size_t depth_ = 0;
  uint64_t uuids_ = 0;
};

}  // namespace heyi::mapping
