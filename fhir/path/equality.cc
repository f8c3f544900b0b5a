#include "fhir/path/equality.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "fhir/path/decimal.h"
#include "fhir/path/quantity.h"
#include "fhir/path/temporal.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using Kind = PathValue::Kind;

// Whether two subtrees say the same: members in any order, lists item by item, numbers by value.
bool NodesEqual(Node left, Node right, Budget& budget) {
  if (left == right) return true;
  std::vector<std::pair<Node, Node>> open{{left, right}};
  while (!open.empty()) {
    const auto [a, b] = open.back();
    open.pop_back();
    if (!budget.Spend(1)) return false;
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
      case NodeKind::kNull: break;
      case NodeKind::kNumber:
        if (CompareNumberTexts(a.text(), b.text()) != 0) return false;
        break;
      case NodeKind::kString:
      case NodeKind::kBool:
        if (a.text() != b.text()) return false;
        break;
      case NodeKind::kArray: {
        Node x = a.first_child();
        Node y = b.first_child();
        for (; x && y; x = x.next(), y = y.next()) open.emplace_back(x, y);
        if (x || y) return false;
        break;
      }
      case NodeKind::kObject: {
        if (a.ChildCount() != b.ChildCount()) return false;
        for (Node x = a.first_child(); x; x = x.next()) {
          Node y = b.first_child();
          while (y && !(y.underscore() == x.underscore() && (x.property() == nullptr) == (y.property() == nullptr) &&
                        (x.property() == y.property() || x.property()->name == y.property()->name))) {
            y = y.next();
          }
          if (!y) return false;
          open.emplace_back(x, y);
        }
        break;
      }
    }
  }
  return true;
}

std::string FoldSpace(std::string_view text) {
  std::string folded;
  for (const char c : base::FoldForSearch(text)) {
    const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    folded += space ? ' ' : c;
  }
  return folded;
}

bool NumbersEquivalent(std::string_view a, std::string_view b) {
  const std::optional<Decimal> x = Decimal::Parse(a);
  const std::optional<Decimal> y = Decimal::Parse(b);
  if (!x || !y) return CompareNumberTexts(a, b) == 0;
  const int places = std::min(x->Normalized().scale(), y->Normalized().scale());
  const std::optional<Decimal> p = x->Rounded(places);
  const std::optional<Decimal> q = y->Rounded(places);
  return p && q && CompareNumberTexts(p->ToString(), q->ToString()) == 0;
}

std::optional<bool> TemporalsEqual(const Scalar& a, const Scalar& b) {
  if ((a.kind == Kind::kTime) != (b.kind == Kind::kTime)) return false;
  const std::optional<Temporal> x = ParseTemporal(a.kind, a.text);
  const std::optional<Temporal> y = ParseTemporal(b.kind, b.text);
  if (!x || !y) return a.text == b.text;
  const std::optional<int> order = CompareTemporal(*x, *y);
  return order ? std::optional(*order == 0) : std::nullopt;
}

bool SameObjectsInAnyOrder(const Collection& a, const Collection& b, Budget& budget) {
  std::vector<bool> used(b.size());
  for (const PathValue& item : a) {
    size_t at = 0;
    while (at < b.size() && (used[at] || !ItemsEquivalent(item, b[at], budget))) ++at;
    if (at == b.size()) return false;
    used[at] = true;
  }
  return true;
}

// Equal items have equal hashes; dates, quantities and the numbers in objects do not take part.
uint64_t HashOf(const PathValue& value, Budget& budget) {
  const std::hash<std::string_view> hash;
  const Scalar scalar = ScalarOf(value);
  switch (scalar.kind) {
    case Kind::kString: case Kind::kBoolean: return hash(scalar.text);
    case Kind::kInteger: case Kind::kLong: case Kind::kDecimal: return hash(NormalNumberText(scalar.text));
    case Kind::kDate: case Kind::kDateTime: case Kind::kTime: return 1;
    case Kind::kQuantity: {
      const std::optional<std::string> number = DimensionlessNumber(scalar);
      return number ? hash(NormalNumberText(*number)) : 2;
    }
    case Kind::kNode: case Kind::kType: break;
  }
  const Node top = value.node() ? value.node() : value.underscore();
  if (!top) return 3;
  uint64_t sum = 4;  // members may stand in any order, so a sum
  Node at = top.first_child();
  for (int rest = 64; at && budget.Spend(1);) {
    if (at.kind() == NodeKind::kString && rest-- == 0) return 5;  // a large one: enough
    if (at.kind() == NodeKind::kString && at.property() != nullptr) sum += hash(at.text()) ^ hash(at.property()->name);
    if (at.first_child()) {
      at = at.first_child();
      continue;
    }
    while (at != top && !at.next()) at = at.parent();
    if (at == top) return sum;
    at = at.next();
  }
  return sum;
}

}  // namespace

std::optional<bool> ItemsEqual(const PathValue& a, const PathValue& b, Budget& budget) {
  if (!budget.Spend(1)) return false;
  const Scalar x = ScalarOf(a);
  const Scalar y = ScalarOf(b);
  if (!x || !y) {
    if (a.kind() == Kind::kType && b.kind() == Kind::kType) return a.text() == b.text() && a.unit() == b.unit();
    if (x || y || a.kind() != Kind::kNode || b.kind() != Kind::kNode) return false;
    if (static_cast<bool>(a.node()) != static_cast<bool>(b.node())) return false;
    if (!a.node()) return a.underscore() && b.underscore() && NodesEqual(a.underscore(), b.underscore(), budget);
    return NodesEqual(a.node(), b.node(), budget);
  }
  if (x.is_number() && y.is_number()) return CompareNumberTexts(x.text, y.text) == 0;
  if (x.is_temporal() && y.is_temporal()) return TemporalsEqual(x, y);
  if (x.kind == Kind::kQuantity || y.kind == Kind::kQuantity) return QuantitiesEqual(x, y);
  return x.kind == y.kind && x.text == y.text;
}

bool ItemsEquivalent(const PathValue& a, const PathValue& b, Budget& budget) {
  if (!budget.Spend(1)) return false;
  const Scalar x = ScalarOf(a);
  const Scalar y = ScalarOf(b);
  if (!x || !y) return ItemsEqual(a, b, budget).value_or(false);
  if (x.is_number() && y.is_number()) return NumbersEquivalent(x.text, y.text);
  if (x.is_temporal() && y.is_temporal()) return TemporalsEqual(x, y).value_or(false);
  if (x.kind == Kind::kQuantity || y.kind == Kind::kQuantity) return QuantitiesEquivalent(x, y);
  if (x.kind != y.kind) return false;
  return x.text == y.text || (x.kind == Kind::kString && FoldSpace(x.text) == FoldSpace(y.text));
}

std::optional<bool> CollectionsEqual(const Collection& a, const Collection& b, Budget& budget) {
  if (a.empty() || b.empty()) return std::nullopt;
  if (a.size() != b.size()) return false;
  std::optional<bool> all = true;
  for (size_t i = 0; i < a.size(); ++i) {
    const std::optional<bool> equal = ItemsEqual(a[i], b[i], budget);
    if (equal && !*equal) return false;
    if (!equal) all = std::nullopt;
  }
  return all;
}

bool CollectionsEquivalent(const Collection& a, const Collection& b, Budget& budget) {
  return a.size() == b.size() && SameObjectsInAnyOrder(a, b, budget);
}

base::Result<std::optional<int>> CompareItems(const PathValue& a, const PathValue& b) {
  const Scalar x = ScalarOf(a);
  const Scalar y = ScalarOf(b);
  if (x.is_number() && y.is_number()) return std::optional(CompareNumberTexts(x.text, y.text));
  if (x.kind == Kind::kString && y.kind == Kind::kString) {
    const int order = x.text.compare(y.text);
    return std::optional(order < 0 ? -1 : order > 0 ? 1 : 0);
  }
  if (x.is_temporal() && y.is_temporal() && (x.kind == Kind::kTime) == (y.kind == Kind::kTime)) {
    const std::optional<Temporal> p = ParseTemporal(x.kind, x.text);
    const std::optional<Temporal> q = ParseTemporal(y.kind, y.text);
    return p && q ? CompareTemporal(*p, *q) : std::optional<int>();
  }
  const bool quantities = (x.kind == Kind::kQuantity || x.is_number()) && (y.kind == Kind::kQuantity || y.is_number());
  if (quantities) return CompareQuantities(x, y);
  const bool open = (!x && !a.node()) || (!y && !b.node());  // a primitive of which only extensions are known
  if (open) return std::optional<int>();
  return base::Error(base::ErrorKind::kInvalid, "path.execution", {}, "these values have no order");
}

bool ItemSet::Contains(const PathValue& value) const {
  if (by_hash_.empty()) {
    return std::any_of(items_.begin(), items_.end(), [&](const PathValue& item) { return Equal(item, value); });
  }
  const auto [begin, end] = by_hash_.equal_range(HashOf(value, budget_));
  return std::any_of(begin, end, [&](const auto& entry) { return Equal(items_[entry.second], value); });
}

bool ItemSet::Add(const PathValue& value) {
  if (Contains(value)) return false;
  items_.push_back(value);
  if (items_.size() < kHashFrom) return true;
  if (items_.size() == kHashFrom) {
    for (size_t i = 0; i + 1 < kHashFrom; ++i) by_hash_.emplace(HashOf(items_[i], budget_), i);
  }
  by_hash_.emplace(HashOf(value, budget_), items_.size() - 1);
  return true;
}

}  // namespace heyi::fhir
