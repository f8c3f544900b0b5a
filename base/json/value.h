// A small JSON tree for what is not FHIR: department envelopes, configuration, definitions, test data.
// Keeps member order, number text, and where each value stood in the text it was read from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json/reader.h"

namespace heyi::base {

class JsonValue {
 public:
  enum class Kind : unsigned char { kNull, kBool, kNumber, kString, kObject, kArray };
  using Member = std::pair<std::string, JsonValue>;

  JsonValue() = default;
  static JsonValue OfBool(bool value);
  static JsonValue OfNumber(std::string raw);
  static JsonValue OfInteger(int64_t value);
  static JsonValue OfString(std::string_view text);
  static JsonValue Object() { return JsonValue(Kind::kObject); }
  static JsonValue Array() { return JsonValue(Kind::kArray); }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_number() const { return kind_ == Kind::kNumber; }
  bool is_object() const { return kind_ == Kind::kObject; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_true() const { return kind_ == Kind::kBool && text_ == "true"; }

  const std::string& text() const { return text_; }  // of a string, number or bool ("true"); else empty
  const std::vector<Member>& members() const { return members_; }
  std::vector<Member>& members() { return members_; }
  const std::vector<JsonValue>& items() const { return items_; }
  std::vector<JsonValue>& items() { return items_; }

  const JsonValue* Find(std::string_view name) const;  // null where absent or no object
  JsonValue* Find(std::string_view name);
  const JsonValue& operator[](std::string_view name) const;  // a null value where absent
  std::string_view StringAt(std::string_view name) const;    // text of a string or number member, else empty
  void Set(std::string_view name, JsonValue value);          // replaces or appends
  void Append(JsonValue value) { items_.push_back(std::move(value)); }

  // Bytes [begin, end) of an object or array in the text it was read from; begin of a scalar.
  size_t begin() const { return begin_; }
  size_t end() const { return end_; }
  void SetPlace(size_t begin, size_t end) { begin_ = begin; end_ = end; }  // for readers of other texts than JSON

 private:
  friend class JsonValueBuilder;
  explicit JsonValue(Kind kind) : kind_(kind) {}

  Kind kind_ = Kind::kNull;
  std::string text_;
  std::vector<Member> members_;
  std::vector<JsonValue> items_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

Result<JsonValue> ParseJson(std::string text, const JsonLimits& limits = {});
std::string WriteJson(const JsonValue& value, bool pretty = false);

// Appends `text` as a JSON string, quoted; UTF-8 passes through.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace heyi::base
