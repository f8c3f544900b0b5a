// The three ways to a page, one an order of answers.
#pragma once

#include "store/query/after.h"
#include "store/query/checker.h"

namespace heyi::store {

// A page as it fills.
class PageFiller {
 public:
  PageFiller(const fhir::SearchRequest& request, SearchPage* page) : request_(request), page_(page) {}

  size_t wanted() const { return request_.count; }
  bool empty() const { return page_->hits.empty(); }
  // False when the page was full already, and then there is a next one.
  bool Add(Hit hit, AfterPlace place) {
    if (page_->hits.size() < request_.count) {
      page_->hits.push_back(std::move(hit));
      last_ = std::move(place);
      return true;
    }
    page_->next = PagePosition{page_->t, WriteAfter(request_, last_)};
    return false;
  }

 private:
  const fhir::SearchRequest& request_;
  SearchPage* page_;
  AfterPlace last_;
};

struct PageSearch {
  const SearchOn& on;
  const fhir::SearchRequest& request;  // without chains
  const Visible& visible;
  const std::optional<AfterPlace>& after;
  Effort effort;
};

// In the order of creation a page seeks behind the last docid of the page before, so page 1,000 costs what page 1 does.
base::Result<base::Done> PageByDocid(const PageSearch& search, PageFiller& page);

// By lastUpdated the time rows are walked and asked whether each docid is a candidate; few candidates are fetched and
// sorted.
base::Result<base::Done> PageByTime(const PageSearch& search, PageFiller& page);

// By one key whose rows lie in order (dates, numbers, strings) likewise. By several keys, or one that is hashed, all
// hits are fetched and sorted for every page: at most kSortedMax.
base::Result<base::Done> PageByKeys(const PageSearch& search, PageFiller& page);

inline constexpr size_t kFetchAndSortMax = 2'000;   // candidates that are fetched and sorted where rows could be walked
inline constexpr uint64_t kRowsPerFetch = 80;       // a fetched record costs about as much as walking this many rows
inline constexpr uint64_t kRowsPerProbe = 20;       // so does asking a stream for one docid
inline constexpr uint64_t kProbesOfAPage = 10'000;
inline constexpr uint64_t kTimesExpected = 4, kProbesMin = 1'000;  // after some times what was expected a second effort begins

}  // namespace heyi::store
