// Grammar of mapping/tables/<name>.tsv:
//   # system <uri>          the system of the FHIR codes; without it they are codes of a plain element
//   # …                     a remark
//   department code <TAB> FHIR code <TAB> display or - [<TAB> -> or <-]      read into FHIR only, out of FHIR only
#include "mapping/code_table.h"

#include <fmt/format.h>

#include "base/text.h"
#include "mapping/embedded.h"

namespace heyi::mapping {
namespace {

constexpr std::string_view kFolder = "tables/";
constexpr std::string_view kEnding = ".tsv";
constexpr std::string_view kSystemMark = "# system ";

std::optional<CodeRow::Way> WayOf(const std::vector<std::string_view>& columns) {
  if (columns.size() == 3) return CodeRow::Way::kBoth;
  if (columns.size() == 4 && columns[3] == "->") return CodeRow::Way::kIn;
  if (columns.size() == 4 && columns[3] == "<-") return CodeRow::Way::kOut;
  return std::nullopt;
}

// Whether two rows answer the same question differently.
bool Compete(const CodeRow& a, const CodeRow& b) {
  using Way = CodeRow::Way;
  const bool both_in = a.way != Way::kOut && b.way != Way::kOut, both_out = a.way != Way::kIn && b.way != Way::kIn;
  return (both_in && a.department_code == b.department_code) || (both_out && a.fhir_code == b.fhir_code);
}

}  // namespace

CodeTable::CodeTable(std::string name, std::string system, std::vector<CodeRow> rows)
    : name_(std::move(name)), system_(std::move(system)), rows_(std::move(rows)) {}

const CodeRow* CodeTable::ToFhir(std::string_view department_code) const {
  for (const CodeRow& row : rows_) {
    if (row.way != CodeRow::Way::kOut && row.department_code == department_code) return &row;
  }
  return nullptr;
}

const CodeRow* CodeTable::ToDepartment(std::string_view fhir_code) const {
  for (const CodeRow& row : rows_) {
    if (row.way != CodeRow::Way::kIn && row.fhir_code == fhir_code) return &row;
  }
  return nullptr;
}

base::Result<CodeTable> CodeTables::Read(std::string_view file_name, std::string_view text) {
  std::string system;
  std::vector<CodeRow> rows;
  size_t number = 0;
  for (std::string_view line : base::Split(text, '\n')) {
    ++number;
    if (line.starts_with(kSystemMark)) system = line.substr(kSystemMark.size());
    if (line.empty() || line.front() == '#') continue;
    const std::string place = fmt::format("{}:{}", file_name, number);
    const std::vector<std::string_view> columns = base::Split(line, '\t');
    const std::optional<CodeRow::Way> way = WayOf(columns);
    if (!way || columns[0].empty() || columns[1].empty()) return base::Error(base::ErrorKind::kInvalid, "map.syntax", place, line);
    rows.push_back({std::string(columns[0]), std::string(columns[1]), columns[2] == "-" ? "" : std::string(columns[2]), *way});
    for (size_t i = 0; i + 1 < rows.size(); ++i) {
      if (Compete(rows[i], rows.back())) return base::Error(base::ErrorKind::kInvalid, "map.table-ambiguous", place, line);
    }
  }
  std::string_view name = file_name.substr(file_name.rfind('/') + 1);
  if (name.ends_with(kEnding)) name.remove_suffix(kEnding.size());
  return CodeTable(std::string(name), std::move(system), std::move(rows));
}

base::Result<CodeTables> CodeTables::Load() {
  CodeTables tables;
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (!file.name.starts_with(kFolder)) continue;
    HEYI_TRY(table, Read(file.name, file.text));
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
