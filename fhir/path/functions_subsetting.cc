// https://hl7.org/fhirpath/N1/#subsetting
#include <algorithm>

#include "fhir/path/equality.h"
#include "fhir/path/functions.h"

namespace heyi::fhir {
namespace {

using base::Result;
using Takes = Function::Takes;

Collection Slice(Collection items, int64_t from, int64_t count) {
  const auto size = static_cast<int64_t>(items.size());
  from = std::clamp<int64_t>(from, 0, size);
  count = std::clamp<int64_t>(count, 0, size - from);
  if (from == 0) {
    items.erase(items.begin() + count, items.end());
    return items;
  }
  const auto begin = std::make_move_iterator(items.begin() + from);
  return Collection(begin, begin + count);
}

Result<Collection> Single(Call& call) {
  if (call.input.size() > 1) return PathFailure("single() of several items");
  return std::move(call.input);
}

Result<Collection> First(Call& call) { return Slice(std::move(call.input), 0, 1); }
Result<Collection> Last(Call& call) {
  const auto size = static_cast<int64_t>(call.input.size());
  return Slice(std::move(call.input), size - 1, 1);
}
Result<Collection> Tail(Call& call) { return Slice(std::move(call.input), 1, INT32_MAX); }

Result<Collection> Skip(Call& call) {
  HEYI_TRY(count, call.IntegerArgument(0));
  return count ? Slice(std::move(call.input), *count, INT32_MAX) : Collection();
}

Result<Collection> Take(Call& call) {
  HEYI_TRY(count, call.IntegerArgument(0));
  return count ? Slice(std::move(call.input), 0, *count) : Collection();
}

Result<Collection> Intersect(Call& call) {
  HEYI_TRY(other, call.Argument(0));
  ItemSet wanted(call.evaluator.budget());
  for (const PathValue& item : other) wanted.Add(item);
  ItemSet both(call.evaluator.budget());
  for (const PathValue& item : call.input) {
    if (wanted.Contains(item)) both.Add(item);
  }
  return both.Take();
}

Result<Collection> Exclude(Call& call) {
  HEYI_TRY(other, call.Argument(0));
  ItemSet unwanted(call.evaluator.budget());
  for (const PathValue& item : other) unwanted.Add(item);
  std::erase_if(call.input, [&](const PathValue& item) { return unwanted.Contains(item); });
  return std::move(call.input);
}

constexpr Function kSubsettingFunctions[] = {
    {"single", 0, 0, Takes::kValues, true, Single}, {"first", 0, 0, Takes::kValues, true, First},
    {"last", 0, 0, Takes::kValues, true, Last},     {"tail", 0, 0, Takes::kValues, true, Tail},
    {"skip", 1, 1, Takes::kValues, true, Skip},     {"take", 1, 1, Takes::kValues, true, Take},
    {"intersect", 1, 1, Takes::kValues, true, Intersect}, {"exclude", 1, 1, Takes::kValues, true, Exclude},
};

}  // namespace

std::span<const Function> SubsettingFunctions() { return kSubsettingFunctions; }

}  // namespace heyi::fhir
