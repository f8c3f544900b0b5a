#include "conformance/terminology/code_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "conformance/limits.h"

namespace heyi::conformance {
namespace {

using base::JsonValue;
using base::Outcome;

constexpr size_t kTold = 5'000;
constexpr size_t kColumnsMax = 100;
constexpr std::string_view kDefaultLanguage = "zh";

struct Row {
  size_t line = 0;
  std::string code, display, definition, parent, status;
  std::vector<std::pair<std::string, std::string>> designations, properties;
};

std::string Place(size_t line) { return fmt::format("line {}", line); }

// "designation:zh" taken apart; empty behind where there is no colon.
std::pair<std::string_view, std::string_view> Parted(std::string_view column) {
  const size_t colon = column.find(':');
  if (colon == std::string_view::npos) return {column, {}};
  return {column.substr(0, colon), base::Trim(column.substr(colon + 1))};
}

// False where there is no such column.
bool Set(Row& row, std::string_view column, std::string_view value) {
  const auto [name, rest] = Parted(column);
  if (name == "designation") {
    if (!value.empty()) row.designations.emplace_back(rest.empty() ? kDefaultLanguage : rest, value);
    return true;
  }
  if (name == "property") {
    if (!value.empty()) row.properties.emplace_back(rest, value);
    return !rest.empty();
  }
  std::string* into = name == "code"         ? &row.code
                      : name == "display"    ? &row.display
                      : name == "definition" ? &row.definition
                      : name == "parent"     ? &row.parent
                      : name == "status"     ? &row.status
                                             : nullptr;
  if (into == nullptr || !rest.empty()) return false;
  *into = value;
  return true;
}

class ListReader {
 public:
  ListReader(std::string text, const std::function<void(size_t)>& progress) : text_(std::move(text)), progress_(progress) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  void ReadCsv() {
    std::vector<std::string> header, cells;
    if (!NextRecord(header) || header.size() > kColumnsMax) return Tell("terminology.list-header", 1, "code");
    bool has_code = false;
    for (std::string& name : header) {
      name = base::Trim(name);
      Row probe;
      if (!Set(probe, name, "x")) Tell("terminology.list-header", 1, name);
      has_code = has_code || name == "code";
    }
    if (!has_code) Tell("terminology.list-header", 1, "code");
    if (outcome_.HasErrors()) return;
    while (More() && NextRecord(cells)) {
      if (cells.size() == 1 && base::Trim(cells[0]).empty()) continue;
      if (cells.size() != header.size()) {
        Tell("terminology.list-cells", record_line_, fmt::format("{}, {}", cells.size(), header.size()));
        continue;
      }
      Row row;
      row.line = record_line_;
      for (size_t i = 0; i < cells.size(); ++i) Set(row, header[i], base::Trim(cells[i]));
      Keep(std::move(row));
    }
  }

  void ReadNdjson() {
    while (More() && at_ < text_.size()) {
      const size_t end = std::min(text_.find('\n', at_), text_.size());
      const std::string_view line = base::Trim(std::string_view(text_).substr(at_, end - at_));
      at_ = end + 1;
      NextLine();
      if (!line.empty()) ReadObject(line);
    }
  }

  const std::vector<Row>& rows() const { return rows_; }
  Outcome& outcome() { return outcome_; }
  void Tell(std::string_view rule, size_t line, std::string_view detail) {
    if (outcome_.issues().size() < kIssuesMax) outcome_.Add(rule, Place(line), base::ClipUtf8(detail, 100));
  }

 private:
  bool More() const { return outcome_.issues().size() < kIssuesMax; }

  void NextLine() {
    if (++line_ % kTold == 0) progress_(line_);
  }

  // One record; a quoted cell may have commas, line ends and doubled quotes. False at the end, or where a quote never ends.
  bool NextRecord(std::vector<std::string>& cells) {
    cells.clear();
    if (at_ >= text_.size()) return false;
    NextLine();
    record_line_ = line_;
    std::string cell;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quoted) {
        if (c == '"' && at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
          cell.push_back('"');
          ++at_;
        } else if (c == '"') {
          quoted = false;
        } else {
          if (c == '\n') NextLine();
          cell.push_back(c);
        }
      } else if (c == '"' && base::Trim(cell).empty()) {
        quoted = true;
        cell.clear();
      } else if (c == ',') {
        cells.push_back(std::move(cell));
        cell.clear();
      } else if (c == '\n') {
        ++at_;
        break;
      } else if (c != '\r') {
        cell.push_back(c);
      }
    }
    if (quoted) {
      Tell("terminology.list-quote", record_line_, {});
      return false;
    }
    cells.push_back(std::move(cell));
    return true;
  }

  void ReadObject(std::string_view line) {
    auto json = base::ParseJson(std::string(line));
    if (!json.ok()) return Tell("terminology.list-json", line_, base::EnglishText(json.error().outcome.issues().front()));
    if (!json->is_object()) return Tell("terminology.list-json", line_, {});
    Row row;
    row.line = line_;
    for (const auto& [name, value] : json->members()) {
      bool known = true;
      if ((name == "designation" || name == "property") && value.is_object()) {
        for (const auto& [key, text] : value.members()) known = known && Set(row, name + ":" + key, text.text());
      } else {
        known = Set(row, name, base::Trim(value.text()));
      }
      if (!known) Tell("terminology.list-header", line_, name);
    }
    Keep(std::move(row));
  }

  void Keep(Row row) {
    if (row.code.empty() || row.code.find('\n') != std::string::npos || row.code.find("  ") != std::string::npos) {
      return Tell("terminology.list-code", row.line, row.code);
    }
    if (rows_.size() >= kConceptsMax) return Tell("terminology.list-too-many", row.line, std::to_string(kConceptsMax));
    rows_.push_back(std::move(row));
  }

  std::string text_;
  const std::function<void(size_t)>& progress_;
  size_t at_ = 0;
  size_t line_ = 0, record_line_ = 0;
  std::vector<Row> rows_;
  Outcome outcome_;
};

// Codes once, parents that are there, no circles.
void CheckRows(ListReader& reader) {
  const std::vector<Row>& rows = reader.rows();
  std::unordered_map<std::string_view, size_t> places;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!places.emplace(rows[i].code, i).second) reader.Tell("terminology.list-duplicate", rows[i].line, rows[i].code);
  }
  std::vector<uint8_t> state(rows.size());  // 0 new, 1 on the way up, 2 known to end
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].parent.empty() && !places.contains(rows[i].parent)) reader.Tell("terminology.list-parent", rows[i].line, rows[i].parent);
    std::vector<size_t> way;
    size_t at = i;
    while (state[at] == 0) {
      state[at] = 1;
      way.push_back(at);
      const auto parent = places.find(rows[at].parent);
      if (rows[at].parent.empty() || parent == places.end()) break;
      at = parent->second;
      if (state[at] == 1) {
        reader.Tell("terminology.list-circle", rows[at].line, rows[at].code);
        break;
      }
    }
    for (size_t one : way) state[one] = 2;
  }
}

JsonValue PropertyOf(std::string_view code, std::string_view value_name, std::string_view value) {
  JsonValue property = JsonValue::Object();
  property.Set("code", JsonValue::OfString(code));
  property.Set(value_name, JsonValue::OfString(value));
  return property;
}

JsonValue ConceptOf(const Row& row) {
  JsonValue item = JsonValue::Object();
  item.Set("code", JsonValue::OfString(row.code));
  if (!row.display.empty()) item.Set("display", JsonValue::OfString(row.display));
  if (!row.definition.empty()) item.Set("definition", JsonValue::OfString(row.definition));
  JsonValue designations = JsonValue::Array();
  for (const auto& [language, text] : row.designations) {
    JsonValue designation = JsonValue::Object();
    designation.Set("language", JsonValue::OfString(language));
    designation.Set("value", JsonValue::OfString(text));
    designations.Append(std::move(designation));
  }
  if (!designations.items().empty()) item.Set("designation", std::move(designations));
  JsonValue properties = JsonValue::Array();
  if (!row.parent.empty()) properties.Append(PropertyOf("parent", "valueCode", row.parent));
  if (!row.status.empty()) properties.Append(PropertyOf("status", "valueCode", row.status));
  for (const auto& [name, text] : row.properties) properties.Append(PropertyOf(name, "valueString", text));
  if (!properties.items().empty()) item.Set("property", std::move(properties));
  return item;
}

JsonValue Definition(std::string_view code, std::string_view uri, std::string_view type) {
  JsonValue definition = JsonValue::Object();
  definition.Set("code", JsonValue::OfString(code));
  if (!uri.empty()) definition.Set("uri", JsonValue::OfString(uri));
  definition.Set("type", JsonValue::OfString(type));
  return definition;
}

// The properties that some row has, in the order of their coming.
JsonValue Definitions(const std::vector<Row>& rows) {
  JsonValue list = JsonValue::Array();
  bool parent = false, status = false;
  std::vector<std::string_view> names;
  for (const Row& row : rows) {
    parent = parent || !row.parent.empty();
    status = status || !row.status.empty();
    for (const auto& [name, text] : row.properties) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  if (parent) list.Append(Definition("parent", "http://hl7.org/fhir/concept-properties#parent", "code"));
  if (status) list.Append(Definition("status", "http://hl7.org/fhir/concept-properties#status", "code"));
  for (std::string_view name : names) list.Append(Definition(name, {}, "string"));
  return list;
}

}  // namespace

base::Result<JsonValue> CodeSystemOfList(std::string text, CodeListFormat format, const CodeListHead& head,
                                         const std::function<void(size_t lines)>& progress) {
  if (!base::IsValidUtf8(text)) {
    size_t line = 0;
    for (std::string_view one : base::Split(text, '\n')) {
      ++line;
      if (!base::IsValidUtf8(one)) break;
    }
    return base::Error(base::ErrorKind::kInvalid, "terminology.list-utf8", Place(line));
  }
  ListReader reader(std::move(text), progress);
  if (format == CodeListFormat::kCsv) reader.ReadCsv();
  else reader.ReadNdjson();
  if (!reader.outcome().HasErrors() && reader.rows().empty()) reader.Tell("terminology.list-empty", 1, {});
  if (!reader.outcome().HasErrors()) CheckRows(reader);
  if (reader.outcome().HasErrors()) return base::Error(base::ErrorKind::kInvalid, std::move(reader.outcome()));

  const std::vector<Row>& rows = reader.rows();
  JsonValue system = JsonValue::Object();
  system.Set("resourceType", JsonValue::OfString("CodeSystem"));
  system.Set("url", JsonValue::OfString(head.url));
  if (!head.version.empty()) system.Set("version", JsonValue::OfString(head.version));
  system.Set("name", JsonValue::OfString(head.name));
  if (!head.title.empty()) system.Set("title", JsonValue::OfString(head.title));
  system.Set("status", JsonValue::OfString("active"));
  system.Set("caseSensitive", JsonValue::OfBool(true));
  JsonValue definitions = Definitions(rows);
  if (definitions.items().size() > 0 && definitions.items().front().StringAt("code") == "parent") system.Set("hierarchyMeaning", JsonValue::OfString("is-a"));
  system.Set("content", JsonValue::OfString("complete"));
  system.Set("count", JsonValue::OfInteger(static_cast<int64_t>(rows.size())));
  if (!definitions.items().empty()) system.Set("property", std::move(definitions));
  JsonValue concepts = JsonValue::Array();
  for (const Row& row : rows) concepts.Append(ConceptOf(row));
  system.Set("concept", std::move(concepts));
  return system;
}

}  // namespace heyi::conformance
