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
struct MapValue {
  fhir::Collection items;
  fhir::NodeIndex target = fhir::kNoNode;

  bool empty() const { return items.empty(); }
  bool is_target() const { return target != fhir::kNoNode; }
};

using MapFrame = std::vector<MapValue>;

class MapRunner {
 public:
  // All outlive it.
  MapRunner(const MapProgram& program, const MapRunOptions& options);

  base::Result<MapAnswer> Run(std::span<const fhir::Node> sources);

  // ---- for the transforms ----
  const MapProgram& program() const { return program_; }
  const MapRunOptions& options() const { return options_; }
  MapWorkspace& workspace() { return workspace_; }
  base::Result<fhir::Collection> Evaluate(const MapExpression& expression, const fhir::PathValue& focus, const MapFrame& frame);
  base::Result<MapValue> ParameterValue(const MapParameter& parameter, const MapFrame& frame);
  MapValue ValueOf(fhir::NodeIndex target) { return {{fhir::PathValue::OfNode(workspace_.At(target))}, target}; }
  static MapValue ValueOf(fhir::PathValue item) { return {{std::move(item)}, fhir::kNoNode}; }
  std::string NextUuid();
  // "Patient/1" of a resource; one without an id gets one where it may.
  base::Result<std::string> ReferenceTo(const MapValue& value);
  // The type of an item, R4's for a computed one; null where none is known.
  const fhir::Type* TypeOf(const fhir::PathValue& item) const;

 private:
  class Context;
  friend class Context;

  base::Result<base::Done> RunGroup(const MapGroup& group, MapFrame inputs);
  base::Result<base::Done> RunRule(const MapRule& rule, MapFrame& frame);
  base::Result<base::Done> RunSources(const MapRule& rule, MapFrame& frame, size_t at);
  base::Result<fhir::Collection> SourceItems(const MapRule& rule, const MapSourceStep& source, MapFrame& frame, std::vector<fhir::NodeIndex>& places);
  base::Result<base::Done> Navigate(const fhir::PathValue& from, std::string_view name, fhir::Collection& out);
  base::Result<base::Done> Filter(const MapRule& rule, const MapSourceStep& source, MapFrame& frame, const fhir::PathValue& context,
                                  fhir::Collection& items);
  base::Result<base::Done> RunTargets(const MapRule& rule, MapFrame& frame, size_t at);
  base::Result<std::vector<MapValue>> TargetValues(const MapRule& rule, const MapTargetStep& target, MapFrame& frame);
  base::Result<base::Done> FillByDefault(const MapRule& rule, const MapTargetStep& target, const MapFrame& frame, const MapValue& made);
  base::Result<base::Done> RunIdentity(const MapRule& rule, MapFrame& frame);
  base::Result<base::Done> RunDependents(const MapRule& rule, MapFrame& frame);
  base::Result<base::Done> RunCall(const MapCall& call, const MapFrame& frame);
  base::Result<const MapValue*> Constant(size_t index);

  // ---- assign.cc ----
  // The place that `steps` but the last lead to, made where it is missing.
  base::Result<fhir::NodeIndex> PlaceOf(const MapTargetStep& target, fhir::NodeIndex context, const MapRule& rule);
  // Makes what an element without a transform is.
  base::Result<MapValue> MakeElement(const MapTargetStep& target, fhir::NodeIndex object, std::string_view name, const MapRule& rule);
  base::Result<MapValue> MakeTyped(const fhir::Type* type, const MapTargetStep& target, fhir::NodeIndex object, std::string_view name,
                                   const MapRule& rule);
  // Puts a value where the target says; what is there now comes back.
  base::Result<MapValue> Assign(const MapTargetStep& target, fhir::NodeIndex object, std::string_view name, const MapValue& value,
                                const MapRule& rule);
  base::Result<MapValue> AssignWhole(const MapTargetStep& target, fhir::NodeIndex object, const MapValue& value);
  base::Result<fhir::NodeIndex> Loose(const fhir::Property& property, const MapValue& value, const MapTargetStep& target);
  base::Result<fhir::NodeIndex> Wrapped(const fhir::Property& property, const fhir::PathValue& item, const MapTargetStep& target);
  const fhir::Property* Choose(fhir::NodeIndex object, const fhir::Property& property, const fhir::PathValue& item) const;
  std::optional<fhir::NodeIndex> Shared(const MapTargetStep& target, fhir::NodeIndex object, std::string_view name);
  void Share(const MapTargetStep& target, fhir::NodeIndex object, fhir::NodeIndex made);
  bool IsPrimitivePlace(fhir::NodeIndex node) const;

  base::Error Fail(std::string_view rule_id, const std::string& place, std::string_view detail) const;
  // An error of a transform or of FHIRPath, told where it came up.
  base::Error At(base::Error error, const std::string& place) const;
  base::Result<base::Done> Spend(uint64_t steps);

  const MapProgram& program_;
  const MapRunOptions& options_;
  MapWorkspace workspace_;
  fhir::Budget budget_;
  std::map<std::pair<fhir::NodeIndex, std::string>, fhir::NodeIndex> shared_;
  std::vector<std::optional<MapValue>> constants_;
  std::vector<bool> evaluating_;  // constants, so that a circle is found
  std::vector<fhir::NodeIndex> created_;  // by create() without a place
  std::vector<std::string> log_;
  const MapRule* rule_ = nullptr;  // that runs, for what is told of it
  size_t depth_ = 0;
  uint64_t uuids_ = 0;
};

}  // namespace heyi::mapping
