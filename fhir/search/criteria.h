// A search as it was asked: parameters, modifiers, prefixes, values. Parsed here, checked against the definitions, and
// matched here by brute force; store/query answers the same criteria from the index, and both must agree.
// https://hl7.org/fhir/R4/search.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "fhir/search/values.h"

namespace heyi::fhir {

enum class Prefix : uint8_t { kEq, kNe, kGt, kLt, kGe, kLe, kSa, kEb, kAp };

struct CriterionValue {
  Prefix prefix = Prefix::kEq;
  SearchValue value;           // of the parameter's kind
  bool any_system = false;     // token "code": any system;  "|code": no system;  "system|": any code
  bool any_code = false;
};

// One parameter of a query: its values are alternatives (OR); several criteria must all hold (AND).
struct Criterion {
  const SearchParameter* parameter = nullptr;
  std::string modifier;                // "exact", "missing", "Patient" (a type) …; empty = none
  std::vector<CriterionValue> values;
  std::vector<std::string> ids;        // parameter _id: logical ids
  bool missing = false;                // modifier "missing": the wanted answer
};

// "In the compartment of Patient/p1": any one of the parameters refers to it.
struct CompartmentCriterion {
  std::string type;
  std::string id;
  std::vector<const SearchParameter*> parameters;
};

enum class SortKey : uint8_t { kDefault, kLastUpdated };

struct SearchRequest {
  const Type* type = nullptr;
  std::vector<Criterion> criteria;
  std::optional<CompartmentCriterion> compartment;  // set by a compartment search, never by ParseSearch
  uint32_t count = 50;
  bool count_given = false;
  SortKey sort = SortKey::kDefault;
  bool sort_descending = false;
  bool want_total = false;         // _total=accurate, or _summary=count
  bool count_only = false;         // _summary=count or _count=0
  std::string cursor;              // opaque page token; empty = first page
  // What the self link repeats: the parameters that were understood, canonical order, without the cursor.
  std::vector<std::pair<std::string, std::string>> understood;
  base::Outcome warnings;          // lenient handling: what was ignored
};

inline constexpr uint32_t kCountDefault = 50;
inline constexpr uint32_t kCountMax = 1'000;
inline constexpr size_t kOrValuesMax = 1'000;
inline constexpr size_t kCriteriaMax = 100;

// Parses decoded name=value pairs (also the parameters of a conditional interaction).
//
//   lenient  true: parameters that are unknown or not supported become warnings (Prefer: handling=lenient); modifiers
//            and values never do
//   errors   kMalformed, all issues, with expression = the parameter's name: search.unknown-parameter,
//            search.not-supported (chains, _has, _include, number, quantity, composite …), search.modifier,
//            search.value (date 2024-02-30, empty token, bad prefix …), search.count, search.sort, search.repeated;
//            kTooLarge search.too-costly over kOrValuesMax / kCriteriaMax, or :contains with one letter
//   `_format`, `_pretty` are skipped. Escapes \, \| \$ \\ are honoured.
base::Result<SearchRequest> ParseSearch(const Type& type, const std::vector<std::pair<std::string, std::string>>& query,
                                        bool lenient, const SearchParameters& parameters);

// Does the resource satisfy all criteria? The plain meaning of search, by which the index is judged.
bool Matches(const Tree& resource, std::string_view id, base::TimeMs last_updated,
             const std::vector<Criterion>& criteria);

// Is the resource in that compartment?
bool InCompartment(const Tree& resource, const CompartmentCriterion& compartment);

// One value against one wanted value; used by both the matcher and the index's recheck.
bool ValueMatches(const SearchParameter& parameter, std::string_view modifier, const CriterionValue& wanted,
                  const SearchValue& value);

}  // namespace heyi::fhir
