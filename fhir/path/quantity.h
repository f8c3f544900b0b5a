// Quantities in UCUM's units and in the calendar's. https://hl7.org/fhirpath/N1/#quantity and
// https://hl7.org/fhir/R4/fhirpath.html#quantity
//
// A calendar's years and months have no fixed length, UCUM's `a` and `mo` have one: they are not comparable, only
// equivalent. Weeks and below are the same in both. Among calendar units a year is 12 months or 365 days, a month 30.
#pragma once

#include <optional>
#include <string>

#include "fhir/path/value.h"

namespace heyi::fhir {

// Of two scalars, at least one of them a quantity; a bare number counts as one of unit '1'. nullopt where the units
// do not compare: 1 'mg' and 1 'cm', or a calendar year and a year of 365.25 days.
std::optional<bool> QuantitiesEqual(const Scalar& a, const Scalar& b);
std::optional<int> CompareQuantities(const Scalar& a, const Scalar& b);
bool UnitsCompare(const Scalar& a, const Scalar& b);

// As equal, to the precision of the less precise; and 1 year ~ 1 'a'.
bool QuantitiesEquivalent(const Scalar& a, const Scalar& b);

// Sum (`sign` 1 or -1) in the finer of the two units, product, and quotient; numbers count as of unit '1'. nullopt
// where the units do not allow it: calendar units do not multiply, special ones (Cel, dB) do not even add.
std::optional<PathValue> AddQuantities(const Scalar& a, const Scalar& b, int sign);
std::optional<PathValue> MultiplyQuantities(const Scalar& a, const Scalar& b);
std::optional<PathValue> DivideQuantities(const Scalar& a, const Scalar& b);

// In another unit, UCUM's or a calendar's word; nullopt where that cannot be.
std::optional<PathValue> QuantityIn(const Scalar& quantity, std::string_view unit);

// A quantity of the value `text` in the unit of `like`.
PathValue MakeQuantity(std::string text, const Scalar& like);

// What is dimensionless as a plain number, so that 5 and 500 '%' can be found equal; nullopt for all else.
std::optional<std::string> DimensionlessNumber(const Scalar& quantity);

// The calendar's unit that a date can be moved by: "days" -> "day", FHIR's 'a' -> "year", 'd' stays; empty where the
// unit is of no such use ('a' as UCUM means it, 'kg').
std::string_view DateUnit(const Scalar& quantity);

// "days" -> "day", 'd' stays 'd'.
std::string_view CanonicalUnit(std::string_view unit);

// Whether it is a calendar's word, which stands without quotes: "day", "days", not "d".
bool IsCalendarUnit(std::string_view unit);

}  // namespace heyi::fhir
