#include "mapping/pair/lens.h"

#include <fmt/format.h>

#include "adapters/identifiers.h"
#include "adapters/times.h"
#include "base/text.h"
#include "mapping/pair/path.h"
#include "mapping/times.h"

namespace heyi::mapping {
namespace {

using fhir::Node;
using fhir::NodeIndex;
using fhir::Tree;

bool IsNumber(std::string_view text) {
  const size_t point = text.find('.');
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.size() <= 20 && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return digits(text.substr(0, point)) && (point == std::string_view::npos || digits(text.substr(point + 1)));
}

// JSON knows no leading zeros: "007" is 7.
std::string JsonNumber(std::string_view text) {
  while (text.size() > 1 && text[0] == '0' && text[1] != '.') text.remove_prefix(1);
  return std::string(text);
}

constexpr std::string_view kBlanks = " \t\r\n";

// One blank may stand between two characters. https://hl7.org/fhir/R4/datatypes.html#code
bool IsCode(std::string_view text) {
  const auto blank = [](char c) { return kBlanks.find(c) != std::string_view::npos; };
  if (blank(text.front()) || blank(text.back())) return false;
  for (size_t i = 1; i < text.size(); ++i) {
    if (blank(text[i]) && blank(text[i - 1])) return false;
  }
  return true;
}

bool FitsPrimitive(const fhir::Type& type, std::string_view text) {
  if (text.empty()) return false;
  if (type.json == fhir::JsonKind::kBool) return text == "true" || text == "false";
  if (type.json == fhir::JsonKind::kNumber) {
    if (!IsNumber(text)) return false;
    if (type.name == "decimal") return true;
    uint64_t number = 0;
    return base::ParseUnsigned(text, &number) && number <= 2'147'483'647 && (number > 0 || type.name != "positiveInt");
  }
  const size_t blank = text.find_first_of(kBlanks);
  if (type.IsA("uri") || type.name == "id") return blank == std::string_view::npos;
  return !type.IsA("code") || IsCode(text);
}

NodeIndex CodingFor(Tree& tree, NodeIndex concept_at, const std::string& system) {
  const NodeIndex list = tree.Ensure(concept_at, "coding");
  for (Node item = Node(&tree, list).first_child(); item; item = item.next()) {
    if (item.TextAt("system") == system) return item.index();
  }
  return tree.AddItem(list, fhir::NodeKind::kObject);
}

void FillCoding(Tree& tree, NodeIndex coding, const CodeTable& table, const CodeRow& row) {
  if (!table.system().empty()) SetMember(tree, coding, "system", table.system());
  SetMember(tree, coding, "code", row.fhir_code);
  if (!row.display.empty()) SetMember(tree, coding, "display", row.display);
}

// The code below a Coding, a CodeableConcept or of a code itself; false-y where none is of the table's system.
Node CodeAt(Node place, const CodeTable& table) {
  if (!place.is_object()) return place;
  if (place.type()->name == "Coding") return place.TextAt("system") == table.system() ? place.Member("code") : Node();
  const Node list = place.Member("coding");
  for (Node item = list ? list.first_child() : Node(); item; item = item.next()) {
    if (item.TextAt("system") == table.system()) return item.Member("code");
  }
  return {};
}

}  // namespace

std::optional<std::string> ThroughLens(const Lens& lens, std::string_view text, std::string_view within, const fhir::Type* end) {
  std::string made;
  switch (lens.kind) {
    case Lens::Kind::kCopy: return std::string(text);
    case Lens::Kind::kTable: {
      if (end != nullptr) return std::string(text);
      const CodeRow* row = lens.table->ToFhir(text);
      return row == nullptr ? std::nullopt : std::optional(row->fhir_code);
    }
    case Lens::Kind::kTime: made = ToFhirTime(text, end != nullptr && end->name == "date"); break;
    case Lens::Kind::kBirthDate:
      if (const auto identity = adapters::ParseIdentityNumber(text)) made = identity->birth_date;
      break;
    case Lens::Kind::kIdentityNumber:
      if (const auto identity = adapters::ParseIdentityNumber(text)) made = identity->number;
      break;
    case Lens::Kind::kFlag: made = text == "1" || text == "true" || text == "是" ? "true" : "false"; break;
    case Lens::Kind::kWithin:
      if (!within.empty()) made = fmt::format("{}-{}", within, text);
      break;
  }
  if (made.empty()) return std::nullopt;
  return made;
}

bool MayPut(const fhir::Type& type, const Lens& lens, std::string_view text, const std::string& expression, base::Outcome& outcome) {
  if (lens.kind == Lens::Kind::kTable) {
    if (lens.table->ToFhir(text) != nullptr || type.name == "CodeableConcept") return true;
    outcome.Add("map.unmapped-code", expression, fmt::format("{} ({})", text, lens.table->name()));
    return false;
  }
  if (FitsPrimitive(type, text)) return true;
  outcome.Add("map.value", expression, fmt::format("{} ({})", text, type.name));
  return false;
}

bool PutValue(Tree& tree, NodeIndex place, const Lens& lens, std::string_view text, const std::string& expression,
              base::Outcome& outcome) {
  const fhir::Type& type = *Node(&tree, place).type();
  if (!MayPut(type, lens, text, expression, outcome)) return false;
  if (lens.kind == Lens::Kind::kTable) {
    const CodeRow* row = lens.table->ToFhir(text);
    if (type.name == "CodeableConcept" && row == nullptr) {
      SetMember(tree, place, "text", text);
      outcome.Add("map.code-kept-as-text", expression, fmt::format("{} ({})", text, lens.table->name()));
    } else if (type.name == "CodeableConcept") {
      FillCoding(tree, CodingFor(tree, place, lens.table->system()), *lens.table, *row);
    } else if (type.name == "Coding") {
      FillCoding(tree, place, *lens.table, *row);
    } else {
      tree.SetText(place, row->fhir_code);
    }
    return true;
  }
  tree.SetText(place, type.json == fhir::JsonKind::kNumber ? JsonNumber(text) : std::string(text));
  return true;
}

std::optional<std::string> GetValue(Node place, const Lens& lens, adapters::FieldKind kind, base::Outcome& outcome) {
  if (!place || place.is_array()) return std::nullopt;
  if (lens.kind == Lens::Kind::kTable) {
    const Node code = CodeAt(place, *lens.table);
    if (!code) return std::nullopt;
    if (const CodeRow* row = lens.table->ToDepartment(code.text())) return row->department_code;
    outcome.Add("map.unmapped-code", fhir::ExpressionOf(code), fmt::format("{} ({})", code.text(), lens.table->name()));
    return std::nullopt;
  }
  if (place.is_object() || place.text().empty()) return std::nullopt;
  const std::string_view text = place.text();
  switch (lens.kind) {
    case Lens::Kind::kTime: {
      const bool timestamp = kind == adapters::FieldKind::kTimestamp;
      if (timestamp && text.size() <= 10) return adapters::CompactTimestamp(text);
      std::string local = ToDepartmentTime(text, kind == adapters::FieldKind::kDate);
      if (!local.empty()) return timestamp ? adapters::CompactTimestamp(local) : local;
      outcome.Add("map.value", fhir::ExpressionOf(place), text);
      return std::nullopt;
    }
    case Lens::Kind::kFlag: return std::string(text == "true" ? "1" : "0");
    case Lens::Kind::kWithin: {
      const size_t hyphen = text.find('-');
      return std::string(hyphen == std::string_view::npos ? text : text.substr(hyphen + 1));
    }
    default: return std::string(text);
  }
}

}  // namespace heyi::mapping
