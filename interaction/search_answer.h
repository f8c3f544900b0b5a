// What every search has in common: whose snapshot a page is of, and the Bundle it becomes.
// https://hl7.org/fhir/R4/search.html#return
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/leaf.h"
#include "fhir/search/criteria.h"
#include "interaction/interactions.h"

namespace heyi::interaction {

struct AskedSearch {
  // below the base, "Patient" or "Patient/p1/Observation"; empty for all types
  std::string path;                         
  std::vector<fhir::SearchRequest> requests;  // one a type, alike but for it; at least one
  std::string cursor;                         // of the page; empty = the first
};

base::Result<Step> AnswerSearch(Call& call, const AskedSearch& asked, audit::Leaf leaf);

// The parameters without the page token, which is ours alone.
std::string TakeCursor(Query& query);

// As fhir::ParseSearch for each type; what is understood and ignored is that of the first.
base::Result<std::vector<fhir::SearchRequest>> ParseForTypes(const Call& call,
    const std::vector<const fhir::Type*>& types, const Query& query);

// Does a search with these parameters look at more than its hits: chains, includes, sorting?
bool MayTakeLong(const Query& query);

// "Costs too much" is the asker's to mend, so it is a 400 like every other thing wrong with a search.
base::Error AsRefusal(base::Error error);

}  // namespace heyi::interaction
