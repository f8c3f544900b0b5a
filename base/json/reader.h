// Strict streaming JSON (RFC 8259), in place and without recursion: the only door to RapidJSON.
//
// Refused with a rule and a byte position: whatever is not well-formed, a second document, a byte-order mark alone,
// duplicate keys in one object, U+0000 in a string, invalid UTF-8, more depth or values than the limits allow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace heyi::base {

struct JsonLimits {
  uint32_t depth_max = 128;
  uint64_t values_max = 20'000'000;
  uint32_t members_max = 10'000;  // of one object: keeps keys chosen to collide in a hash from costing more than moments
  uint32_t number_chars_max = 1'000;
};

// Receives a document. Views point into the buffer being read and live as long as it does. `begin` and `end` are byte
// offsets into the original text: of a string's first character, of a number, of the brackets.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;
  virtual void Null(size_t begin) = 0;
  virtual void Bool(bool value, size_t begin) = 0;
  virtual void Number(std::string_view raw, size_t begin) = 0;   // the characters as written
  virtual void String(std::string_view text, size_t begin) = 0;  // unescaped
  virtual void Key(std::string_view name) = 0;
  virtual void StartObject(size_t begin) = 0;  // of `{`
  virtual void EndObject(size_t end) = 0;      // one past `}`
  virtual void StartArray(size_t begin) = 0;
  virtual void EndArray(size_t end) = 0;
};

// Reads `text` in place (escapes are decoded over it). A leading byte-order mark before a document is skipped.
Result<Done> ReadJsonInPlace(std::string& text, JsonEvents& events, const JsonLimits& limits = {});

}  // namespace heyi::base
