// The searchable values of a resource, one row a value, typed by search parameter type.
// https://hl7.org/fhir/R4/search.html#ptypes
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "fhir/search/parameters.h"

namespace heyi::fhir {

struct TokenValue {
  std::string system;  // empty: none stated
  std::string code;    // Coding.code, Identifier.value, "true", ContactPoint.value …
  std::string text;    // display or CodeableConcept.text, for :text; may be empty

  auto operator<=>(const TokenValue&) const = default;
};
struct StringValue {
  std::string text;  // as it stands; folding is the matcher's and the index's

  auto operator<=>(const StringValue&) const = default;
};
// The interval of instants that a date stands for: "2024-03" = [2024-03-01T00:00+08:00, 2024-04-01T00:00+08:00).
struct DateValue {
  base::TimeMs low = INT64_MIN;   // inclusive; INT64_MIN = open
  base::TimeMs high = INT64_MAX;  // exclusive; INT64_MAX = open

  auto operator<=>(const DateValue&) const = default;
};
struct ReferenceValue {
  std::string type;      // "Patient"; empty for an absolute URL to elsewhere, urn:, or a logical reference
  std::string id;        // logical id, or the whole URL where `type` is empty
  std::string version;   // of Type/id/_history/version
  TokenValue identifier; // Reference.identifier, for :identifier

  auto operator<=>(const ReferenceValue&) const = default;
};
// Decimal texts. In a resource low = high = the number; in a query they are what the prefix compares with: eq, ne the
// implicit range of the number's precision, [low, high); ap a tenth to either side; else the number, twice.
struct NumberValue {
  std::string low, high;

  auto operator<=>(const NumberValue&) const = default;
};
struct QuantityValue {
  std::string value;  // decimal text; of a Range its low end, empty = open
  std::string system, code, unit;
  bool range = false;
  std::string high;   // of a Range its high end, empty = open
  // In base units, `code` naming them: a row beside the one that says what was written, or in a query an alternative.
  // There `value` and `high` are what the prefix compares with, as a NumberValue's low and high.
  bool canonical = false;

  auto operator<=>(const QuantityValue&) const = default;
};
struct UriValue {
  std::string uri;

  auto operator<=>(const UriValue&) const = default;
};

using SearchValue =
    std::variant<TokenValue, StringValue, DateValue, ReferenceValue, NumberValue, QuantityValue, UriValue>;

// What a composite parameter has on one element: of each component, all its values there; none of them is empty.
struct CompositeValue {
  std::vector<std::vector<SearchValue>> components;
};

struct SearchRow {
  const SearchParameter* parameter;
  SearchValue value;
};

// All rows of all indexed parameters of the resource's type, composites apart, in parameter and document order,
// duplicates dropped. None for _id and _lastUpdated: those are of the stored version, not of its body.
// A parameter whose expression fails on this resource is skipped (it has no value there).
//   cost  O(nodes visited by the expressions), no I/O, safe from any thread
std::vector<SearchRow> ExtractRows(const Tree& resource, const SearchParameters& parameters);

// The rows of one parameter.
std::vector<SearchValue> ExtractValues(const Tree& resource, const SearchParameter& parameter);

// Of a composite parameter, one value for each element on which all its components have some.
std::vector<CompositeValue> ExtractComposites(const Tree& resource, const SearchParameter& parameter);

// "Patient/p1" for every Patient whose compartment holds the resource (the Patient itself included), sorted, each once.
// `rows`: the resource's, all of them.
std::vector<std::string> PatientsOf(const Tree& resource, const std::vector<SearchRow>& rows, const SearchParameters& parameters);

// A FHIR date, dateTime or instant as the interval it stands for; nullopt where it is none (2024-02-30).
// A time without zone is read `zone_minutes` east of UTC.
std::optional<DateValue> DateInterval(std::string_view text, int zone_minutes = base::kDistrictOffsetMinutes);

}  // namespace heyi::fhir
