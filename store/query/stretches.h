// Where in the index the rows of a wanted value lie: stretches of keys that are read from one end to the other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fhir/search/criteria.h"
#include "store/index/posting.h"

namespace heyi::store {

// From the key `first` on, keys that begin with `head`, before `end`.
struct Stretch {
  std::string head;
  std::string first;
  std::string end;
};

// Of one wanted value; null `wanted`: all values (for :missing).
std::vector<Stretch> StretchesOf(const fhir::Type& type, const fhir::Criterion& criterion,
                                 const fhir::CriterionValue* wanted);

// The same for a value that stands behind `head`, as the second part of a composite does.
std::vector<Stretch> StretchesBehind(const std::string& head, const fhir::CriterionValue& wanted);

// The closed interval of doubles that a number or quantity must meet to have a chance.
DoubleRange NumberBoundsOf(const fhir::CriterionValue& wanted);

// The interval of instants that a row must meet to have a chance: row.high > low and row.low < high.
struct TimeBounds {
  base::TimeMs low = INT64_MIN;
  base::TimeMs high = INT64_MAX;
};
TimeBounds BoundsOf(const fhir::CriterionValue& wanted);
TimeBounds BoundsOf(const fhir::Criterion& criterion);  // the hull of its values

bool IsLastUpdated(const fhir::Criterion& criterion);

}  // namespace heyi::store
