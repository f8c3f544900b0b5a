// A map made ready to run: names are slots, types and groups are looked up, FHIRPath is compiled.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/path/path.h"
#include "mapping/fml/concept_table.h"
#include "mapping/fml/models.h"
#include "mapping/fml/structure_map.h"

namespace heyi::mapping {

inline constexpr size_t kNoSlot = SIZE_MAX;

struct FmlExpression {
  std::string text;  // as the map has it
  std::unique_ptr<fhir::Expression> path;
  std::vector<std::pair<std::string, size_t>> slots;      // variables by PathVariable: of the group's frame
  std::vector<std::pair<std::string, size_t>> constants;  // by name: of the program
  bool names_members = false;  // see PathText
};

enum class FmlTransform : uint8_t {
  kNone, kCreate, kCopy, kTruncate, kEscape, kCast, kAppend, kTranslate, kReference, kPointer, kDateOp, kToDate,
  kToDateTime, kToTime, kUnixToDate, kUnixToDateTime, kUnixToTime, kUuid, kEvaluate, kCc, kC, kQty, kId, kCp
};

struct FmlParameter {
  enum class Kind : uint8_t { kSlot, kConstant, kLiteral, kExpression };
  Kind kind = Kind::kLiteral;
  size_t index = 0;         // kSlot, kConstant
  fhir::Collection literal; // one item
  FmlExpression expression;
};

struct FmlSourceStep {
  size_t context = kNoSlot;     // a slot, or
  size_t constant = kNoSlot;    // a constant
  std::vector<std::string> steps;
  std::string type_name;        // of the filter; empty = none
  const fhir::Type* type = nullptr;
  uint32_t min = 0;
  uint32_t max = UINT32_MAX;
  std::optional<FmlExpression> default_value, condition, check, log;
  std::optional<StructureMap::SourceListMode> list_mode;
  size_t variable = 0;          // has a slot also where it has no name
  std::string place;            // file:line:column
};

struct FmlTargetStep {
  size_t context = kNoSlot;
  std::vector<std::string> steps;
  FmlTransform transform = FmlTransform::kNone;
  std::vector<FmlParameter> parameters;
  const fhir::Type* type = nullptr;  // of create and cast, where a literal names it
  std::string type_name;
  const ConceptTable* table = nullptr;  // of translate, where a literal names it
  std::optional<StructureMap::TargetListMode> list_mode;
  std::string share;
  size_t variable = kNoSlot;
  std::string place;
};

struct FmlGroup;

struct FmlCall {
  const FmlGroup* group = nullptr;
  std::vector<FmlParameter> parameters;
  std::string place;
};

struct FmlRule {
  std::string name;   // as written, or the place
  std::string place;
  std::vector<FmlSourceStep> sources;
  std::vector<FmlTargetStep> targets;
  std::vector<FmlCall> calls;
  std::vector<FmlRule> rules;
  bool identity = false;  // nothing is said of how the one element becomes the other
};

struct FmlGroupInput {
  std::string name;
  StructureMap::InputMode mode = StructureMap::InputMode::kSource;
  const fhir::Type* type = nullptr;  // null = not said
};

struct FmlGroup {
  std::string name;
  const StructureMap* map = nullptr;
  std::vector<FmlGroupInput> inputs;  // slots 0, 1, 2 …
  size_t slots = 0;
  const FmlGroup* base = nullptr;     // its rules run first
  std::vector<size_t> base_inputs;    // which of our slots each of its inputs is
  std::vector<FmlRule> rules;
};

struct FmlConstant {
  std::string name;
  FmlExpression expression;
  std::string place;
};

struct FmlProgram {
  FmlProgram(const fhir::Definitions& definitions_in, const FmlSource& source) : definitions(definitions_in),
      models(definitions_in, source) {}

  const FmlGroup* DefaultFor(const fhir::Type* source, const fhir::Type* target) const {
    const auto found = by_types.find({source, target});
    return found == by_types.end() ? nullptr : found->second;
  }
  const FmlGroup* DefaultFor(const fhir::Type* source) const {  // of type+ alone
    const auto found = by_source.find(source);
    return found == by_source.end() ? nullptr : found->second;
  }

  const fhir::Definitions& definitions;
  FmlModels models;
  std::vector<std::shared_ptr<const StructureMap>> maps;  // the first is the one that is run
  std::vector<std::unique_ptr<FmlGroup>> groups;
  std::vector<FmlConstant> constants;
  std::map<std::string, std::unique_ptr<ConceptTable>> tables;
  std::map<std::pair<const fhir::Type*, const fhir::Type*>, const FmlGroup*> by_types;
  std::map<const fhir::Type*, const FmlGroup*> by_source;
  const FmlGroup* entry = nullptr;
};

}  // namespace heyi::mapping
