// A search as it was asked: parameters, modifiers, prefixes, values. Parsed here, checked against the definitions, and
// matched here by brute force; store/query answers the same criteria from the index, and both must agree.
// https://hl7.org/fhir/R4/search.html
#pragma once

#include <memory>
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
  std::vector<CriterionValue> parts;  // instead of `value`: of a composite, one a component
};

// Whose value a criterion asks for.
enum class Via : uint8_t {
  kOwn,
  kChain,  // subject:Patient.name=x: of a resource that `parameter` refers to
  kHas,    // _has:Observation:patient:code=x: of a resource whose `parameter` refers to this one
};

struct LinkedCriterion;

// One parameter of a query: its values are alternatives (OR); several criteria must all hold (AND).
struct Criterion {
  const SearchParameter* parameter = nullptr;
  std::string modifier;                // "exact", "missing", "Patient" (a type) …; empty = none
  std::vector<CriterionValue> values;
  std::vector<std::string> ids;        // parameter _id: logical ids
  bool missing = false;                // modifier "missing": the wanted answer
  Via via = Via::kOwn;
  std::vector<LinkedCriterion> linked; // kChain: one a type that may be meant (OR); kHas: one
  // A reference to one of these ("Patient/p1", sorted), instead of `values`: what a chain has come to.
  std::shared_ptr<const std::vector<std::string>> among;

  bool IsChained() const { return via != Via::kOwn; }
};

// What the resource at the other end of a link must satisfy.
struct LinkedCriterion {
  const Type* type = nullptr;
  Criterion criterion;
};

// "In the compartment of Patient/p1": any one of the parameters refers to it.
struct CompartmentCriterion {
  std::string type;
  std::string id;
  std::vector<const SearchParameter*> parameters;
};

struct SortBy {
  const SearchParameter* parameter = nullptr;
  bool descending = false;
};

// _include=Observation:subject:Patient, _revinclude=Observation:subject
struct Include {
  bool reverse = false;
  bool iterate = false;                        // on what was included, too
  const Type* source = nullptr;                // whose references are followed; null: `*`, everybody's
  const SearchParameter* parameter = nullptr;  // null: `*`, all of them
  const Type* target = nullptr;                // null: any
};

enum class Summary : uint8_t { kNone, kTrue, kText, kData };  // _summary=count is SearchRequest::count_only

struct SearchRequest {
  const Type* type = nullptr;
  std::vector<Criterion> criteria;
  std::optional<CompartmentCriterion> compartment;  // set by a compartment search, never by ParseSearch
  uint32_t count = 50;
  bool count_given = false;
  std::vector<SortBy> sort;        // first key first; empty: in the order of creation
  bool want_total = false;         // _total=accurate, or _summary=count
  bool estimate_total = false;     // _total=estimate: as accurate, but rather none than too costly
  bool count_only = false;         // _summary=count or _count=0
  std::vector<Include> includes;
  Summary summary = Summary::kNone;
  std::vector<std::string> elements;  // _elements; empty = all
  std::string cursor;              // opaque page token; empty = first page
  // What the self link repeats: the parameters that were understood, canonical order, without the cursor.
  std::vector<std::pair<std::string, std::string>> understood;
  base::Outcome warnings;          // lenient handling: what was ignored
};

inline constexpr uint32_t kCountDefault = 50;
inline constexpr uint32_t kCountMax = 1'000;
inline constexpr size_t kOrValuesMax = 1'000;
inline constexpr size_t kCriteriaMax = 100;
inline constexpr size_t kLinksMax = 4;             // resources from end to end of a chain, or _has in _has
// of a whole query: a chain without a type asks every type it may mean
inline constexpr size_t kLinkedCriteriaMax = 500;
inline constexpr size_t kSortKeysMax = 5;
inline constexpr size_t kIncludesAskedMax = 50;

// Parses decoded name=value pairs (also the parameters of a conditional interaction).
//
//   lenient  true: parameters that are unknown or not supported become warnings (Prefer: handling=lenient); modifiers
//            and values never do
//   errors  kMalformed, all issues, with expression = the parameter's name: search.unknown-parameter,
//           search.not-supported (_filter, _content, _text, _list, _query, _contained, special parameters),
//           search.modifier, search.value (date 2024-02-30, empty token, bad prefix …), search.count, search.sort,
//           search.include, search.repeated; kTooLarge search.too-costly over any of the bounds above, or :contains
//           with one letter
//   `_format`, `_pretty` are skipped. Escapes \, \| \$ \\ are honoured.
base::Result<SearchRequest> ParseSearch(const Type& type, const std::vector<std::pair<std::string, std::string>>& query,
                                        bool lenient, const SearchParameters& parameters);

// Does the resource satisfy all criteria? The plain meaning of search, by which the index is judged. What needs other
// resources (IsChained) is the store's to decide and must have been replaced before.
bool Matches(const Tree& resource, std::string_view id, base::TimeMs last_updated,
             const std::vector<Criterion>& criteria);

bool AnyChained(const std::vector<Criterion>& criteria);

// Is the resource in that compartment?
bool InCompartment(const Tree& resource, const CompartmentCriterion& compartment);

// One value against one wanted value; used by both the matcher and the index's recheck.
bool ValueMatches(const SearchParameter& parameter, std::string_view modifier, const CriterionValue& wanted,
                  const SearchValue& value);

}  // namespace heyi::fhir
