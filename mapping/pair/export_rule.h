// The rules of an exported map while they are written: ways to places as chains of targets, names, remarks.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapping/pair/program.h"
#include "mapping/pair/to_structure_map.h"

namespace heyi::mapping {

// Adds targets to one rule. Every item that several rules fill is shared by a name that follows from its selector.
class TargetChain {
 public:
  explicit TargetChain(StructureMap::Rule& rule, std::string_view from) : rule_(rule), at_(from) {}

  const std::string& at() const { return at_; }  // the variable of what was reached

  // Through all steps, the last one included (an object then), or all but the last.
  void Walk(const FhirPath& path, bool whole);
  void WalkFields(const FieldPath& field);  // all but the last

  void Enter(std::string_view element, std::string_view share);          // an object below
  void EnterItem(std::string_view element, const std::string& variable);  // a new item of a list

  void Put(const FhirPath& path, const StructureMap::Parameter& value);  // the last step of a path to a primitive
  void Put(std::string_view element, const StructureMap::Parameter& value);
  void Translate(std::string_view element, const std::string& variable, const std::string& table);
  void TranslateLast(const FhirPath& path, const std::string& variable, const std::string& table);

  // A value that only a variable names.
  void Evaluate(const std::string& expression, const std::string& variable);

 private:
  StructureMap::Target& Add(std::string_view element);
  void Step(const PathStep& step);
  void Hold(const PathStep& step);

  StructureMap::Rule& rule_;
  std::string at_;
  size_t made_ = 0;
};

StructureMap::Parameter NameParameter(std::string_view variable);
StructureMap::Parameter TextParameter(std::string_view text);
// As the place has it: "true" for a boolean.
StructureMap::Parameter LiteralFor(const fhir::Type& type, std::string_view text);

// "identifierUscc": what rules of one item share.
std::string ShareName(std::string_view element, const std::vector<std::pair<std::string, std::string>>& conditions);

// The program with resources whose names neither clash with the export's own variables and groups nor break R4's ids.
MapProgram WithExportNames(MapProgram program);

// What both ways of the export hold: names of rules, what is not said, code tables.
class ExportNotes {
 public:
  explicit ExportNotes(const MapProgram& program) : program_(program) {}

  std::string RuleId(int line);                        // "line12", "line12.2" …
  std::string Remark(int line) const;                  // "civil/ELDER.map:12"
  void Unsaid(int line, std::string reason) { not_said_.insert({line, std::move(reason)}); }
  std::vector<NotSaid> not_said() const;

  // The ids of the tables' ConceptMaps, which are put into `map` once.
  std::string UseTable(const CodeTable& table, bool inward);
  std::string UseDisplays(const CodeTable& table);     // department's code -> display
  void Finish(StructureMap& map, std::string_view way) const;

 private:
  const MapProgram& program_;
  std::map<int, int> used_;
  std::set<std::pair<int, std::string>> not_said_;
  std::vector<StructureMap::ContainedMap> contained_;
};

}  // namespace heyi::mapping
