// https://hl7.org/fhirpath/STU3/#sort
#include <algorithm>
#include <numeric>

#include "fhir/path/equality.h"
#include "fhir/path/functions.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;

// Sorts positions by keys, row by row; what has no key comes first. The first failed comparison is kept.
class KeyOrder {
 public:
  KeyOrder(const std::vector<std::vector<Collection>>& keys, const std::vector<bool>& descending, Budget& budget)
      : keys_(keys), descending_(descending), budget_(budget) {}

  bool operator()(size_t a, size_t b) {
    for (size_t key = 0; key < descending_.size() && budget_.Spend(1); ++key) {
      const int order = Compare(keys_[a][key], keys_[b][key]);
      if (order != 0) return descending_[key] ? order > 0 : order < 0;
    }
    return false;
  }
  const std::optional<base::Error>& failure() const { return failure_; }

 private:
  int Compare(const Collection& a, const Collection& b) {
    if (a.empty() || b.empty()) return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
    const Result<std::optional<int>> order = CompareItems(a[0], b[0]);
    if (order.ok()) return order->value_or(0);
    if (!failure_) failure_ = order.error();
    return 0;
  }

  const std::vector<std::vector<Collection>>& keys_;
  const std::vector<bool>& descending_;
  Budget& budget_;
  std::optional<base::Error> failure_;
};

Result<Collection> Sort(Call& call) {
  std::vector<std::vector<Collection>> keys(call.input.size());
  std::vector<bool> descending = call.descending();
  if (descending.empty()) descending.push_back(false);
  for (size_t i = 0; i < call.input.size(); ++i) {
    if (call.arguments() == 0) keys[i].push_back(One(call.input[i]));
    for (size_t key = 0; key < call.arguments(); ++key) {
      HEYI_TRY(value, call.ArgumentFor(key, call.For(i)));
      if (value.size() > 1) return PathFailure("sort() by several items");
      keys[i].push_back(std::move(value));
    }
    HEYI_CHECK(call.evaluator.CheckCost(i));
  }
  std::vector<size_t> order(call.input.size());
  std::iota(order.begin(), order.end(), size_t{0});
  KeyOrder before(keys, descending, call.evaluator.budget());
  std::stable_sort(order.begin(), order.end(), std::ref(before));
  if (before.failure()) return *before.failure();
  HEYI_CHECK(call.evaluator.CheckCost(0));
  Collection sorted;
  for (const size_t at : order) sorted.push_back(std::move(call.input[at]));
  return sorted;
}

constexpr Function kOrderFunctions[] = {
    {"sort", 0, 8, Takes::kItems, true, Sort},
};

}  // namespace

std::span<const Function> OrderFunctions() { return kOrderFunctions; }

}  // namespace heyi::fhir
