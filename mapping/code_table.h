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
  enum class Way : uint8_t { kBoth, kIn, kOut };  // `->`: into FHIR only; `<-`: out of FHIR only
  std::string department_code;
  std::string fhir_code;
  std::string display;      // may be empty
  Way way = Way::kBoth;
};

class CodeTable {
 public:
  // One row a department code on the way in, one row a FHIR code on the way out: rows that share a code are marked for
  // one way, so that no reader has to guess which of them counts ("1 male ->" beside "M male").
  CodeTable(std::string name, std::string system, std::vector<CodeRow> rows);
  const std::string& name() const { return name_; }
  const std::string& system() const { return system_; }  // of the FHIR codes; empty for plain code elements
  const std::vector<CodeRow>& rows() const { return rows_; }
  const CodeRow* ToFhir(std::string_view department_code) const;
  const CodeRow* ToDepartment(std::string_view fhir_code) const;

 private:
  std::string name_, system_;
  std::vector<CodeRow> rows_;
};

class CodeTables {
 public:
  // The built-in ones.   errors  kInvalid map.syntax, map.table-ambiguous with file:line
  static base::Result<CodeTables> Load();
  const CodeTable* Find(std::string_view name) const;

  // One table, from its text.
  static base::Result<CodeTable> Read(std::string_view file_name, std::string_view text);

 private:
  std::unordered_map<std::string, CodeTable> tables_;
};

}  // namespace heyi::mapping
