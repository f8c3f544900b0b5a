#include "adapters/logical_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "adapters/field_check.h"
#include "adapters/limits.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

struct Embedded {
  std::string_view name;  // "civil/models.tsv"
  std::string_view text;
};

constexpr Embedded kModelFiles[] = {
#include "models.inc"
};

std::string_view DepartmentOf(std::string_view file) {
  if (file.starts_with("health/cda/")) return "health-cda";
  return file.starts_with("civil/") ? "civil-affairs" : file.substr(0, file.find('/'));
}

FieldKind KindOf(std::string_view name) {
  constexpr std::pair<std::string_view, FieldKind> kNames[] = {
      {"object", FieldKind::kObject}, {"list", FieldKind::kList},         {"text", FieldKind::kText},
      {"ascii", FieldKind::kAscii},   {"id", FieldKind::kId},             {"integer", FieldKind::kInteger},
      {"decimal", FieldKind::kDecimal}, {"date", FieldKind::kDate},       {"datetime", FieldKind::kDateTime},
      {"timestamp", FieldKind::kTimestamp},
      {"idcard", FieldKind::kIdCard}, {"uscc", FieldKind::kCreditCode},   {"area", FieldKind::kArea},
      {"flag", FieldKind::kFlag},     {"code", FieldKind::kCode}};
  for (const auto& [known, kind] : kNames) {
    if (known == name) return kind;
  }
  std::abort();  // a mistake in models.tsv, which the tests read before anybody else
}

Field ReadField(const std::vector<std::string_view>& columns) {
  Field field;
  field.path = columns[1];
  field.name_begin = field.path.rfind('.') + 1;
  field.required = columns[2] == "Y";
  if (columns[2].starts_with("one:")) field.one_of = columns[2].substr(4);
  const size_t colon = columns[3].find(':');
  field.kind = KindOf(columns[3].substr(0, colon));
  if (colon != std::string_view::npos) {
    for (std::string_view code : base::Split(columns[3].substr(colon + 1), '|')) field.codes.emplace_back(code);
  }
  const std::vector<std::string_view> sizes = base::Split(columns[4], ',');
  uint64_t number = 0;
  if (base::ParseUnsigned(sizes[0], &number)) field.length = static_cast<uint32_t>(number);
  if (sizes.size() > 1 && base::ParseUnsigned(sizes[1], &number)) field.decimals = static_cast<uint32_t>(number);
  field.chinese = columns[5];
  return field;
}

}  // namespace

class ModelReader {
 public:
  static std::vector<std::unique_ptr<LogicalModel>> ReadAll() {
    std::vector<std::unique_ptr<LogicalModel>> models;
    bool derived = false;
    for (const Embedded& file : kModelFiles) {
      for (std::string_view line : base::Split(file.text, '\n')) {
        if (line.empty() || line.front() == '#') continue;
        const std::vector<std::string_view> columns = base::Split(line, '\t');
        if (columns.size() != 6) std::abort();
        const std::string_view department = DepartmentOf(file.name);
        if (models.empty() || models.back()->type() != columns[0] || models.back()->department() != department) {
          models.push_back(std::make_unique<LogicalModel>(std::string(department), std::string(columns[0])));
          derived = false;
        }
        AddRow(models, columns, derived);
      }
    }
    return models;
  }

 private:
  // "=TYPE" in the place of a path: the fields of that type. A row that follows may say otherwise of one of them.
  static void AddRow(std::vector<std::unique_ptr<LogicalModel>>& models, const std::vector<std::string_view>& columns, bool& derived) {
    LogicalModel& model = *models.back();
    if (columns[1].starts_with('=')) {
      for (const auto& other : models) {
        if (other->department() == model.department() && other->type() == columns[1].substr(1)) model.fields_ = other->fields_;
      }
      if (model.fields_.empty()) std::abort();
      derived = true;
      return;
    }
    Field field = ReadField(columns);
    for (Field& known : model.fields_) {
      if (!derived || known.path != field.path) continue;
      known = std::move(field);
      return;
    }
    model.fields_.push_back(std::move(field));
  }
};

const Field* LogicalModel::Find(std::string_view path) const {
  for (const Field& field : fields_) {
    if (field.path == path) return &field;
  }
  return nullptr;
}

const LogicalModel* FindModel(std::string_view department, std::string_view type) {
  static const std::vector<std::unique_ptr<LogicalModel>> models = ModelReader::ReadAll();
  for (const auto& model : models) {
    if (model->department() == department && model->type() == type) return model.get();
  }
  return nullptr;
}

namespace {

// The fields that stand directly below `level` ("", "mdtrtinfo.", "diseinfo[].").
bool IsBelow(const Field& field, std::string_view level) {
  return field.name_begin == level.size() && std::string_view(field.path).starts_with(level);
}

class RecordCheck {
 public:
  RecordCheck(const std::vector<Field>& fields, base::Outcome& outcome) : fields_(fields), outcome_(outcome) {}

  // `level` as the model writes it, `place` as the message has it ("input.diseinfo[2].").
  void CheckObject(const base::JsonValue& object, std::string_view level, std::string_view place) {
    for (const Field& field : fields_) {
      if (full()) return;
      if (!IsBelow(field, level)) continue;
      const std::string_view name = std::string_view(field.path).substr(level.size());
      const std::string expression = std::string(place).append(name);
      const base::JsonValue& value = object[name];
      if (IsAbsent(value)) {
        if (field.required) outcome_.Add("adapter.required", expression);
        if (!field.one_of.empty()) CheckGroup(object, field, level, expression);
      } else if (field.kind == FieldKind::kObject) {
        CheckNested(value, field, expression);
      } else if (field.kind == FieldKind::kList) {
        CheckList(value, field, expression);
      } else {
        CheckValue(field, value, expression, outcome_);
      }
    }
  }

 private:
  bool full() const { return outcome_.issues().size() >= kIssuesMax; }

  void CheckNested(const base::JsonValue& value, const Field& field, const std::string& expression) {
    if (!value.is_object()) {
      outcome_.Add("adapter.kind", expression, "object");
    } else {
      CheckObject(value, field.path + ".", expression + ".");
    }
  }

  void CheckList(const base::JsonValue& value, const Field& field, const std::string& expression) {
    if (!value.is_array()) {
      outcome_.Add("adapter.kind", expression, "array");
      return;
    }
    if (value.items().size() > kListItemsMax) {
      outcome_.Add("adapter.too-many", expression, fmt::format("{}", kListItemsMax));
      return;
    }
    for (size_t i = 0; i < value.items().size() && !full(); ++i) {
      const std::string item = fmt::format("{}[{}]", expression, i);
      if (!value.items()[i].is_object()) {
        outcome_.Add("adapter.kind", item, "object");
      } else {
        CheckObject(value.items()[i], field.path + "[].", item + ".");
      }
    }
  }

  // Told once, at the first field of the group.
  void CheckGroup(const base::JsonValue& object, const Field& field, std::string_view level, const std::string& expression) {
    for (const Field& other : fields_) {
      if (other.one_of != field.one_of || !IsBelow(other, level)) continue;
      if (&other < &field) return;
      if (!IsAbsent(object[std::string_view(other.path).substr(level.size())])) return;
    }
    outcome_.Add("adapter.required", expression);
  }

  const std::vector<Field>& fields_;
  base::Outcome& outcome_;
};

}  // namespace

void LogicalModel::Check(const base::JsonValue& record, std::string_view prefix, base::Outcome& outcome) const {
  if (!record.is_object()) {
    outcome.Add("adapter.kind", std::string(prefix), "object");
    return;
  }
  RecordCheck(fields_, outcome).CheckObject(record, "", prefix.empty() ? std::string() : std::string(prefix) + ".");
}

}  // namespace heyi::adapters
