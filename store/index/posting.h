// Posting prefixes: what a row of a resource looks like at the head of an index key.
//
//   posting  = 'p' parameter:u16 type:u8 value            big-endian; a key goes on with docid:u32 ~t:u48 (view/keys.h)
//   value    = token      hash64(code):u64 low32(hash64(system)):u32     so a bare code is a scan over 8 bytes
//              string     folded text cut to kStringBytesMax, then 00    so a prefix is a scan; JSON has no NUL
//              date       span:u8 low:u64 high:u64                       span = how long the interval is at most
//              reference  hash64("Type/id"), or of the URL or urn:
//              uri        hash64(uri)
//              number     kind:u8 low:f64 high:f64                       as doubles in order; kind 0 = low is high
//              quantity   the same, whatever the unit; one in a UCUM unit has a second row, in base units
//              composite  the values of its first two components, one behind the other; kUndecided where an element
//                         has more pairs than kCompositePairsMax
// and two that are no search parameters: every live resource of a type (empty value), and the lastUpdated of every
// current version (time:u64). A compartment is the union of its parameters' references and needs no postings.
// A double is near the decimal, never on the other side of another one: numbers find candidates, bodies decide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "fhir/search/ordered.h"
#include "fhir/search/values.h"

namespace heyi::store {

inline constexpr uint16_t kAllOfType = 65'000;
inline constexpr uint16_t kLastUpdated = 65'001;

inline constexpr size_t kPostingHeadBytes = 4;
inline constexpr size_t kStringBytesMax = fhir::kOrderedTextBytesMax;

using fhir::DoubleOf;
using fhir::OrderedDouble;
using fhir::OrderedTime;
using fhir::TimeOfOrdered;

// Dates lie in spans by length, so that "after 2024" need not look at every row: an interval of span s that reaches
// beyond an instant begins less than kSpanMs[s] before it.
inline constexpr int kSpans = 4;
inline constexpr base::TimeMs kSpanMs[kSpans] = {86'400'000, 31 * 86'400'000ll, 366 * 86'400'000ll, INT64_MAX};
int SpanOf(const fhir::DateValue& date);

std::string PostingHead(uint16_t parameter, const fhir::Type& type);
std::string TypePosting(const fhir::Type& type);
std::string TimePosting(const fhir::Type& type, base::TimeMs last_updated);

// Values behind a head.
void PutToken(std::string& out, std::string_view system, std::string_view code);
void PutTokenCode(std::string& out, std::string_view code);  // the 8 bytes that all systems share
inline constexpr size_t kSystemBytes = 4;                    // the rest
uint32_t SystemHash(std::string_view system);
void PutString(std::string& out, std::string_view folded);   // cuts and ends it
void PutDate(std::string& out, const fhir::DateValue& date);
void PutReference(std::string& out, std::string_view type, std::string_view id);  // empty type: id is a URL

// The doubles around a number or quantity; a Range that is open to one side reaches to infinity.
struct DoubleRange {
  double low = 0;
  double high = 0;
};
void PutDoubleRange(std::string& out, const DoubleRange& range);
DoubleRange DoubleRangeOfPosting(std::string_view value);

fhir::DateValue DateOfPosting(std::string_view value);  // the inverse of PutDate

// Is this parameter answered from postings, and not by a reserved one (_id, _lastUpdated)?
bool HasPostings(const fhir::SearchParameter& parameter);

// The head of the postings that answer it: of a covered composite, the covering one's, which hold more than its own.
std::string AnsweringHead(const fhir::SearchParameter& parameter, const fhir::Type& type);

// The posting of a row. `row.parameter` HasPostings.
std::string PostingOfRow(const fhir::Type& type, const fhir::SearchRow& row);

// Those of a composite parameter that is not covered by another one, perhaps with doubles.
inline constexpr size_t kCompositePairsMax = 256;
inline constexpr std::string_view kUndecided = "\xff\xff\xff\xff\xff\xff\xff\xff";
void AppendCompositePostings(const fhir::Type& type, const fhir::SearchParameter& parameter,
                             const std::vector<fhir::CompositeValue>& values, std::vector<std::string>& postings);

}  // namespace heyi::store
