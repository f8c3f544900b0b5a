#include "mapping/pair/to_record.h"

#include <algorithm>

#include "base/text.h"
#include "mapping/pair/lens.h"
#include "mapping/pair/path.h"

namespace heyi::mapping {
namespace {

using base::JsonValue;
using fhir::Node;

bool AllDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Numbers go out as numbers where nothing can be lost on the way.
JsonValue ValueOf(const std::string& text, adapters::FieldKind kind) {
  const bool plain = AllDigits(text) && text.size() <= 15 && (text.size() == 1 || text[0] != '0');
  switch (kind) {
    case adapters::FieldKind::kId:
    case adapters::FieldKind::kInteger: return plain ? JsonValue::OfNumber(text) : JsonValue::OfString(text);
    case adapters::FieldKind::kDecimal: {
      const size_t point = text.find('.');
      const bool number = AllDigits(text.substr(0, point)) && (point == std::string::npos || AllDigits(text.substr(point + 1)));
      return number ? JsonValue::OfNumber(text) : JsonValue::OfString(text);
    }
    default: return JsonValue::OfString(text);
  }
}

JsonValue* MakeBelow(JsonValue& object, std::string_view name, JsonValue empty) {
  if (object.Find(name) == nullptr) object.Set(name, std::move(empty));
  return object.Find(name);
}

class Outward {
 public:
  Outward(JsonValue& record, base::Outcome& outcome) : record_(record), outcome_(outcome) {}

  void Run(const ResourceRule& rule, Node resource) {
    if (rule.each.empty()) {
      Write(rule.rules, resource, record_, record_);
      return;
    }
    JsonValue item = JsonValue::Object();
    Write(rule.rules, resource, item, record_);
    if (!item.members().empty()) MakeBelow(record_, rule.each, JsonValue::Array())->Append(std::move(item));
  }

 private:
  // Fields of the item go into `object`, fields of the record (written with a slash) into `whole`. The first rule that
  // finds a value for a field wins, so later ones are fallbacks.
  void Write(const std::vector<Rule>& rules, Node from, JsonValue& object, JsonValue& whole) {
    for (const Rule& rule : rules) {
      if (rule.direction == Direction::kIn) continue;
      if (rule.guard && !Holds(*rule.guard, from)) continue;
      if (rule.source.kind == adapters::FieldKind::kList) {
        WriteList(rule, from, whole);
        continue;
      }
      JsonValue& into = rule.source.from == Source::From::kItem ? object : whole;
      std::string where;
      if (FindField(into, rule.source.field, &where) != nullptr) continue;
      const std::optional<std::string> text =
          rule.out_literal ? rule.out_literal : GetValue(FindPlace(from, rule.path), rule.lens, rule.source.kind, outcome_);
      if (text) PutField(into, rule.source.field, ValueOf(*text, rule.source.kind));
    }
  }

  void WriteList(const Rule& rule, Node from, JsonValue& whole) {
    const Node list = FindPlace(from, rule.path);
    for (Node entry = list ? list.first_child() : Node(); entry; entry = entry.next()) {
      JsonValue item = JsonValue::Object();
      Write(rule.items, entry, item, whole);
      if (!item.members().empty()) MakeBelow(whole, rule.source.path, JsonValue::Array())->Append(std::move(item));
    }
  }

  static bool Holds(const Guard& guard, Node from) {
    const Node place = FindPlace(from, guard.path);
    const std::string_view text = place ? place.text() : std::string_view();
    const bool listed = std::find(guard.values.begin(), guard.values.end(), text) != guard.values.end();
    switch (guard.test) {
      case Guard::Test::kIs: return listed;
      case Guard::Test::kIsNot: return !listed;
      case Guard::Test::kExists: return static_cast<bool>(place);
      case Guard::Test::kMissing: return !place;
    }
    return false;
  }

  JsonValue& record_;
  base::Outcome& outcome_;
};

}  // namespace

JsonValue RunToRecord(const MapProgram& program, const std::vector<std::pair<std::string, Node>>& resources, base::Outcome& outcome) {
  JsonValue record = JsonValue::Object();
  Outward outward(record, outcome);
  for (const ResourceRule& rule : program.resources) {
    for (const auto& [name, node] : resources) {
      if (name == rule.name && node && node.type() == rule.type) outward.Run(rule, node);
    }
  }
  program.out_model->Check(record, "", outcome);  // what we send must be what we would take
  return record;
}

}  // namespace heyi::mapping
