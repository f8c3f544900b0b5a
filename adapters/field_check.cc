#include "adapters/field_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/identifiers.h"
#include "adapters/times.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

constexpr std::string_view kIdeographicSpace = "\xe3\x80\x80";
constexpr uint32_t kTextCharsMax = 4000;  // where a field has no bound of its own
constexpr uint32_t kIntegerDigitsMax = 15;

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool AllDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// FHIR's strings have no control characters but tab and line ends, and nobody's name has.
bool HasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && u != '\t' && u != '\r' && u != '\n') || u == 0x7f;
  });
}

bool IsPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// Amounts and counts: digits, one point, no sign and no exponent; half width only. A wrong reading costs money.
bool IsPlainDecimal(std::string_view text, const Field& field) {
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (!AllDigits(whole) || whole.size() > field.length - field.decimals) return false;
  if (point == std::string_view::npos) return true;
  const std::string_view part = text.substr(point + 1);
  return AllDigits(part) && part.size() <= field.decimals;
}

bool IsArea(std::string_view text, uint32_t length) {
  if (!AllDigits(text)) return false;
  return length != 0 ? text.size() == length : text.size() == 6 || text.size() == 9 || text.size() == 12;
}

bool IsFlag(std::string_view text) {
  constexpr std::string_view kFlags[] = {"0", "1", "true", "false", "是", "否"};
  return std::find(std::begin(kFlags), std::end(kFlags), text) != std::end(kFlags);
}

// Which JSON values may carry a field. Digits that arrive as a JSON number are let in where no leading zero can be lost.
bool MayCarry(const base::JsonValue& value, FieldKind kind) {
  if (value.is_string()) return true;
  switch (kind) {
    case FieldKind::kId:
    case FieldKind::kInteger:
    case FieldKind::kDecimal:
    case FieldKind::kCode: return value.is_number();
    case FieldKind::kFlag: return value.is_number() || value.kind() == base::JsonValue::Kind::kBool;
    default: return false;
  }
}

std::string_view RuleBrokenBy(const Field& field, const std::string& text) {
  const uint32_t length = field.length != 0 ? field.length : kTextCharsMax;
  switch (field.kind) {
    case FieldKind::kText: return CountCharacters(text) > length ? "adapter.length" : "";
    case FieldKind::kAscii:
    case FieldKind::kId: return !IsPrintableAscii(text) ? "adapter.ascii" : text.size() > length ? "adapter.length" : "";
    case FieldKind::kInteger:
      return !AllDigits(text) ? "adapter.integer"
             : text.size() > (field.length != 0 ? field.length : kIntegerDigitsMax) ? "adapter.length" : "";
    case FieldKind::kDecimal: return IsPlainDecimal(text, field) ? "" : "adapter.decimal";
    case FieldKind::kDate: return IsDate(text) ? "" : "adapter.date";
    case FieldKind::kDateTime: return ParseDateTime(text) ? "" : "adapter.datetime";
    case FieldKind::kTimestamp: return ReadTimestamp(text).empty() ? "adapter.timestamp" : "";
    case FieldKind::kIdCard: return ParseIdentityNumber(text) ? "" : "adapter.identity-number";
    case FieldKind::kCreditCode: return IsCreditCode(text) ? "" : "adapter.credit-code";
    case FieldKind::kArea: return IsArea(text, field.length) ? "" : "adapter.area";
    case FieldKind::kFlag: return IsFlag(text) ? "" : "adapter.flag";
    case FieldKind::kCode:
      return std::find(field.codes.begin(), field.codes.end(), text) != field.codes.end() ? "" : "adapter.code";
    default: return "";
  }
}

// Numbers of persons do not go into logs and acknowledgements whole.
std::string Shown(FieldKind kind, const std::string& text) {
  if (kind != FieldKind::kIdCard || text.size() < 12) return text;
  return text.substr(0, 6) + "********" + text.substr(text.size() - 4);
}

}  // namespace

bool IsAbsent(const base::JsonValue& value) {
  if (value.is_null()) return true;
  if (!value.is_string()) return false;
  std::string_view text = value.text();
  while (!text.empty()) {
    if (text.starts_with(kIdeographicSpace)) {
      text.remove_prefix(kIdeographicSpace.size());
    } else if (text.front() == ' ' || text.front() == '\t' || text.front() == '\r' || text.front() == '\n') {
      text.remove_prefix(1);
    } else {
      break;
    }
  }
  return text.empty() || text == "0000-00-00" || text == "0000-00-00 00:00:00";
}

std::string NormalText(const base::JsonValue& value, FieldKind kind) {
  if (IsAbsent(value)) return {};
  switch (kind) {
    case FieldKind::kIdCard:
      if (std::optional<IdentityNumber> parsed = ParseIdentityNumber(value.text())) return std::move(parsed->number);
      return std::string(base::Trim(value.text()));
    case FieldKind::kTimestamp: {
      std::string read = ReadTimestamp(base::Trim(value.text()));
      return read.empty() ? std::string(base::Trim(value.text())) : read;
    }
    case FieldKind::kCreditCode: {
      std::string code = base::NormalizeWidth(value.text());
      for (char& c : code) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      return code;
    }
    case FieldKind::kDecimal:
    case FieldKind::kInteger: return value.text();  // nothing is forgiven where money may stand
    default: return std::string(base::Trim(value.text()));
  }
}

void CheckValue(const Field& field, const base::JsonValue& value, const std::string& expression, base::Outcome& outcome) {
  if (!MayCarry(value, field.kind)) {
    outcome.Add("adapter.kind", expression, "string");
    return;
  }
  if (HasControlCharacter(value.text())) {
    outcome.Add("adapter.control-character", expression);
    return;
  }
  const bool as_sent = field.kind == FieldKind::kTimestamp;
  const std::string text = as_sent ? std::string(base::Trim(value.text())) : NormalText(value, field.kind);
  const std::string_view rule = RuleBrokenBy(field, text);
  if (rule.empty()) return;
  outcome.Add(rule, expression, rule == "adapter.length" ? fmt::format("{}", field.length) : Shown(field.kind, text));
}

}  // namespace heyi::adapters
