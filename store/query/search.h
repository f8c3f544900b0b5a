// One page of a search at t, its total, and where the next page begins.
//
// In default order a page seeks behind the last docid of the page before, so page 1,000 costs what page 1 does. By
// lastUpdated it walks the time rows and asks whether each docid is a candidate; few candidates are fetched and sorted.
#pragma once

#include "store/index/indexer.h"
#include "store/journal/journal.h"
#include "store/query/plan.h"

namespace heyi::store {

struct SearchOn {
  const ViewReader& reader;
  const Journal& journal;
  const Indexer& indexer;
  uint64_t live = 0;           // resources of the type
  bool live_is_exact = false;  // at this very t
};

base::Result<SearchPage> RunSearch(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible,
                                   std::string_view after);

// A page position's `after`: docid, or time and docid. The twin uses the same.
std::string AfterDocid(uint32_t docid);
std::string AfterTime(base::TimeMs time_ms, uint32_t docid);
struct AfterPlace {
  base::TimeMs time_ms = 0;
  uint32_t docid = 0;
};
// errors  kMalformed store.cursor
base::Result<std::optional<AfterPlace>> ReadAfter(std::string_view after, fhir::SortKey sort);

}  // namespace heyi::store
