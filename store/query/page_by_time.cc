#include <algorithm>

#include "store/query/open_rows.h"
#include "store/query/pages.h"

namespace heyi::store {
namespace {

class PagerByTime {
 public:
  PagerByTime(const PageSearch& search, PageFiller& page)
      : search_(search), on_(search.on), request_(search.request), descending_(request_.sort[0].descending),
          page_(page),
        scan_(search.on.reader), checker_(search.on, search.request, search.visible, search.effort) {
    for (const fhir::Criterion& criterion : request_.criteria) {
      if (!IsLastUpdated(criterion)) continue;
      last_updated_.push_back(&criterion);
      const TimeBounds bounds = BoundsOf(criterion);
      bounds_.low = std::max(bounds_.low, bounds.low);
      bounds_.high = std::min(bounds_.high, bounds.high);
    }
  }

  base::Result<base::Done> Run() {
    const bool any = last_updated_.size() == request_.criteria.size() && !request_.compartment;
    if (any) return Walk([](uint32_t) { return true; });
    candidates_ = PlanCandidates(scan_, request_, PlanOf(on_, request_, search_.effort, 0, true));
    if (ProbingIsCheaper(candidates_.stream->EstimateSize())) {
      return Walk([this](uint32_t docid) { return Probe(docid); });
    }
    std::vector<uint32_t> members;
    Gather(*candidates_.stream, 0, SIZE_MAX, &members);
    HEYI_CHECK(scan_.Status());
    if (FetchIsCheaper(members.size())) return FetchAndSort(members);
    return Walk([&](uint32_t docid) { return std::binary_search(members.begin(), members.end(), docid); });
  }

 private:
  uint64_t RowsWalked(uint64_t members) const { return on_.live / (members + 1) * (request_.count + 1); }

  bool ProbingIsCheaper(uint64_t members) const {
    return search_.effort == Effort::kLazy && members > kFetchAndSortMax &&
        RowsWalked(members) * kRowsPerProbe < members;
  }

  bool FetchIsCheaper(uint64_t members) const {
    return members <= kFetchAndSortMax && members * kRowsPerFetch <= RowsWalked(members);
  }

  bool Probe(uint32_t docid) {
    if (++probes_ > kProbesOfAPage) scan_.Fail(base::Error(base::ErrorKind::kTooLarge, "search.too-costly"));
    return candidates_.stream->Has(docid);
  }

  bool TimeFits(base::TimeMs time_ms) const {
    return std::all_of(last_updated_.begin(), last_updated_.end(),
                       [&](const fhir::Criterion* criterion) { return LastUpdatedMatches(*criterion, time_ms); });
  }

  bool Add(Hit hit) {
    const AfterPlace place{hit.record.time_ms, {}, hit.record.docid};
    return page_.Add(std::move(hit), place);
  }

  base::Result<base::Done> FetchAndSort(const std::vector<uint32_t>& members) {
    const auto before = [this](base::TimeMs a_ms, uint32_t a, base::TimeMs b_ms, uint32_t b) {
      const auto x = std::pair(a_ms, a), y = std::pair(b_ms, b);
      return descending_ ? y < x : x < y;
    };
    std::vector<Hit> hits;
    for (uint32_t docid : members) {
      HEYI_TRY(hit, checker_.Check(docid, candidates_));
      if (!hit || !TimeFits(hit->record.time_ms)) continue;
      if (search_.after && !before(search_.after->time_ms, search_.after->docid, hit->record.time_ms, docid)) continue;
      hits.push_back(std::move(*hit));
    }
    std::sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) {
      return before(a.record.time_ms, a.record.docid, b.record.time_ms, b.record.docid);
    });
    for (Hit& hit : hits) {
      if (!Add(std::move(hit))) break;
    }
    return base::Done{};
  }

  base::Result<base::Done> Walk(const std::function<bool(uint32_t docid)>& is_member) {
    TimeWalk walk(scan_, *request_.type, descending_);
    if (search_.after) walk.StartBehind({search_.after->time_ms, search_.after->docid});
    else if (descending_ && bounds_.high != INT64_MAX) walk.StartAt(bounds_.high);
    else if (!descending_ && bounds_.low != INT64_MIN) walk.StartAt(bounds_.low - 1);
    else walk.Start();
    while (const auto place = walk.Next()) {
      if (descending_ ? place->time_ms < bounds_.low : place->time_ms >= bounds_.high) break;
      if (!TimeFits(place->time_ms) || !is_member(place->docid)) continue;
      HEYI_TRY(hit, checker_.Check(place->docid, candidates_));
      if (hit && !Add(std::move(*hit))) break;
    }
    return scan_.Status();
  }

  const PageSearch& search_;
  const SearchOn& on_;
  const fhir::SearchRequest& request_;
  const bool descending_;
  PageFiller& page_;
  Scan scan_;
  Checker checker_;
  Candidates candidates_;
  std::vector<const fhir::Criterion*> last_updated_;
  TimeBounds bounds_;
  uint64_t probes_ = 0;
};

}  // namespace

base::Result<base::Done> PageByTime(const PageSearch& search, PageFiller& page) { return PagerByTime(search,
                                                                                                     page).Run(); }

}  // namespace heyi::store
