// FHIR values seen as FHIRPath's System values, and back. https://hl7.org/fhir/R4/fhirpath.html#types
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fhir/path/decimal.h"
#include "fhir/path/path.h"

namespace heyi::fhir {

// What an item is worth in an operation: FHIR.string and System.String are both kString. `kind` is kNode where it has
// no such value: a complex type, or a primitive with extensions only. Views live as long as the item.
struct Scalar {
  PathValue::Kind kind = PathValue::Kind::kNode;
  std::string_view text;
  std::string_view unit;  // kQuantity: UCUM code, calendar word, or whatever unit is stated
  bool calendar_or_ucum = false;  // kQuantity: FHIR's `a`, which is UCUM's a and the calendar's year

  explicit operator bool() const { return kind != PathValue::Kind::kNode; }
  bool is_whole() const { return kind == PathValue::Kind::kInteger || kind == PathValue::Kind::kLong; }
  bool is_number() const { return is_whole() || kind == PathValue::Kind::kDecimal; }
  bool is_temporal() const {
    return kind == PathValue::Kind::kDate || kind == PathValue::Kind::kDateTime || kind == PathValue::Kind::kTime;
  }
};

Scalar ScalarOf(const PathValue& value);

// The System kind of a primitive FHIR type: code -> kString, instant -> kDateTime.
PathValue::Kind KindOfPrimitive(const Type& type);

// A primitive of which only id or extensions are known.
inline bool IsWithoutValue(const PathValue& value) { return value.kind() == PathValue::Kind::kNode && !value.node(); }

PathValue MakeInteger(int64_t value);
PathValue MakeDecimal(const Decimal& value);
PathValue MakeString(std::string text);

// How the definitions name the System types that some elements have (Element.id, Extension.url).
inline constexpr std::string_view kSystemTypePrefix = "http://hl7.org/fhirpath/System.";

// "Boolean" … of "System.Boolean"; empty for kNode.
std::string_view SystemTypeName(PathValue::Kind kind);
std::optional<PathValue::Kind> SystemKindOf(std::string_view type_name);

}  // namespace heyi::fhir
