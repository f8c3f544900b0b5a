#include "fhir/path/operators.h"

#include "fhir/path/equality.h"
#include "fhir/path/functions.h"
#include "fhir/path/quantity.h"
#include "fhir/path/temporal.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Kind = PathValue::Kind;

Collection OneOrNone(std::optional<Decimal> value, Kind kind) {
  if (!value) return {};
  if (kind == Kind::kDecimal) return One(MakeDecimal(*value));
  const std::optional<int64_t> whole = value->ToInteger();
  return whole ? One(PathValue::OfText(kind, std::to_string(*whole))) : Collection();
}

// What comes of two numbers: the wider of their kinds.
Kind WiderKind(const Scalar& x, const Scalar& y) {
  if (!x.is_whole() || !y.is_whole()) return Kind::kDecimal;
  return x.kind == Kind::kLong || y.kind == Kind::kLong ? Kind::kLong : Kind::kInteger;
}

Result<Collection> OneText(std::string text, Budget& budget) {
  if (text.size() > kTextMax || !budget.Spend(text.size() / kTextBytesPerStep)) {
    return base::Error(base::ErrorKind::kInvalid, "path.too-costly", {}, "a text of more than 1 MiB");
  }
  return One(MakeString(std::move(text)));
}

Result<Collection> Compare(Operator op, const PathValue& a, const PathValue& b) {
  HEYI_TRY(order, CompareItems(a, b));
  if (!order) return Collection();
  switch (op) {
    case Operator::kLess: return OneBoolean(*order < 0);
    case Operator::kGreater: return OneBoolean(*order > 0);
    case Operator::kLessOrEqual: return OneBoolean(*order <= 0);
    default: return OneBoolean(*order >= 0);
  }
}

Result<Collection> MoveInTime(Operator op, const Scalar& when, const Scalar& by) {
  const std::optional<Temporal> value = ParseTemporal(when.kind, when.text);
  if (by.kind != Kind::kQuantity) return PathFailure("only a quantity can be added to a date");
  if (!value) return Collection();
  const std::string amount = op == Operator::kAdd ? std::string(by.text)
                             : by.text.starts_with('-') ? std::string(by.text.substr(1)) : "-" + std::string(by.text);
  const std::string_view unit = DateUnit(by);
  const bool of_dates = unit == "year" || unit == "month" || unit == "week" || unit == "day";
  if (unit.empty() || (of_dates && when.kind == Kind::kTime)) return PathFailure("a date needs a calendar unit");
  const std::optional<Temporal> moved = AddToTemporal(when.kind, *value, amount, unit);
  if (!moved) return Collection();
  return One(PathValue::OfText(when.kind, FormatTemporal(when.kind, *moved)));
}

Result<Collection> OfNumbers(Operator op, const Scalar& x, const Scalar& y) {
  const std::optional<Decimal> a = Decimal::Parse(x.text);
  const std::optional<Decimal> b = Decimal::Parse(y.text);
  if (!a || !b) return Collection();
  const Kind kind = WiderKind(x, y);
  switch (op) {
    case Operator::kAdd: return OneOrNone(a->Plus(*b), kind);
    case Operator::kSubtract: return OneOrNone(a->Minus(*b), kind);
    case Operator::kMultiply: return OneOrNone(a->Times(*b), kind);
    case Operator::kDivide: return OneOrNone(a->DividedBy(*b), Kind::kDecimal);
    default: break;
  }
  // div cuts towards zero; mod is what it leaves.
  if (b->is_zero()) return Collection();
  const std::optional<Decimal> quotient = a->DividedBy(*b);
  if (!quotient) return Collection();
  const Decimal whole = quotient->Truncated();
  if (op == Operator::kDiv) return OneOrNone(whole, kind == Kind::kLong ? kind : Kind::kInteger);
  const std::optional<Decimal> taken = whole.Times(*b);
  return taken ? OneOrNone(a->Minus(*taken), kind) : Collection();
}

Result<Collection> OfQuantities(Operator op, const Scalar& x, const Scalar& y) {
  std::optional<PathValue> result;
  switch (op) {
    case Operator::kAdd: result = AddQuantities(x, y, 1); break;
    case Operator::kSubtract: result = AddQuantities(x, y, -1); break;
    case Operator::kMultiply: result = MultiplyQuantities(x, y); break;
    case Operator::kDivide: result = DivideQuantities(x, y); break;
    default: {  // div, mod
      const std::optional<std::string> a = DimensionlessNumber(Scalar{Kind::kQuantity, x.text, x.unit.empty() ? "1" : x.unit});
      const std::optional<std::string> b = DimensionlessNumber(Scalar{Kind::kQuantity, y.text, y.unit.empty() ? "1" : y.unit});
      if (!a || !b) return PathFailure("div and mod are for numbers");
      HEYI_TRY(number, OfNumbers(op, Scalar{Kind::kDecimal, *a, {}}, Scalar{Kind::kDecimal, *b, {}}));
      if (number.empty()) return Collection();
      return One(PathValue::OfText(Kind::kQuantity, std::string(number[0].text()), "1"));
    }
  }
  return result ? One(*std::move(result)) : Collection();
}

Result<Collection> Arithmetic(Operator op, const PathValue& a, const PathValue& b, Budget& budget) {
  const Scalar x = ScalarOf(a);
  const Scalar y = ScalarOf(b);
  if (IsWithoutValue(a) || IsWithoutValue(b)) return Collection();
  if (x.is_number() && y.is_number()) return OfNumbers(op, x, y);
  if (op == Operator::kAdd && x.kind == Kind::kString && y.kind == Kind::kString) {
    return OneText(std::string(x.text) + std::string(y.text), budget);
  }
  if ((op == Operator::kAdd || op == Operator::kSubtract) && x.is_temporal()) return MoveInTime(op, x, y);
  const bool quantities = (x.kind == Kind::kQuantity || x.is_number()) && (y.kind == Kind::kQuantity || y.is_number());
  if (quantities) return OfQuantities(op, x, y);
  return PathFailure("these values cannot be calculated with");
}

// `&`: an absent text is an empty one.
Result<Collection> Concatenate(const Collection& a, const Collection& b, Budget& budget) {
  std::string text;
  for (const Collection* side : {&a, &b}) {
    if (side->empty() || (side->size() == 1 && IsWithoutValue(side->front()))) continue;
    const Scalar scalar = ScalarOf(side->front());
    if (side->size() > 1 || scalar.kind != Kind::kString) return PathFailure("& is for single texts");
    text += scalar.text;
  }
  return OneText(std::move(text), budget);
}

Result<Collection> Membership(const Collection& item, const Collection& list, Budget& budget) {
  if (item.empty()) return Collection();
  if (item.size() > 1) return PathFailure("membership of several items");
  for (const PathValue& other : list) {
    if (ItemsEqual(item[0], other, budget).value_or(false)) return OneBoolean(true);
  }
  return OneBoolean(false);
}

}  // namespace

bool IsLogical(Operator op) {
  return op == Operator::kAnd || op == Operator::kOr || op == Operator::kXor || op == Operator::kImplies;
}

bool SettledByLeft(Operator op, std::optional<bool> left) {
  if (!left) return false;
  return op == Operator::kOr ? *left : (op == Operator::kAnd || op == Operator::kImplies) && !*left;
}

std::optional<bool> Logical(Operator op, std::optional<bool> a, std::optional<bool> b) {
  if (op == Operator::kXor) return a && b ? std::optional(*a != *b) : std::nullopt;
  if (op == Operator::kImplies) {
    a = a ? std::optional(!*a) : std::nullopt;
    op = Operator::kOr;
  }
  const bool decisive = op == Operator::kOr;  // one such side settles it
  if (a == decisive || b == decisive) return decisive;
  return a && b ? std::optional(!decisive) : std::nullopt;
}

Result<Collection> Binary(Operator op, const Collection& a, const Collection& b, Budget& budget) {
  switch (op) {
    case Operator::kEqual: return OneOrNone(CollectionsEqual(a, b, budget));
    case Operator::kNotEqual: {
      const std::optional<bool> equal = CollectionsEqual(a, b, budget);
      return equal ? OneBoolean(!*equal) : Collection();
    }
    case Operator::kEquivalent: return OneBoolean(CollectionsEquivalent(a, b, budget));
    case Operator::kNotEquivalent: return OneBoolean(!CollectionsEquivalent(a, b, budget));
    case Operator::kConcatenate: return Concatenate(a, b, budget);
    case Operator::kIn: return Membership(a, b, budget);
    case Operator::kContains: return Membership(b, a, budget);
    default: break;
  }
  if (a.empty() || b.empty()) return Collection();
  if (a.size() > 1 || b.size() > 1) return PathFailure("several items where one is due");
  const bool order = op == Operator::kLess || op == Operator::kGreater || op == Operator::kLessOrEqual ||
                     op == Operator::kGreaterOrEqual;
  return order ? Compare(op, a[0], b[0]) : Arithmetic(op, a[0], b[0], budget);
}

Result<Collection> Negate(const Collection& operand) {
  if (operand.empty() || (operand.size() == 1 && IsWithoutValue(operand[0]))) return Collection();
  const Scalar scalar = operand.size() == 1 ? ScalarOf(operand[0]) : Scalar{};
  if (!scalar.is_number() && scalar.kind != Kind::kQuantity) return PathFailure("only a number has a negative");
  const std::string_view text = scalar.text;
  std::string negative = text.starts_with('-') ? std::string(text.substr(1)) : "-" + std::string(text);
  if (scalar.kind == Kind::kQuantity) return One(MakeQuantity(std::move(negative), scalar));
  return One(PathValue::OfText(scalar.kind, std::move(negative)));
}

}  // namespace heyi::fhir
