// Grammar of mapping/tables/<name>.tsv:
//   # system <uri>          the system of the FHIR codes; without it they are codes of a plain element
//   # …                     a remark
//   department code <TAB> FHIR code <TAB> display or -
#include "mapping/code_table.h"

#include <fmt/format.h>

#include "base/text.h"
#include "mapping/embedded.h"

namespace heyi::mapping {
namespace {

constexpr std::string_view kFolder = "tables/";
constexpr std::string_view kEnding = ".tsv";
constexpr std::string_view kSystemMark = "# system ";

base::Result<CodeTable> ReadTable(const EmbeddedFile& file) {
  std::string system;
  std::vector<CodeRow> rows;
  size_t number = 0;
  for (std::string_view line : base::Split(file.text, '\n')) {
    ++number;
    if (line.starts_with(kSystemMark)) system = line.substr(kSystemMark.size());
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> columns = base::Split(line, '\t');
    if (columns.size() != 3 || columns[0].empty() || columns[1].empty()) {
      return base::Error(base::ErrorKind::kInvalid, "map.syntax", fmt::format("{}:{}", file.name, number), line);
    }
    rows.push_back({std::string(columns[0]), std::string(columns[1]), columns[2] == "-" ? "" : std::string(columns[2])});
  }
  const std::string_view name = file.name.substr(kFolder.size(), file.name.size() - kFolder.size() - kEnding.size());
  return CodeTable(std::string(name), std::move(system), std::move(rows));
}

}  // namespace

CodeTable::CodeTable(std::string name, std::string system, std::vector<CodeRow> rows)
    : name_(std::move(name)), system_(std::move(system)), rows_(std::move(rows)) {}

const CodeRow* CodeTable::ToFhir(std::string_view department_code) const {
  for (const CodeRow& row : rows_) {
    if (row.department_code == department_code) return &row;
  }
  return nullptr;
}

const CodeRow* CodeTable::ToDepartment(std::string_view fhir_code) const {
  for (const CodeRow& row : rows_) {
    if (row.fhir_code == fhir_code) return &row;
  }
  return nullptr;
}

base::Result<CodeTables> CodeTables::Load() {
  CodeTables tables;
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (!file.name.starts_with(kFolder)) continue;
    HEYI_TRY(table, ReadTable(file));
    std::string name = table.name();
    tables.tables_.emplace(std::move(name), std::move(table));
  }
  return tables;
}

const CodeTable* CodeTables::Find(std::string_view name) const {
  const auto found = tables_.find(std::string(name));
  return found == tables_.end() ? nullptr : &found->second;
}

}  // namespace heyi::mapping
