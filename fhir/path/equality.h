// `=`, `~`, order, and sets of items. https://hl7.org/fhirpath/N1/#equality
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "fhir/path/budget.h"
#include "fhir/path/path.h"

namespace heyi::fhir {

// `a = b` of two items; nullopt where precision, a zone or units leave it open. Once the budget is exhausted the answer
// means nothing.
std::optional<bool> ItemsEqual(const PathValue& a, const PathValue& b, Budget& budget);

// `a ~ b`: text without case and with white space folded, numbers rounded to the less precise, dates of unequal
// precision differ, children in any order.
bool ItemsEquivalent(const PathValue& a, const PathValue& b, Budget& budget);

// `a = b` and `a ~ b` of collections.
std::optional<bool> CollectionsEqual(const Collection& a, const Collection& b, Budget& budget);
bool CollectionsEquivalent(const Collection& a, const Collection& b, Budget& budget);

// -1, 0, 1; nullopt where it is open.
//   errors  kInvalid path.execution: the two cannot be ordered (a text and a number)
base::Result<std::optional<int>> CompareItems(const PathValue& a, const PathValue& b);

// Items that are equal under `=` only once, in the order they came. Hashed, so that long lists stay cheap.
class ItemSet {
 public:
  explicit ItemSet(Budget& budget) : budget_(budget) {}

  bool Add(const PathValue& value);  // false where it was there
  bool Contains(const PathValue& value) const;
  const Collection& items() const { return items_; }
  Collection Take() { return std::move(items_); }

 private:
  static constexpr size_t kHashFrom = 8;  // fewer are compared one by one

  bool Equal(const PathValue& a, const PathValue& b) const { return ItemsEqual(a, b, budget_).value_or(false); }

  Budget& budget_;
  Collection items_;
  std::unordered_multimap<uint64_t, size_t> by_hash_;  // filled from kHashFrom on
};

}  // namespace heyi::fhir
