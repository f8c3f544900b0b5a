// One page of a search at t, its total, and where the next page begins.
#pragma once

#include "store/index/indexer.h"
#include "store/journal/journal.h"
#include "store/query/plan.h"

namespace heyi::store {

struct SearchOn {
  const ViewReader& reader;
  const Journal& journal;
  const Indexer& indexer;
  uint64_t live = 0;           // resources of the type that is searched
  bool live_is_exact = false;  // at this very t
};

base::Result<SearchPage> RunSearch(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible,
                                   std::string_view after);

}  // namespace heyi::store
