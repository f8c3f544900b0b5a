// The parts that statements of a map are made of: sources, lists, lenses, guards.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "mapping/pair/program.h"

namespace heyi::mapping {

using Tokens = std::vector<std::string>;

class OperandReader {
 public:
  OperandReader(const CodeTables& tables, const MapProgram& program, base::Outcome& outcome)
      : tables_(tables), program_(program), outcome_(outcome) {}

  // The line that is read now, and the list whose items its fields belong to; empty = the record.
  void At(std::string place, std::string each) {
    place_ = std::move(place);
    each_ = std::move(each);
  }

  // "literal", %let, envelope.FIELD, /FIELD (of the record), FIELD (of the item, where there is one); FIELD: a FieldPath
  std::optional<Source> ReadSource(std::string_view token, const adapters::LogicalModel* model);

  // "name[]" -> "name", a list of the model.
  bool ReadListName(std::string_view token, const adapters::LogicalModel* model, std::string& name);

  // ": LENS" at `at`, which is moved behind it.
  bool ReadLens(const Tokens& t, size_t& at, Lens& lens);

  // "when SUBJECT exists|missing" or "when SUBJECT =|!= VALUE…", up to the end of the line. Where `at` is no `when`,
  // nothing is read.
  void ReadGuard(const Tokens& t, size_t& at, Direction direction, const fhir::Type& type, std::optional<Guard>& guard);

  void Fail(std::string_view rule, std::string_view detail) { outcome_.Add(rule, place_, detail); }

 private:
  bool UseTable(const std::string& name, Lens& lens);
  bool UseWithin(const std::string& token, Lens& lens);

  const CodeTables& tables_;
  const MapProgram& program_;
  base::Outcome& outcome_;
  std::string place_;
  std::string each_;
};

}  // namespace heyi::mapping
