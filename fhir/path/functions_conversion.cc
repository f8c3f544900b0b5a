// https://hl7.org/fhirpath/N1/#conversion: toX() and convertsToX().
#include <algorithm>

#include "fhir/path/functions.h"
#include "fhir/path/lexer.h"
#include "fhir/path/quantity.h"
#include "fhir/path/temporal.h"
#include "fhir/path/value.h"
#include "fhir/ucum/ucum.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;
using Kind = PathValue::Kind;
using Converted = std::optional<PathValue>;

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// [+-]digits, and digits behind a point where `decimal`.
bool IsPlainNumber(std::string_view text, bool decimal) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const size_t point = decimal ? text.find('.') : std::string_view::npos;
  if (point == std::string_view::npos) return IsDigits(text);
  return IsDigits(text.substr(0, point)) && IsDigits(text.substr(point + 1));
}

Converted ToBoolean(const Scalar& from) {
  std::string text(from.text);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  if (from.is_number()) {
    if (CompareNumberTexts(text, "1") == 0) return PathValue::OfBoolean(true);
    if (CompareNumberTexts(text, "0") == 0) return PathValue::OfBoolean(false);
    return std::nullopt;
  }
  if (from.kind != Kind::kString && from.kind != Kind::kBoolean) return std::nullopt;
  for (const std::string_view yes : {"true", "t", "yes", "y", "1", "1.0"}) {
    if (text == yes) return PathValue::OfBoolean(true);
  }
  for (const std::string_view no : {"false", "f", "no", "n", "0", "0.0"}) {
    if (text == no) return PathValue::OfBoolean(false);
  }
  return std::nullopt;
}

std::optional<int64_t> WholeOf(const Scalar& from) {
  if (from.kind == Kind::kBoolean) return from.text == "true" ? 1 : 0;
  const bool number = from.is_whole() || (from.kind == Kind::kString && IsPlainNumber(from.text, false));
  const std::optional<Decimal> value = number ? Decimal::Parse(from.text) : std::nullopt;
  return value ? value->ToInteger() : std::nullopt;
}

Converted ToInteger(const Scalar& from) {
  const std::optional<int64_t> whole = WholeOf(from);
  return whole ? Converted(MakeInteger(*whole)) : std::nullopt;
}

Converted ToLong(const Scalar& from) {
  const std::optional<int64_t> whole = WholeOf(from);
  return whole ? Converted(PathValue::OfText(Kind::kLong, std::to_string(*whole))) : std::nullopt;
}

Converted ToDecimal(const Scalar& from) {
  if (from.kind == Kind::kBoolean) return PathValue::OfText(Kind::kDecimal, from.text == "true" ? "1.0" : "0.0");
  if (!from.is_number() && !(from.kind == Kind::kString && IsPlainNumber(from.text, true))) return std::nullopt;
  const std::optional<Decimal> value = Decimal::Parse(from.text);
  return value ? Converted(MakeDecimal(*value)) : std::nullopt;
}

Converted ToText(const Scalar& from) {
  if (!from) return std::nullopt;
  if (from.kind != Kind::kQuantity) return MakeString(std::string(from.text));
  const std::string quote = IsCalendarUnit(from.unit) ? "" : "'";
  return MakeString(std::string(from.text) + ' ' + quote + std::string(from.unit) + quote);
}

template <Kind kKind>
Converted ToTemporal(const Scalar& from) {
  const bool date_and_time = (from.kind == Kind::kDate || from.kind == Kind::kDateTime) && kKind != Kind::kTime;
  if (from.kind != Kind::kString && from.kind != kKind && !date_and_time) return std::nullopt;
  std::string_view text = from.text;
  if (kKind == Kind::kDate && from.kind == Kind::kDateTime) text = text.substr(0, text.find('T'));
  if (kKind == Kind::kTime && text.starts_with('T')) text.remove_prefix(1);
  if (!ParseTemporal(kKind, text)) return std::nullopt;
  return PathValue::OfText(kKind, std::string(text));
}

// "4 days", "4.5 'mg'", "4".
Converted QuantityInText(std::string_view text) {
  const Result<std::vector<Token>> lexed = LexPath(text);
  if (!lexed.ok()) return std::nullopt;
  auto token = lexed->begin();
  std::string number;
  if (token->Is("-") || token->Is("+")) {
    if (token->Is("-")) number = "-";
    ++token;
  }
  if (token->kind != TokenKind::kNumber) return std::nullopt;
  number += token->text;
  ++token;
  std::string unit = "1";
  if (token->kind == TokenKind::kString || (token->kind == TokenKind::kIdentifier && IsCalendarUnit(token->text))) {
    unit = token->text;
    ++token;
  }
  if (token->kind != TokenKind::kEnd) return std::nullopt;
  return PathValue::OfText(Kind::kQuantity, std::move(number), std::move(unit));
}

Converted ToQuantity(const Scalar& from) {
  if (from.kind == Kind::kQuantity) return MakeQuantity(std::string(from.text), from);
  if (from.kind == Kind::kInteger || from.kind == Kind::kDecimal) {
    return PathValue::OfText(Kind::kQuantity, std::string(from.text), "1");
  }
  if (from.kind == Kind::kBoolean) return PathValue::OfText(Kind::kQuantity, from.text == "true" ? "1.0" : "0.0", "1");
  return from.kind == Kind::kString ? QuantityInText(from.text) : std::nullopt;
}

using Conversion = Converted (*)(const Scalar&);

template <Conversion kConvert>
Result<Collection> To(Call& call) {
  HEYI_TRY(item, call.Single());
  Converted value = item == nullptr ? std::nullopt : kConvert(ScalarOf(*item));
  return value ? One(*std::move(value)) : Collection();
}

template <Conversion kConvert>
Result<Collection> ConvertsTo(Call& call) {
  HEYI_TRY(item, call.Single());
  return item == nullptr ? Collection() : OneBoolean(kConvert(ScalarOf(*item)).has_value());
}

// FHIR's Quantity is System's only where its unit is UCUM's or none is coded, and a comparator has no place in one.
Result<Converted> SingleQuantity(Call& call) {
  HEYI_TRY(item, call.Single());
  if (item == nullptr) return Converted();
  const Node node = item->kind() == Kind::kNode ? item->node() : Node();
  if (node && node.is_object()) {
    if (node.Member("comparator")) return PathFailure("a quantity with a comparator is no single value");
    const std::string_view system = node.TextAt("system");
    if (!system.empty() && system != kUcumSystem) return Converted();
  }
  return ToQuantity(ScalarOf(*item));
}

// toQuantity(unit): in that unit, if it can be.
Result<Converted> QuantityInUnit(Call& call) {
  HEYI_TRY(quantity, SingleQuantity(call));
  if (call.arguments() == 0) return std::move(quantity);
  HEYI_TRY(unit, call.TextArgument(0));
  if (!quantity || !unit) return Converted();
  return Converted(QuantityIn(ScalarOf(*quantity), *unit));
}

Result<Collection> ToQuantityIn(Call& call) {
  HEYI_TRY(quantity, QuantityInUnit(call));
  return quantity ? One(*std::move(quantity)) : Collection();
}
Result<Collection> ConvertsToQuantityIn(Call& call) {
  HEYI_TRY(quantity, QuantityInUnit(call));
  return call.input.empty() ? Collection() : OneBoolean(quantity.has_value());
}

constexpr Function kConversionFunctions[] = {
    {"toBoolean", 0, 0, Takes::kValues, false, To<ToBoolean>},
    {"toInteger", 0, 0, Takes::kValues, false, To<ToInteger>},
    {"toDecimal", 0, 0, Takes::kValues, false, To<ToDecimal>},
    {"toString", 0, 0, Takes::kValues, false, To<ToText>},
    {"toDate", 0, 0, Takes::kValues, false, To<ToTemporal<Kind::kDate>>},
    {"toDateTime", 0, 0, Takes::kValues, false, To<ToTemporal<Kind::kDateTime>>},
    {"toTime", 0, 0, Takes::kValues, false, To<ToTemporal<Kind::kTime>>},
    {"toQuantity", 0, 1, Takes::kValues, false, ToQuantityIn},
    {"toLong", 0, 0, Takes::kValues, false, To<ToLong>},
    {"convertsToLong", 0, 0, Takes::kValues, false, ConvertsTo<ToLong>},
    {"convertsToBoolean", 0, 0, Takes::kValues, false, ConvertsTo<ToBoolean>},
    {"convertsToInteger", 0, 0, Takes::kValues, false, ConvertsTo<ToInteger>},
    {"convertsToDecimal", 0, 0, Takes::kValues, false, ConvertsTo<ToDecimal>},
    {"convertsToString", 0, 0, Takes::kValues, false, ConvertsTo<ToText>},
    {"convertsToDate", 0, 0, Takes::kValues, false, ConvertsTo<ToTemporal<Kind::kDate>>},
    {"convertsToDateTime", 0, 0, Takes::kValues, false, ConvertsTo<ToTemporal<Kind::kDateTime>>},
    {"convertsToTime", 0, 0, Takes::kValues, false, ConvertsTo<ToTemporal<Kind::kTime>>},
    {"convertsToQuantity", 0, 1, Takes::kValues, false, ConvertsToQuantityIn},
};

}  // namespace

std::span<const Function> ConversionFunctions() { return kConversionFunctions; }

}  // namespace heyi::fhir
