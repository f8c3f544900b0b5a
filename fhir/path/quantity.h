// Quantities: same units compare, and units of time convert. https://hl7.org/fhirpath/N1/#quantity
#pragma once

#include <optional>

#include "fhir/path/value.h"

namespace heyi::fhir {

// Of two scalars, at least one of them a quantity; a bare number counts as one of unit '1'. nullopt where the units
// do not compare: 1 'mg' and 1 'cm', or a calendar year and a year of 365.25 days.
std::optional<bool> QuantitiesEqual(const Scalar& a, const Scalar& b);
std::optional<int> CompareQuantities(const Scalar& a, const Scalar& b);

// As equal, but 1 year ~ 1 'a'.
bool QuantitiesEquivalent(const Scalar& a, const Scalar& b);

// "days" -> "day", 'd' stays 'd'.
std::string_view CanonicalUnit(std::string_view unit);

// Whether it is a calendar's word, which stands without quotes: "day", "days", not "d".
bool IsCalendarUnit(std::string_view unit);

}  // namespace heyi::fhir
