#include "mapping/pair/export_rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "mapping/embedded.h"
#include "mapping/pair/export_path.h"

namespace heyi::mapping {
namespace {

using Map = StructureMap;
using Kind = StructureMap::Parameter::Kind;
using base::JsonValue;

bool IsChoice(const fhir::Property& property) { return property.element->choice && property.element->types.size() > 1; }

// "psn_no" -> "PsnNo", "urn:oid:1.2" -> "UrnOid12".
std::string Camel(std::string_view text) {
  std::string out;
  bool upper = true;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
    if (letter || digit) out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = !letter && !digit;
  }
  return out;
}

// Variables and groups of the export's own.
constexpr std::string_view kExportNames[] = {kExportMessage, kExportItem, kExportEnvelope, kExportRecord, kExportBundle,
                                             kExportValue, kExportMade, "entry", "resources"};
constexpr size_t kShareNameMax = 56;
constexpr std::string_view kTableBase = "https://heyi.example/fhir/table/";

struct TableRow {
  std::string from, to;
};

Map::ContainedMap TableMap(const std::string& id, const std::string& source, const std::string& target, std::string_view equivalence,
                           const std::vector<TableRow>& rows) {
  JsonValue elements = JsonValue::Array();
  for (const TableRow& row : rows) {
    JsonValue to = JsonValue::Object();
    to.Set("code", JsonValue::OfString(row.to));
    to.Set("equivalence", JsonValue::OfString(equivalence));
    JsonValue targets = JsonValue::Array();
    targets.Append(std::move(to));
    JsonValue element = JsonValue::Object();
    element.Set("code", JsonValue::OfString(row.from));
    element.Set("target", std::move(targets));
    elements.Append(std::move(element));
  }
  JsonValue group = JsonValue::Object();
  group.Set("source", JsonValue::OfString(source));
  group.Set("target", JsonValue::OfString(target));
  group.Set("element", std::move(elements));
  JsonValue groups = JsonValue::Array();
  groups.Append(std::move(group));
  JsonValue json = JsonValue::Object();
  json.Set("resourceType", JsonValue::OfString("ConceptMap"));
  json.Set("id", JsonValue::OfString(id));
  json.Set("status", JsonValue::OfString("draft"));
  json.Set("group", std::move(groups));
  return {id, std::move(json)};
}

}  // namespace

Map::Parameter NameParameter(std::string_view variable) { return {Kind::kId, std::string(variable)}; }
Map::Parameter TextParameter(std::string_view text) { return {Kind::kString, std::string(text)}; }

Map::Parameter LiteralFor(const fhir::Type& type, std::string_view text) {
  if (type.json == fhir::JsonKind::kBool && (text == "true" || text == "false")) return {Kind::kBoolean, std::string(text)};
  return TextParameter(text);
}

std::string ShareName(std::string_view element, const std::vector<std::pair<std::string, std::string>>& conditions) {
  std::string name(element), key;
  for (const auto& [member, value] : conditions) {
    const std::string_view system = SystemName(value);
    name += Camel(system.empty() ? std::string_view(value) : system);
    key += member + "=" + value + "\n";
  }
  // R4's ids have 64 characters; behind them a number that follows from the selector.
  if (name.size() > kShareNameMax) name = fmt::format("{}{:x}", name.substr(0, kShareNameMax - 20), base::Hash64(key));
  return name;
}

// ---- names ----

MapProgram WithExportNames(MapProgram program) {
  const auto renamed = [](std::string name) {
    if (name.empty()) return name;
    std::replace(name.begin(), name.end(), '_', '-');
    if (std::find(std::begin(kExportNames), std::end(kExportNames), name) != std::end(kExportNames) || name.starts_with("place")) name += "Resource";
    return name;
  };
  const auto rename = [&renamed](std::vector<Rule>& rules) {
    for (Rule& rule : rules) {
      rule.reference = renamed(rule.reference);
      for (Rule& item : rule.items) item.reference = renamed(item.reference);
    }
  };
  for (ResourceRule& resource : program.resources) {
    resource.name = renamed(resource.name);
    rename(resource.rules);
    rename(resource.sames);
  }
  return program;
}

// ---- chains ----

Map::Target& TargetChain::Add(std::string_view element) {
  Map::Target& target = rule_.targets.emplace_back();
  target.context = at_;
  target.element = AsElementStep(element);
  return target;
}

void TargetChain::Enter(std::string_view element, std::string_view share) {
  Map::Target& target = Add(element);
  target.variable = fmt::format("place{}", ++made_);
  if (!share.empty()) {
    target.list_modes.push_back(Map::TargetListMode::kShare);
    target.list_rule_id = share;
  }
  at_ = target.variable;
}

void TargetChain::EnterItem(std::string_view element, const std::string& variable) {
  Map::Target& target = Add(element);
  target.variable = variable;
  at_ = variable;
}

void TargetChain::Step(const PathStep& step) {
  const fhir::Property& property = *step.property;
  std::string share;
  if (step.list) {
    std::vector<std::pair<std::string, std::string>> conditions;
    for (const Condition& one : step.where) {
      std::string member;
      for (const fhir::Property* part : one.members) member += (member.empty() ? "" : ".") + part->name;
      conditions.emplace_back(std::move(member), one.value);
    }
    share = ShareName(property.element->name, conditions) + (step.index ? std::to_string(*step.index) : "");
  }
  if (IsChoice(property)) {
    Enter(property.element->name, property.name);
    rule_.targets.back().transform = "create";
    rule_.targets.back().parameters.push_back(TextParameter(property.type->name));
  } else {
    Enter(property.element->name, share);
  }
  Hold(step);
}

// The conditions of a selector are values of the item that it makes.
void TargetChain::Hold(const PathStep& step) {
  const std::string item = at_;
  for (const Condition& condition : step.where) {
    at_ = item;
    FhirPath path;
    for (const fhir::Property* member : condition.members) path.steps.push_back({member, false, std::nullopt, {}});
    path.end = condition.members.back()->type;
    Walk(path, false);
    Put(path, TextParameter(condition.value));
  }
  at_ = item;
}

// The steps of Hold's path have no conditions, so this ends.
void TargetChain::Walk(const FhirPath& path, bool whole) {
  for (size_t i = 0; i + (whole ? 0 : 1) < path.steps.size(); ++i) Step(path.steps[i]);
}

void TargetChain::WalkFields(const FieldPath& field) {
  for (size_t i = 0; i + 1 < field.steps.size(); ++i) {
    const FieldStep& step = field.steps[i];
    std::vector<std::pair<std::string, std::string>> conditions;
    for (const FieldCondition& one : step.where) conditions.emplace_back(fmt::format("{}", fmt::join(one.members, ".")), one.value);
    Enter(step.name, step.list ? "f" + ShareName(step.name, conditions) + (step.index ? std::to_string(*step.index) : "") : "");
    const std::string item = at_;
    for (const FieldCondition& one : step.where) {
      if (one.differs || one.value.empty() || one.members.empty()) continue;
      at_ = item;
      for (size_t j = 0; j + 1 < one.members.size(); ++j) Enter(one.members[j], "");
      Put(one.members.back(), TextParameter(one.value));
    }
    at_ = item;
  }
}

void TargetChain::Put(std::string_view element, const Map::Parameter& value) {
  Map::Target& target = Add(element);
  target.transform = "copy";
  target.parameters.push_back(value);
}

void TargetChain::Put(const FhirPath& path, const Map::Parameter& value) {
  const PathStep& last = path.steps.back();
  Put(last.property->element->name, value);
  Map::Target& target = rule_.targets.back();
  if (IsChoice(*last.property)) {
    target.transform = "cast";
    target.parameters.push_back(TextParameter(last.property->type->name));
  }
  if (last.list) {
    target.list_modes.push_back(Map::TargetListMode::kShare);
    target.list_rule_id = ShareName(last.property->element->name, {}) + (last.index ? std::to_string(*last.index) : "");
  }
}

void TargetChain::Translate(std::string_view element, const std::string& variable, const std::string& table) {
  Map::Target& target = Add(element);
  target.transform = "translate";
  target.parameters = {NameParameter(variable), TextParameter("#" + table), TextParameter("code")};
}

void TargetChain::TranslateLast(const FhirPath& path, const std::string& variable, const std::string& table) {
  Put(path, NameParameter(variable));
  Map::Target& target = rule_.targets.back();
  target.transform = "translate";
  target.parameters = {NameParameter(variable), TextParameter("#" + table), TextParameter("code")};
}

void TargetChain::Evaluate(const std::string& expression, const std::string& variable) {
  Map::Target& target = rule_.targets.emplace_back();
  target.variable = variable;
  target.transform = "evaluate";
  target.parameters.push_back({Kind::kExpression, expression});
}

// ---- notes ----

std::string ExportNotes::RuleId(int line) {
  const int number = ++used_[line];
  return number == 1 ? fmt::format("line{}", line) : fmt::format("line{}.{}", line, number);
}

std::string ExportNotes::Remark(int line) const { return fmt::format("{}:{}", program_.file, line); }

std::vector<NotSaid> ExportNotes::not_said() const {
  std::vector<NotSaid> list;
  for (const auto& [line, reason] : not_said_) list.push_back({line, reason});
  return list;
}

std::string ExportNotes::UseTable(const CodeTable& table, bool inward) {
  const std::string& id = table.name();
  if (std::any_of(contained_.begin(), contained_.end(), [&](const Map::ContainedMap& one) { return one.id == id; })) return id;
  const std::string ours = std::string(kTableBase) + table.name(), theirs = table.system().empty() ? ours + "/fhir" : table.system();
  std::vector<TableRow> rows;
  for (const CodeRow& row : table.rows()) {
    if (row.way == (inward ? CodeRow::Way::kOut : CodeRow::Way::kIn)) continue;
    rows.push_back(inward ? TableRow{row.department_code, row.fhir_code} : TableRow{row.fhir_code, row.department_code});
  }
  contained_.push_back(inward ? TableMap(id, ours, theirs, "equivalent", rows) : TableMap(id, theirs, ours, "equivalent", rows));
  return id;
}

// The text of a conceptmap has no place for displays, so they are a table of their own.
std::string ExportNotes::UseDisplays(const CodeTable& table) {
  std::string id = table.name() + "-display";
  if (std::any_of(contained_.begin(), contained_.end(), [&](const Map::ContainedMap& one) { return one.id == id; })) return id;
  const std::string ours = std::string(kTableBase) + table.name();
  std::vector<TableRow> rows;
  for (const CodeRow& row : table.rows()) {
    if (row.way != CodeRow::Way::kOut && !row.display.empty()) rows.push_back({row.department_code, row.display});
  }
  contained_.push_back(TableMap(id, ours, ours + "/display", "relatedto", rows));
  return id;
}

void ExportNotes::Finish(Map& map, std::string_view way) const {
  std::string id = program_.name + "-" + std::string(way);
  std::replace_if(id.begin(), id.end(), [](char c) { return c == '.' || c == '_' || c == '^'; }, '-');
  map.url = "https://heyi.example/fhir/StructureMap/" + id;
  map.name = "Heyi" + Camel(id);
  map.version = program_.version;
  map.title = fmt::format("{} {} of the pair map {}", program_.department, way, program_.name);
  map.status = "active";
  map.description = fmt::format("Written by heyi map export of {}, version {}. Reads messages as instances of their logical model: blanks are absent, texts are normal ones.",
                                program_.file, program_.version);
  if (!not_said_.empty()) map.description += "\n\nWhat the pair map says and this map does not:\n";
  for (const auto& [line, reason] : not_said_) map.description += line == 0 ? fmt::format("\n* {}", reason) : fmt::format("\n* line {}: {}", line, reason);
  map.contained = contained_;
}

}  // namespace heyi::mapping
