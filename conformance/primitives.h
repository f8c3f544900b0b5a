// Is this the text of a date, a code, an id …? One small scanner a primitive; each is the data type's regular
// expression, and where a calendar stands behind it the calendar.
// https://hl7.org/fhir/R4/datatypes.html#primitive
#pragma once

#include <cstdint>
#include <string_view>

#include "fhir/model/definitions.h"

namespace heyi::conformance {

enum class Primitive : uint8_t {
  kString, kBoolean, kInteger, kPositiveInt, kUnsignedInt, kDecimal, kDate, kDateTime, kInstant, kTime,
  kId, kOid, kUuid, kUri, kCode, kBase64, kXhtml,
};

// By the type's name; what is none of the above (markdown, System.String) is a string.
Primitive PrimitiveOf(const fhir::Type& type);

// The rule that `text` breaks as a value of that primitive, or empty.
std::string_view BrokenRule(Primitive primitive, std::string_view text);

bool IsInteger(std::string_view text, int64_t min, int64_t max);  // no point, no exponent, no leading zero
bool IsDecimal(std::string_view text);
bool IsDate(std::string_view text);
bool IsDateTime(std::string_view text);
bool IsInstant(std::string_view text);
bool IsOid(std::string_view text);
bool IsUuid(std::string_view text);
bool IsUri(std::string_view text);
bool IsCode(std::string_view text);
bool IsBase64(std::string_view text);
bool IsString(std::string_view text);
bool IsXhtml(std::string_view text);

}  // namespace heyi::conformance
