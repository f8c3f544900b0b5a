#include "mapping/fml/convert.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"
#include "fhir/path/decimal.h"
#include "fhir/path/temporal.h"
#include "fhir/path/value.h"

namespace heyi::mapping {
namespace {

using fhir::PathValue;
using fhir::Temporal;

bool IsAnyOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::optional<std::string> AsBoolean(std::string_view text) {
  const std::string lower = base::AsciiLower(text);
  if (IsAnyOf(lower, {"true", "t", "yes", "y", "1", "1.0"})) return "true";
  if (IsAnyOf(lower, {"false", "f", "no", "n", "0", "0.0"})) return "false";
  return std::nullopt;
}

std::optional<std::string> AsInteger(std::string_view text, std::string_view type) {
  if (text == "true" || text == "false") return text == "true" ? "1" : "0";
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  uint64_t value = 0;
  if (text.empty() || text.size() > 18 || !base::ParseUnsigned(text, &value)) return std::nullopt;
  if (value > (negative ? 2'147'483'648u : 2'147'483'647u)) return std::nullopt;
  if (type != "integer" && negative && value > 0) return std::nullopt;
  if (type == "positiveInt" && value == 0) return std::nullopt;
  return (negative && value > 0 ? "-" : "") + std::to_string(value);
}

std::optional<std::string> AsDecimal(std::string_view text) {
  if (text == "true" || text == "false") return text == "true" ? "1.0" : "0.0";
  if (text.starts_with('+')) text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  while (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') digits.remove_prefix(1);
  const std::string number = (negative ? "-" : "") + std::string(digits);
  if (!fhir::Decimal::Parse(number)) return std::nullopt;
  return number;  // as written, so that 1.50 stays 1.50
}

std::string_view WithoutOpenEnd(std::string_view text) {
  if (text.ends_with('T')) text.remove_suffix(1);
  return text;
}

std::optional<std::string> AsDate(std::string_view text) {
  const auto value = fhir::ParseTemporal(PathValue::Kind::kDateTime, text);
  if (!value) return std::nullopt;
  return std::string(text.substr(0, text.find('T')));
}

// FHIR wants seconds and a zone where there is a time at all; what lacks them cannot be made up.
std::optional<std::string> AsDateTime(std::string_view text, bool instant) {
  text = WithoutOpenEnd(text);
  const auto value = fhir::ParseTemporal(PathValue::Kind::kDateTime, text);
  if (!value) return std::nullopt;
  const bool whole = value->precision == Temporal::kSecond && value->offset_minutes.has_value();
  if (!whole && (instant || value->precision > Temporal::kDay)) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> AsTime(std::string_view text) {
  const auto value = fhir::ParseTemporal(PathValue::Kind::kTime, text);
  if (!value || value->precision != Temporal::kSecond) return std::nullopt;
  return std::string(text);
}

}  // namespace

std::string_view PrimitiveName(const fhir::Type& type) {
  const std::string_view name = type.name;
  if (!name.starts_with(fhir::kSystemTypePrefix)) return name;
  const std::string_view system = name.substr(fhir::kSystemTypePrefix.size());
  if (system == "Boolean") return "boolean";
  if (system == "Integer") return "integer";
  if (system == "Decimal") return "decimal";
  if (system == "Date") return "date";
  if (system == "DateTime") return "dateTime";
  if (system == "Time") return "time";
  return "string";
}

std::string_view PrimitiveNameOf(PathValue::Kind kind) {
  switch (kind) {
    case PathValue::Kind::kBoolean: return "boolean";
    case PathValue::Kind::kString: return "string";
    case PathValue::Kind::kInteger: case PathValue::Kind::kLong: return "integer";
    case PathValue::Kind::kDecimal: return "decimal";
    case PathValue::Kind::kDate: return "date";
    case PathValue::Kind::kDateTime: return "dateTime";
    case PathValue::Kind::kTime: return "time";
    case PathValue::Kind::kNode: case PathValue::Kind::kQuantity: case PathValue::Kind::kType: break;
  }
  return {};
}

std::optional<std::string> ConvertPrimitive(std::string_view text, PathValue::Kind from, const fhir::Type& to) {
  const std::string_view name = PrimitiveName(to);
  if (name == "boolean") return AsBoolean(text);
  if (name == "decimal") return AsDecimal(text);
  if (IsAnyOf(name, {"integer", "positiveInt", "unsignedInt"})) return AsInteger(text, name);
  if (name == "date") return AsDate(text);
  if (name == "dateTime" || name == "instant") return AsDateTime(text, name == "instant");
  if (name == "time") return AsTime(text);
  if (from == PathValue::Kind::kDateTime) text = WithoutOpenEnd(text);
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

}  // namespace heyi::mapping
