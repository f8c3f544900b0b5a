// What each search parameter type is, one file a type (token.cc, string.cc …): which values an element gives, how a
// query's text is read, and when the two match. criteria.h and values.h put these together.
// https://hl7.org/fhir/R4/search.html#ptypes
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/search/criteria.h"

namespace heyi::fhir {

// ---- values of one item that a parameter's expression selected; nothing where its type has none ----
void AppendTokens(const PathValue& item, std::vector<SearchValue>& out);
void AppendStrings(const PathValue& item, std::vector<SearchValue>& out);
void AppendDates(const PathValue& item, int zone_minutes, std::vector<SearchValue>& out);
void AppendReferences(const PathValue& item, std::vector<SearchValue>& out);
void AppendNumbers(const PathValue& item, std::vector<SearchValue>& out);
void AppendQuantities(const PathValue& item, std::vector<SearchValue>& out);
void AppendUris(const PathValue& item, std::vector<SearchValue>& out);
// By the parameter's type.
void AppendValues(const SearchParameter& parameter, const PathValue& item, std::vector<SearchValue>& out);
// For :of-type: a row for each coding of an Identifier's type, the identifier's value as its text.
void AppendTypedIdentifiers(const PathValue& item, std::vector<SearchValue>& out);

// The system of what `expression` selects, where that is nothing but `code` elements of one value set; else empty.
std::string ImpliedSystem(std::string_view expression, const Definitions& definitions);

// What the parameter's expression selects in the resource; empty where it fails there.
Collection SelectedItems(const Tree& resource, const SearchParameter& parameter);

// ---- one alternative of a query, still escaped, prefix taken off; nullopt where malformed ----
std::optional<TokenValue> ParseToken(std::string_view text, CriterionValue& flags);
std::optional<TokenValue> ParseTypedIdentifier(std::string_view text);  // system|code|value, all of them
std::optional<DateValue> ParseDate(std::string_view text, Prefix prefix, int zone_minutes);
std::optional<ReferenceValue> ParseReference(std::string_view text);
std::optional<NumberValue> ParseNumber(std::string_view text, Prefix prefix);
std::optional<QuantityValue> ParseQuantity(std::string_view text);

// The alternative `text` of a criterion on `parameter`, whose modifier is known to be allowed. Prefixes are read for
// numbers, dates and quantities only. `never` is set where it is well-formed but can match nothing. Not for composites.
std::optional<CriterionValue> ParseValue(const SearchParameter& parameter, std::string_view modifier,
                                         std::string_view text, bool* never);
// "a$b": one part a component.
std::optional<CriterionValue> ParseComposite(const SearchParameter& parameter, std::string_view text);

// ---- matching ----
bool TokenMatches(std::string_view modifier, const CriterionValue& wanted, const TokenValue& value);
bool StringMatches(std::string_view modifier, const StringValue& wanted, const StringValue& value);
bool DateMatches(Prefix prefix, const DateValue& wanted, const DateValue& value);
bool ReferenceMatches(const SearchParameter& parameter, const ReferenceValue& wanted, const ReferenceValue& value);
bool NumberMatches(Prefix prefix, const NumberValue& wanted, const NumberValue& value);
bool QuantityMatches(Prefix prefix, const QuantityValue& wanted, const QuantityValue& value);
bool UriMatches(std::string_view modifier, const UriValue& wanted, const UriValue& value);
bool CompositeMatches(const SearchParameter& parameter, const CriterionValue& wanted, const CompositeValue& value);

// Of a quantity: is it in the unit asked for?
bool UnitMatches(const QuantityValue& wanted, const QuantityValue& value);
// The row in base units beside a row in a unit of UCUM; nullopt where its unit is none, or has no fixed scale.
std::optional<QuantityValue> CanonicalRow(const QuantityValue& row);
// The same for what is asked: the ends that the prefix compares with, converted. Of a composite, for its parts.
std::optional<CriterionValue> CanonicalAlternative(const CriterionValue& wanted);

// The URIs that are `uri` or more general, longest first: for :above. None for a URN, which has no parts.
std::vector<std::string> UrisAbove(std::string_view uri);

// What a reference's text names: Type/id, an absolute URL, or neither. nullopt for "#contained".
std::optional<ReferenceValue> ReadReference(std::string_view text);

// ---- text ----
// Splits at `separator` where no backslash escapes it; the parts keep their escapes.
std::vector<std::string_view> SplitEscaped(std::string_view text, char separator);
std::string Unescape(std::string_view text);  // \, \| \$ \\ ; any other backslash stands for itself

}  // namespace heyi::fhir
