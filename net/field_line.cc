#include "net/field_line.h"

#include <algorithm>

#include "net/ascii.h"

namespace heyi::net {

const char* ParseField(std::string_view line, Field* field) {
  if (line.front() == ' ' || line.front() == '\t') return "a folded line";
  size_t size = 0;
  while (size < line.size() && Has(kTokenChars, line[size])) ++size;
  if (size == line.size()) return "a line without a colon";
  if (line[size] != ':') return line[size] == ' ' || line[size] == '\t' ? "white space in the name" : "a bad name";
  if (size == 0) return "no name";
  field->name = line.substr(0, size);
  field->value = TrimField(line.substr(size + 1));
  return IsFieldValue(field->value) ? nullptr : "a control character in the value";
}

const char* FieldBudget::Check(size_t seen) const {
  const size_t line_max = size_t{limits_.header_bytes_max} + 2;  // with CR LF
  const size_t rest = limits_.head_bytes_max - bytes_;
  if (seen <= std::min(line_max, rest)) return nullptr;
  return line_max <= rest ? "one of them" : "all of them together";
}

const char* FieldBudget::Count(size_t size) {
  bytes_ += size;
  return ++count_ > limits_.headers_max ? "their number" : nullptr;
}

FramingError FieldTooLong(const char* why) { return {431, "http.header-too-long", why}; }

}  // namespace heyi::net
