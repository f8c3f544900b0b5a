#include "mapping/pair/field_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "mapping/limits.h"
#include "mapping/pair/split.h"

namespace heyi::mapping {
namespace {

using base::JsonValue;

bool ReadCondition(std::string_view text, FieldStep& step) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  FieldCondition condition;
  condition.differs = text[equals - 1] == '!';
  const std::string_view members = text.substr(0, condition.differs ? equals - 1 : equals);
  for (std::string_view member : base::Split(members, '.')) condition.members.emplace_back(member);
  condition.value = text.substr(equals + 1);
  step.where.push_back(std::move(condition));
  return true;
}

bool ReadBrackets(std::string_view text, FieldStep& step) {
  if (text.size() < 3 || !text.ends_with(']')) return false;
  const std::string_view inside = text.substr(1, text.size() - 2);
  uint64_t number = 0;
  if (base::ParseUnsigned(inside, &number)) {
    step.index = static_cast<size_t>(number);
    return number < kFieldItemsMax;
  }
  for (std::string_view part : base::Split(inside, ',')) {
    if (!ReadCondition(part, step)) return false;
  }
  return true;
}

bool Holds(const JsonValue& item, const FieldCondition& condition) {
  const JsonValue* at = &item;
  for (const std::string& member : condition.members) at = at == nullptr ? nullptr : at->Find(member);
  const bool absent = at == nullptr || at->is_object() || at->is_array() || adapters::IsAbsent(*at);
  const bool same = absent ? condition.value.empty() : base::Trim(at->text()) == condition.value;
  return same != condition.differs;
}

bool Holds(const JsonValue& item, const FieldStep& step) {
  return std::all_of(step.where.begin(), step.where.end(), [&](const FieldCondition& condition) { return Holds(item, condition); });
}

// The position of the item that a step picks; the list's size where there is none.
size_t PositionOf(const JsonValue& list, const FieldStep& step) {
  if (step.index) return std::min(*step.index, list.items().size());
  size_t at = 0;
  while (at < list.items().size() && !Holds(list.items()[at], step)) ++at;
  return at;
}

JsonValue* Below(JsonValue& object, const std::string& name, JsonValue empty) {
  if (object.Find(name) == nullptr) object.Set(name, std::move(empty));
  return object.Find(name);
}

void MakeHold(JsonValue& item, const FieldStep& step) {
  for (const FieldCondition& condition : step.where) {
    if (condition.differs || condition.value.empty() || condition.members.empty()) continue;
    JsonValue* at = &item;
    for (size_t i = 0; i + 1 < condition.members.size(); ++i) at = Below(*at, condition.members[i], JsonValue::Object());
    at->Set(condition.members.back(), JsonValue::OfString(condition.value));
  }
}

}  // namespace

std::optional<FieldPath> ReadFieldPath(std::string_view text, std::string_view level, const adapters::LogicalModel& model) {
  FieldPath path;
  path.model_path = level;
  const adapters::Field* field = nullptr;
  const std::vector<std::string_view> steps = SplitOutside(text, '.');
  if (steps.size() > kPathStepsMax) return std::nullopt;
  for (size_t i = 0; i < steps.size(); ++i) {
    const size_t bracket = steps[i].find('[');
    FieldStep step;
    step.name = steps[i].substr(0, bracket);
    path.model_path += step.name;
    field = model.Find(path.model_path);
    if (field == nullptr) return std::nullopt;
    if (bracket != std::string_view::npos && !ReadBrackets(steps[i].substr(bracket), step)) return std::nullopt;
    step.list = field->kind == adapters::FieldKind::kList;
    if (step.list ? !step.selects() : step.index.has_value()) return std::nullopt;  // lists need brackets; a number needs a list
    if (step.list) path.model_path += "[]";
    for (const FieldCondition& condition : step.where) {
      std::string looked_at = path.model_path;
      for (const std::string& member : condition.members) looked_at += "." + member;
      const adapters::Field* there = model.Find(looked_at);
      if (there == nullptr || !there->is_leaf()) return std::nullopt;
      path.looked_at.push_back(std::move(looked_at));
    }
    if (i + 1 < steps.size()) path.model_path += ".";
    path.steps.push_back(std::move(step));
  }
  if (!field->is_leaf()) return std::nullopt;
  return path;
}

const JsonValue* FindField(const JsonValue& from, const FieldPath& path, std::string* where) {
  const JsonValue* at = &from;
  where->clear();
  for (const FieldStep& step : path.steps) {
    at = at->Find(step.name);
    if (at == nullptr) return nullptr;
    if (!where->empty()) *where += '.';
    *where += step.name;
    if (step.list) {
      if (!at->is_array()) return nullptr;
      const size_t position = PositionOf(*at, step);
      if (position == at->items().size()) return nullptr;
      *where += fmt::format("[{}]", position);
      at = &at->items()[position];
    } else if (!Holds(*at, step)) {
      return nullptr;
    }
  }
  return at;
}

void PutField(JsonValue& into, const FieldPath& path, JsonValue value) {
  JsonValue* at = &into;
  for (size_t i = 0; i < path.steps.size(); ++i) {
    const FieldStep& step = path.steps[i];
    if (i + 1 == path.steps.size()) return at->Set(step.name, std::move(value));
    at = Below(*at, step.name, step.list ? JsonValue::Array() : JsonValue::Object());
    if (step.list) {
      const size_t position = step.index ? *step.index : PositionOf(*at, step);
      while (at->items().size() <= position) at->Append(JsonValue::Object());
      at = &at->items()[position];
    }
    MakeHold(*at, step);
  }
}

}  // namespace heyi::mapping
