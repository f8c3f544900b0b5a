// Sorting: where a resource stands by one parameter, as bytes that sort as the values do.
// https://hl7.org/fhir/R4/search.html#sort
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/search/criteria.h"

namespace heyi::fhir {

// The bytes of one value: dates and numbers their low and high end, texts folded and cut (strings to
// kOrderedTextBytesMax, as the index has them).
// nullopt for a reference that only has an identifier.
std::optional<std::string> SortBytesOf(const SearchValue& value);

// Of several values the least counts upwards, the greatest downwards. nullopt where there is none: such a resource
// comes last either way. `tree` may be null where NeedsTree says no.
std::optional<std::string> SortKeyOf(const Tree* tree, std::string_view id, base::TimeMs last_updated,
                                     const SortBy& by);
bool NeedsTree(const SortBy& by);

}  // namespace heyi::fhir
