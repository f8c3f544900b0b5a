#include "fhir/path/value.h"

#include <array>
#include <utility>

namespace heyi::fhir {
namespace {

using Kind = PathValue::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 10> kSystemTypes{{{"Boolean", Kind::kBoolean},
                                                                          {"String", Kind::kString},
                                                                          {"Integer", Kind::kInteger},
                                                                          {"Decimal", Kind::kDecimal},
                                                                          {"Date", Kind::kDate},
                                                                          {"DateTime", Kind::kDateTime},
                                                                          {"Time", Kind::kTime},
                                                                          {"Quantity", Kind::kQuantity},
                                                                          {"Long", Kind::kLong},
                                                                          {"TypeInfo", Kind::kType}}};

// UCUM's codes of the durations that FHIR maps to a calendar's. https://hl7.org/fhir/R4/fhirpath.html#quantity
bool IsCalendarCode(std::string_view code) {
  for (const std::string_view known : {"a", "mo", "wk", "d", "h", "min", "s", "ms"}) {
    if (code == known) return true;
  }
  return false;
}

Scalar QuantityOf(Node node) {
  const Node value = node.Member("value");
  if (!value || node.Member("comparator")) return {};
  const std::string_view code = node.TextAt("code");
  const bool ucum = node.TextAt("system") == "http://unitsofmeasure.org" && !code.empty();
  std::string_view unit = ucum ? code : node.TextAt("unit");
  if (unit.empty()) unit = code.empty() ? "1" : code;
  return {Kind::kQuantity, value.text(), unit, ucum && IsCalendarCode(code)};
}

// A value of a tree that no model describes: what JSON says it is.
Scalar PlainScalar(Node node) {
  switch (node.kind()) {
    case NodeKind::kString: return {Kind::kString, node.text(), {}};
    case NodeKind::kBool: return {Kind::kBoolean, node.text(), {}};
    case NodeKind::kNumber: {
      const bool whole = node.text().find_first_of(".eE") == std::string_view::npos;
      return {whole ? Kind::kInteger : Kind::kDecimal, node.text(), {}};
    }
    default: return {};
  }
}

}  // namespace

PathValue PathValue::OfNode(Node node) { return OfNode(node, Node()); }

PathValue PathValue::OfNode(Node node, Node underscore) {
  PathValue value;
  value.tree_ = node ? node.tree() : underscore.tree();
  value.node_ = node.index();
  value.underscore_ = underscore.index();
  return value;
}

PathValue PathValue::OfMade(std::shared_ptr<const Tree> tree, Node node, Node underscore) {
  PathValue value = OfNode(node, underscore);
  value.rest_ = std::make_shared<Rest>(Rest{{}, std::move(tree)});
  return value;
}

PathValue PathValue::OfBoolean(bool boolean) { return OfText(Kind::kBoolean, boolean ? "true" : "false"); }

PathValue PathValue::OfText(Kind kind, std::string text, std::string unit) {
  PathValue value;
  value.kind_ = kind;
  value.text_ = std::move(text);
  if (!unit.empty()) value.rest_ = std::make_shared<Rest>(Rest{std::move(unit), nullptr});
  return value;
}

const Type* PathValue::type() const {
  if (kind_ != Kind::kNode) return nullptr;
  if (node_ != kNoNode) return node().type();
  return underscore_ != kNoNode ? underscore().type() : nullptr;
}

std::string_view PathValue::text() const {
  if (kind_ != Kind::kNode) return text_;
  return node_ != kNoNode ? node().text() : std::string_view();
}

const std::string& PathValue::unit() const {
  static const std::string kNone;
  return rest_ == nullptr ? kNone : rest_->unit;
}

const std::shared_ptr<const Tree>& PathValue::made_in() const {
  static const std::shared_ptr<const Tree> kNone;
  return rest_ == nullptr ? kNone : rest_->made_in;
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
  if (value.kind() == Kind::kType) return {};
  if (value.kind() != Kind::kNode) return {value.kind(), value.text(), value.unit(), value.calendar_or_ucum()};
  const Node node = value.node();
  if (!node) return {};
  if (node.is_object()) {
    return node.type() != nullptr && node.type()->IsA("Quantity") ? QuantityOf(node) : Scalar{};
  }
  if (node.type() == nullptr) return PlainScalar(node);
  if (!node.type()->is_primitive()) return {};
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
