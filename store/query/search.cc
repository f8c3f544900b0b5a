#include "store/query/search.h"

#include "store/query/links.h"
#include "store/query/pages.h"

namespace heyi::store {
namespace {

bool WithoutConditions(const fhir::SearchRequest& request) { return request.criteria.empty() && !request.compartment; }

base::Result<uint64_t> CountHits(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible) {
  if (!visible && WithoutConditions(request) && on.live_is_exact) return on.live;
  Scan scan(on.reader);
  Checker checker(on, request, visible, Effort::kThorough);
  const Candidates candidates = PlanCandidates(scan, request, {});
  const bool countable = candidates.certain() && !visible;
  uint64_t total = 0;
  for (uint32_t docid = candidates.stream->SeekTo(0); docid != kNoDocid; docid = candidates.stream->SeekTo(docid + 1)) {
    if (!countable) {
      HEYI_TRY(hit, checker.Check(docid, candidates));
      if (!hit) continue;
    }
    if (++total > kTotalMax) return base::Error(base::ErrorKind::kTooLarge, "search.too-costly");
  }
  HEYI_CHECK(scan.Status());
  return total;
}

base::Result<base::Done> FillPage(const PageSearch& search, PageFiller& page) {
  switch (OrderOf(search.request)) {
    case Order::kDocid: return PageByDocid(search, page);
    case Order::kTime: return PageByTime(search, page);
    case Order::kKeys: return PageByKeys(search, page);
  }
  return base::Done{};
}

base::Result<SearchPage> RunUnchained(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible,
                                      std::string_view after_text) {
  SearchPage page;
  page.t = on.reader.t();
  HEYI_TRY(after, ReadAfter(after_text, request));
  if (request.want_total || request.count_only || request.estimate_total) {
    base::Result<uint64_t> total = CountHits(on, request, visible);
    const bool may_be_left_out = request.estimate_total && !request.want_total && !request.count_only;
    if (total.ok()) page.total = *total;
    else if (!may_be_left_out || total.error().kind != base::ErrorKind::kTooLarge) return std::move(total).error();
  }
  if (request.count_only || request.count == 0) return page;
  for (const Effort effort : {Effort::kLazy, Effort::kThorough}) {
    page.hits.clear();
    page.next.reset();
    PageFiller filler(request, &page);
    base::Result<base::Done> found = FillPage({on, request, visible, after, effort}, filler);
    if (found.ok()) break;
    if (effort == Effort::kThorough || found.error().kind != base::ErrorKind::kTooLarge) return std::move(found).error();
  }
  return page;
}

}  // namespace

base::Result<base::Done> PageByDocid(const PageSearch& search, PageFiller& page) {
  Scan scan(search.on.reader);
  Checker checker(search.on, search.request, search.visible, search.effort);
  const uint32_t from = search.after ? search.after->docid + 1 : 0;
  const Candidates candidates = PlanCandidates(scan, search.request, PlanOf(search.on, search.request, search.effort,
                                                                            from, false));
  for (uint32_t docid = candidates.stream->SeekTo(from); docid != kNoDocid; docid =
       candidates.stream->SeekTo(docid + 1)) {
    HEYI_TRY(hit, checker.Check(docid, candidates));
    if (hit && !page.Add(std::move(*hit), AfterPlace{0, {}, docid})) break;
  }
  return scan.Status();
}

base::Result<SearchPage> RunSearch(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible,
                                   std::string_view after) {
  if (!fhir::AnyChained(request.criteria)) return RunUnchained(on, request, visible, after);
  fhir::SearchRequest resolved = request;
  HEYI_TRY(criteria, ResolveLinks(on, *request.type, request.criteria, visible));
  resolved.criteria = std::move(criteria);
  return RunUnchained(on, resolved, visible, after);
}

}  // namespace heyi::store
