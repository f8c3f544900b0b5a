#include "fhir/path/value.h"

#include <array>
#include <utility>

namespace heyi::fhir {
namespace {

using Kind = PathValue::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 8> kSystemTypes{{{"Boolean", Kind::kBoolean},
                                                                          {"String", Kind::kString},
                                                                          {"Integer", Kind::kInteger},
                                                                          {"Decimal", Kind::kDecimal},
                                                                          {"Date", Kind::kDate},
                                                                          {"DateTime", Kind::kDateTime},
                                                                          {"Time", Kind::kTime},
                                                                          {"Quantity", Kind::kQuantity}}};

Scalar QuantityOf(Node node) {
  const Node value = node.Member("value");
  if (!value || node.Member("comparator")) return {};
  const std::string_view code = node.TextAt("code");
  const bool ucum = node.TextAt("system") == "http://unitsofmeasure.org" && !code.empty();
  std::string_view unit = ucum ? code : node.TextAt("unit");
  if (unit.empty()) unit = code.empty() ? "1" : code;
  return {Kind::kQuantity, value.text(), unit};
}

}  // namespace

PathValue PathValue::OfNode(Node node) {
  PathValue value;
  value.node_ = node;
  return value;
}

PathValue PathValue::OfNode(Node node, Node underscore) {
  PathValue value;
  value.node_ = node;
  value.underscore_ = underscore;
  return value;
}

PathValue PathValue::OfBoolean(bool boolean) { return OfText(Kind::kBoolean, boolean ? "true" : "false"); }

PathValue PathValue::OfText(Kind kind, std::string text, std::string unit) {
  PathValue value;
  value.kind_ = kind;
  value.text_ = std::move(text);
  value.unit_ = std::move(unit);
  return value;
}

const Type* PathValue::type() const {
  if (kind_ != Kind::kNode) return nullptr;
  return node_ ? node_.type() : underscore_ ? underscore_.type() : nullptr;
}

std::string_view PathValue::text() const {
  if (kind_ != Kind::kNode) return text_;
  return node_ ? node_.text() : std::string_view();
}

Kind KindOfPrimitive(const Type& type) {
  if (type.json == JsonKind::kBool) return Kind::kBoolean;
  if (type.json == JsonKind::kNumber) return type.name == "decimal" ? Kind::kDecimal : Kind::kInteger;
  if (type.name == "date") return Kind::kDate;
  if (type.name == "dateTime" || type.name == "instant") return Kind::kDateTime;
  if (type.name == "time") return Kind::kTime;
  return Kind::kString;
}

Scalar ScalarOf(const PathValue& value) {
  if (value.kind() != Kind::kNode) return {value.kind(), value.text(), value.unit()};
  const Node node = value.node();
  if (!node) return {};
  if (node.is_object()) {
    return node.type() != nullptr && node.type()->IsA("Quantity") ? QuantityOf(node) : Scalar{};
  }
  if (node.type() == nullptr || !node.type()->is_primitive()) return {};
  return {KindOfPrimitive(*node.type()), node.text(), {}};
}

PathValue MakeInteger(int64_t value) { return PathValue::OfText(Kind::kInteger, std::to_string(value)); }
PathValue MakeDecimal(const Decimal& value) { return PathValue::OfText(Kind::kDecimal, value.ToString()); }
PathValue MakeString(std::string text) { return PathValue::OfText(Kind::kString, std::move(text)); }

std::string_view SystemTypeName(Kind kind) {
  for (const auto& [name, system] : kSystemTypes) {
    if (system == kind) return name;
  }
  return {};
}

std::optional<Kind> SystemKindOf(std::string_view type_name) {
  for (const auto& [name, system] : kSystemTypes) {
    if (name == type_name) return system;
  }
  return std::nullopt;
}

}  // namespace heyi::fhir
