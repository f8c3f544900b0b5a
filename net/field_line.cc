#include "net/field_line.h"

#include "net/ascii.h"

namespace heyi::net {

const char* ParseField(std::string_view line, Field* field) {
  if (line.front() == ' ' || line.front() == '\t') return "a folded line";
  const char* end = line.data();
  while (end < line.data() + line.size() && Has(kTokenChars, *end)) ++end;
  const auto size = static_cast<size_t>(end - line.data());
  if (size == line.size()) return "a line without a colon";
  if (line[size] != ':') return line[size] == ' ' || line[size] == '\t' ? "white space in the name" : "a bad name";
  if (size == 0) return "no name";
  field->name = line.substr(0, size);
  field->value = TrimField(line.substr(size + 1));
  return IsFieldValue(field->value) ? nullptr : "a control character in the value";
}

FramingError FieldTooLong(const char* why) { return {431, "http.header-too-long", why}; }

}  // namespace heyi::net
