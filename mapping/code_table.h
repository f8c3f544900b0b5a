// Code tables: a department's codes beside FHIR's, read both ways. mapping/tables/*.tsv, built in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace heyi::mapping {

struct CodeRow {
  std::string department_code;
  std::string fhir_code;
  std::string display;      // may be empty
};

class CodeTable {
 public:
  // Several rows may share a FHIR code; the first of them is the way back ("1 -> male" and "M -> male").
  CodeTable(std::string name, std::string system, std::vector<CodeRow> rows);
  const std::string& name() const { return name_; }
  const std::string& system() const { return system_; }  // of the FHIR codes; empty for plain code elements
  const CodeRow* ToFhir(std::string_view department_code) const;
  const CodeRow* ToDepartment(std::string_view fhir_code) const;

 private:
  std::string name_, system_;
  std::vector<CodeRow> rows_;
};

class CodeTables {
 public:
  static base::Result<CodeTables> Load();  // the built-in ones
  const CodeTable* Find(std::string_view name) const;

 private:
  std::unordered_map<std::string, CodeTable> tables_;
};

}  // namespace heyi::mapping
