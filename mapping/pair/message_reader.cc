#include "mapping/pair/message_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "mapping/limits.h"

namespace heyi::mapping {
namespace {

const base::JsonValue* Walk(const base::JsonValue& from, std::string_view path) {
  const base::JsonValue* at = &from;
  for (std::string_view name : base::Split(path, '.')) {
    at = at->Find(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

MessageValue ValueAt(const base::JsonValue& from, const Source& source, const std::string& prefix) {
  std::string where;
  const base::JsonValue* value = FindField(from, source.field, &where);
  MessageValue made;
  if (value == nullptr || value->is_object() || value->is_array()) return made;
  made.text = adapters::NormalText(*value, source.kind);
  if (made.present()) made.origins.push_back({prefix + where, value->begin()});
  return made;
}

void Join(std::vector<Origin>& into, const std::vector<Origin>& more) { into.insert(into.end(), more.begin(), more.end()); }

// The number of a visit that Heyi issues: area, G, and 20 digits that follow from institution and admission number,
// so that the same admission always gets the same number. 27 of the 30 characters that the interface allows; with 64
// bits, a clash in a million admissions has a chance of one in thirty million.
std::string VisitNumber(const std::string& area, const std::string& institution, const std::string& admission) {
  return fmt::format("{}G{:020}", area, base::Hash64(fmt::format("visit\n{}\n{}", institution, admission)));
}

// The district of a designated institution, which its code begins with: H or P, 6 digits, 5 digits. Empty where `code`
// is none.
std::string AreaOf(std::string_view code) {
  if (code.size() != 12 || (code[0] != 'H' && code[0] != 'P')) return {};
  const bool digits = code.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return digits ? std::string(code.substr(1, 6)) : std::string();
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Family and given name as they are said: 周 福根 -> 周福根, EVERYWOMAN EVE -> EVE EVERYWOMAN.
std::string PersonName(const std::string& family, const std::string& given) {
  if (family.empty() || given.empty()) return family + given;
  return IsAscii(family + given) ? given + " " + family : family + given;
}

}  // namespace

MessageValue MessageReader::Read(const Source& source, const Scope& scope) const {
  switch (source.from) {
    case Source::From::kLiteral: return {source.path, {}};
    case Source::From::kEnvelope: return ValueAt(message_.envelope, source, "");
    case Source::From::kRecord: return ValueAt(message_.record, source, message_.record_path + ".");
    case Source::From::kItem:
      if (scope.item == nullptr) return {};
      return ValueAt(*scope.item, source, PlaceOf(scope) + ".");
    case Source::From::kLet: {
      const Let* let = program_.FindLet(source.path);
      return let == nullptr ? MessageValue() : ReadLet(*let, scope);
    }
  }
  return {};
}

// A let names only lets that stand before it, so this ends.
MessageValue MessageReader::ReadLet(const Let& let, const Scope& scope) const {
  MessageValue made;
  std::vector<MessageValue> values;
  for (const Source& argument : let.arguments) values.push_back(Read(argument, scope));
  using Function = Let::Function;
  if (let.function == Function::kFirst || let.function == Function::kIdentityNumber) {
    for (MessageValue& value : values) {
      if (!value.present()) continue;
      if (let.function == Function::kIdentityNumber) {
        value.text = adapters::NormalText(base::JsonValue::OfString(value.text), adapters::FieldKind::kIdCard);
      }
      return std::move(value);
    }
    return made;
  }
  if (let.function == Function::kConcat || let.function == Function::kPersonName) {
    for (const MessageValue& value : values) {
      if (let.function == Function::kConcat && value.present()) made.text += (made.text.empty() ? "" : let.separator) + value.text;
      Join(made.origins, value.origins);
    }
    if (let.function == Function::kPersonName) made.text = PersonName(values[0].text, values[1].text);
    return made;
  }
  if (let.function == Function::kAreaOf) {
    made.text = AreaOf(values[0].text);
    if (made.present()) made.origins = values[0].origins;
    return made;
  }
  const bool all = std::all_of(values.begin(), values.end(), [](const MessageValue& value) { return value.present(); });
  if (!all || values.empty()) return made;
  if (let.function == Let::Function::kVisitNumber) made.text = VisitNumber(values[0].text, values[1].text, values[2].text);
  for (const MessageValue& value : values) {
    if (let.function == Let::Function::kJoin) made.text += (made.text.empty() ? "" : let.separator) + value.text;
    Join(made.origins, value.origins);
  }
  return made;
}

bool MessageReader::Holds(const Guard& guard, const Scope& scope) const {
  const MessageValue value = Read(guard.source, scope);
  const bool listed = std::find(guard.values.begin(), guard.values.end(), value.text) != guard.values.end();
  switch (guard.test) {
    case Guard::Test::kIs: return listed;
    case Guard::Test::kIsNot: return !listed;
    case Guard::Test::kExists: return value.present();
    case Guard::Test::kMissing: return !value.present();
  }
  return false;
}

std::string MessageReader::PlaceOf(const Scope& scope) const {
  if (scope.item == nullptr) return message_.record_path;
  return fmt::format("{}.{}[{}]", message_.record_path, scope.list, scope.position);
}

const base::JsonValue* MessageReader::List(std::string_view name) const {
  const base::JsonValue* list = Walk(message_.record, name);
  return list != nullptr && list->is_array() ? list : nullptr;
}

std::vector<std::string> MessageReader::UnknownFields() const {
  std::vector<std::string> unknown;
  if (message_.record.is_object()) CollectUnknown(message_.record, "", message_.record_path + ".", unknown);
  return unknown;
}

// As deep as the adapter's JSON limits let a message be.
void MessageReader::CollectUnknown(const base::JsonValue& object, const std::string& level, const std::string& place,
                                   std::vector<std::string>& unknown) const {
  for (const auto& [name, value] : object.members()) {
    if (unknown.size() >= kUnreadMax) return;
    if (adapters::IsAbsent(value)) continue;
    const adapters::Field* field = program_.model->Find(level + name);
    if (field == nullptr) {
      unknown.push_back(place + name);
    } else if (field->kind == adapters::FieldKind::kObject && value.is_object()) {
      CollectUnknown(value, level + name + ".", place + name + ".", unknown);
    } else if (field->kind == adapters::FieldKind::kList && value.is_array()) {
      for (size_t i = 0; i < value.items().size(); ++i) {
        CollectUnknown(value.items()[i], level + name + "[].", fmt::format("{}{}[{}].", place, name, i), unknown);
      }
    }
  }
}

}  // namespace heyi::mapping
