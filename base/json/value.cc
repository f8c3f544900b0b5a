#include "base/json/value.h"

#include <fmt/format.h>

namespace heyi::base {

class JsonValueBuilder : public JsonEvents {
 public:
  void Null(size_t begin) override { Put(JsonValue(JsonValue::Kind::kNull), begin); }
  void Bool(bool value, size_t begin) override { Put(JsonValue::OfBool(value), begin); }
  void Number(std::string_view raw, size_t begin) override { Put(JsonValue::OfNumber(std::string(raw)), begin); }
  void String(std::string_view text, size_t begin) override { Put(JsonValue::OfString(text), begin); }
  void Key(std::string_view name) override { name_ = name; }
  void StartObject(size_t begin) override { Open(JsonValue::Kind::kObject, begin); }
  void EndObject(size_t end) override { Close(end); }
  void StartArray(size_t begin) override { Open(JsonValue::Kind::kArray, begin); }
  void EndArray(size_t end) override { Close(end); }

  JsonValue Take() { return std::move(root_); }

 private:
  struct Frame {
    JsonValue value;
    std::string name;  // under which it goes into its parent
  };

  void Open(JsonValue::Kind kind, size_t begin) {
    open_.push_back({JsonValue(kind), std::string(name_)});
    open_.back().value.begin_ = begin;
  }
  void Close(size_t end) {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    frame.value.end_ = end;
    Attach(std::move(frame.value), frame.name);
  }
  void Put(JsonValue value, size_t begin) {
    value.begin_ = begin;
    Attach(std::move(value), name_);
  }
  void Attach(JsonValue value, std::string_view name) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.is_array()) {
      open_.back().value.items_.push_back(std::move(value));
    } else {
      open_.back().value.members_.emplace_back(name, std::move(value));
    }
  }

  std::vector<Frame> open_;
  std::string_view name_;
  JsonValue root_;
};

namespace {

void Write(const JsonValue& value, bool pretty, size_t depth, std::string& out) {
  const auto line = [&](size_t indent) {
    if (pretty) out.append(1, '\n').append(indent * 2, ' ');
  };
  switch (value.kind()) {
    case JsonValue::Kind::kNull: out += "null"; return;
    case JsonValue::Kind::kBool:
    case JsonValue::Kind::kNumber: out += value.text(); return;
    case JsonValue::Kind::kString: AppendJsonString(out, value.text()); return;
    case JsonValue::Kind::kObject: {
      out += '{';
      bool first = true;
      for (const auto& [name, member] : value.members()) {
        if (!first) out += ',';
        first = false;
        line(depth + 1);
        AppendJsonString(out, name);
        out += pretty ? ": " : ":";
        Write(member, pretty, depth + 1, out);
      }
      if (!first) line(depth);
      out += '}';
      return;
    }
    case JsonValue::Kind::kArray: {
      out += '[';
      bool first = true;
      for (const JsonValue& item : value.items()) {
        if (!first) out += ',';
        first = false;
        line(depth + 1);
        Write(item, pretty, depth + 1, out);
      }
      if (!first) line(depth);
      out += ']';
      return;
    }
  }
}

}  // namespace

JsonValue JsonValue::OfBool(bool value) {
  JsonValue made(Kind::kBool);
  made.text_ = value ? "true" : "false";
  return made;
}
JsonValue JsonValue::OfNumber(std::string raw) {
  JsonValue made(Kind::kNumber);
  made.text_ = std::move(raw);
  return made;
}
JsonValue JsonValue::OfInteger(int64_t value) { return OfNumber(fmt::format("{}", value)); }
JsonValue JsonValue::OfString(std::string_view text) {
  JsonValue made(Kind::kString);
  made.text_ = text;
  return made;
}

const JsonValue* JsonValue::Find(std::string_view name) const { return const_cast<JsonValue*>(this)->Find(name); }

JsonValue* JsonValue::Find(std::string_view name) {
  for (auto& [key, value] : members_) {
    if (key == name) return &value;
  }
  return nullptr;
}

const JsonValue& JsonValue::operator[](std::string_view name) const {
  static const JsonValue absent;
  const JsonValue* found = Find(name);
  return found != nullptr ? *found : absent;
}

std::string_view JsonValue::StringAt(std::string_view name) const {
  const JsonValue& value = (*this)[name];
  return value.is_string() || value.is_number() ? std::string_view(value.text()) : std::string_view();
}

void JsonValue::Set(std::string_view name, JsonValue value) {
  if (JsonValue* found = Find(name)) {
    *found = std::move(value);
  } else {
    members_.emplace_back(name, std::move(value));
  }
}

Result<JsonValue> ParseJson(std::string text, const JsonLimits& limits) {
  JsonValueBuilder builder;
  HEYI_CHECK(ReadJsonInPlace(text, builder, limits));
  return builder.Take();
}

std::string WriteJson(const JsonValue& value, bool pretty) {
  std::string out;
  Write(value, pretty, 0, out);
  return out;
}

void AppendJsonString(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, start, i - start);
    start = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
  }
  out.append(text, start, text.size() - start);
  out += '"';
}

}  // namespace heyi::base
