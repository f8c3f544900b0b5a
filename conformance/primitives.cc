#include "conformance/primitives.h"

#include <algorithm>

#include "base/ids.h"
#include "base/text.h"
#include "conformance/limits.h"
#include "fhir/search/date_time.h"

namespace heyi::conformance {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsLowerHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
bool IsBase64Digit(char c) {
  return IsDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
}

// "0", "17": takes the digits off the front; false where there are none or they begin with a zero too many.
bool TakeWhole(std::string_view& text) {
  const size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0 || (end > 1 && text[0] == '0')) return false;
  text.remove_prefix(end);
  return true;
}

bool TakeDigits(std::string_view& text) {
  const size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(end);
  return end > 0;
}

}  // namespace

Primitive PrimitiveOf(const fhir::Type& type) {
  const std::string_view name = type.name;
  switch (name.empty() ? ' ' : name.front()) {
    case 'b':
      if (name == "boolean") return Primitive::kBoolean;
      if (name == "base64Binary") return Primitive::kBase64;
      break;
    case 'c':
      if (name == "code") return Primitive::kCode;
      if (name == "canonical") return Primitive::kUri;
      break;
    case 'd':
      if (name == "dateTime") return Primitive::kDateTime;
      if (name == "date") return Primitive::kDate;
      if (name == "decimal") return Primitive::kDecimal;
      break;
    case 'i':
      if (name == "id") return Primitive::kId;
      if (name == "instant") return Primitive::kInstant;
      if (name == "integer") return Primitive::kInteger;
      break;
    case 'o':
      if (name == "oid") return Primitive::kOid;
      break;
    case 'p':
      if (name == "positiveInt") return Primitive::kPositiveInt;
      break;
    case 't':
      if (name == "time") return Primitive::kTime;
      break;
    case 'u':
      if (name == "uri" || name == "url") return Primitive::kUri;
      if (name == "unsignedInt") return Primitive::kUnsignedInt;
      if (name == "uuid") return Primitive::kUuid;
      break;
    case 'x':
      if (name == "xhtml") return Primitive::kXhtml;
      break;
    default: break;
  }
  return Primitive::kString;
}

std::string_view BrokenRule(Primitive primitive, std::string_view text) {
  const auto unless = [](bool ok, std::string_view rule) { return ok ? std::string_view() : rule; };
  switch (primitive) {
    case Primitive::kBoolean: return {};  // JSON's own
    case Primitive::kString: return unless(IsString(text), "conformance.string");
    case Primitive::kInteger: return unless(IsInteger(text, INT32_MIN, INT32_MAX), "conformance.integer");
    case Primitive::kPositiveInt: return unless(IsInteger(text, 1, INT32_MAX), "conformance.positive-int");
    case Primitive::kUnsignedInt: return unless(IsInteger(text, 0, INT32_MAX), "conformance.unsigned-int");
    case Primitive::kDecimal: return unless(IsDecimal(text), "conformance.decimal");
    case Primitive::kDate: return unless(IsDate(text), "conformance.date");
    case Primitive::kDateTime: return unless(IsDateTime(text), "conformance.date-time");
    case Primitive::kInstant: return unless(IsInstant(text), "conformance.instant");
    case Primitive::kTime: return unless(fhir::IsTimeText(text), "conformance.time");
    case Primitive::kId: return unless(base::IsFhirId(text), "conformance.id");
    case Primitive::kOid: return unless(IsOid(text), "conformance.oid");
    case Primitive::kUuid: return unless(IsUuid(text), "conformance.uuid");
    case Primitive::kUri: return unless(IsUri(text), "conformance.uri");
    case Primitive::kCode: return unless(IsCode(text), "conformance.code");
    case Primitive::kBase64: return unless(IsBase64(text), "conformance.base64");
    case Primitive::kXhtml: return unless(IsXhtml(text), "conformance.xhtml");
  }
  return {};
}

bool IsInteger(std::string_view text, int64_t min, int64_t max) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::string_view rest = text;
  if (text.size() > 10 || !TakeWhole(rest) || !rest.empty()) return false;
  if (negative && text == "0") return false;
  int64_t value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  if (negative) value = -value;
  return value >= min && value <= max;
}

bool IsDecimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (!TakeWhole(text)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!TakeDigits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (!TakeDigits(text)) return false;
  }
  return text.empty();
}

bool IsDate(std::string_view text) {
  const auto date = fhir::ScanDateTime(text);
  return date && date->precision <= fhir::DatePrecision::kDay;
}

bool IsDateTime(std::string_view text) {
  const auto date = fhir::ScanDateTime(text);
  if (!date) return false;
  const bool to_the_second = date->precision == fhir::DatePrecision::kSecond;
  return date->precision <= fhir::DatePrecision::kDay || (to_the_second && date->has_zone);
}

bool IsInstant(std::string_view text) {
  const auto date = fhir::ScanDateTime(text);
  return date && date->precision == fhir::DatePrecision::kSecond && date->has_zone;
}

bool IsOid(std::string_view text) {
  constexpr std::string_view kHead = "urn:oid:";
  if (!text.starts_with(kHead)) return false;
  text.remove_prefix(kHead.size());
  if (text.empty() || text[0] < '0' || text[0] > '2') return false;
  text.remove_prefix(1);
  if (text.empty()) return false;
  while (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!TakeWhole(text)) return false;
  }
  return text.empty();
}

bool IsUuid(std::string_view text) {
  constexpr std::string_view kHead = "urn:uuid:";
  if (!text.starts_with(kHead) || text.size() != kHead.size() + 36) return false;
  text.remove_prefix(kHead.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsLowerHex(text[i])) return false;
  }
  return true;
}

bool IsUri(std::string_view text) { return !text.empty() && std::none_of(text.begin(), text.end(), IsSpace); }

bool IsCode(std::string_view text) {
  bool after_space = true;  // as if one stood before
  for (const char c : text) {
    if (c == ' ' ? after_space : IsSpace(c)) return false;
    after_space = c == ' ';
  }
  return !after_space;
}

// Groups of four, white space between them, padding at the end.
bool IsBase64(std::string_view text) {
  size_t digits = 0;
  size_t padding = 0;
  for (const char c : text) {
    if (IsSpace(c)) continue;
    if (c == '=') ++padding;
    else if (padding > 0 || !IsBase64Digit(c)) return false;
    else ++digits;
  }
  return padding <= 2 && digits > padding && (digits + padding) % 4 == 0;
}

// Some character that is no space, and no control character but tab, line feed and carriage return.
bool IsString(std::string_view text) {
  if (text.size() > kStringBytesMax) return false;
  bool blank = true;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > ' ') blank = false;
    else if (!IsSpace(c)) return false;
  }
  return !blank;
}

bool IsXhtml(std::string_view text) {
  text = base::Trim(text);
  constexpr std::string_view kHead = "<div";
  if (!text.starts_with(kHead) || text.size() == kHead.size()) return false;
  const char next = text[kHead.size()];
  return IsSpace(next) || next == '>' || next == '/';
}

}  // namespace heyi::conformance
