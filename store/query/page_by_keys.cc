#include <algorithm>

#include "fhir/search/sort_key.h"
#include "store/query/pages.h"
#include "store/query/value_walk.h"

namespace heyi::store {
namespace {

struct Placed {
  Hit hit;
  AfterPlace place;
};

class PagerByKeys {
 public:
  PagerByKeys(const PageSearch& search, PageFiller& page)
      : search_(search), request_(search.request), by_(request_.sort[0]), page_(page), scan_(search.on.reader),
        checker_(search.on, search.request, search.visible, search.effort) {}

  base::Result<base::Done> Run() {
    const bool walkable = request_.sort.size() == 1 && HasOrderedRows(*by_.parameter);
    const bool any = request_.criteria.empty() && !request_.compartment;
    if (walkable && any) return WalkAll([](uint32_t) { return true; });
    PlanFor plan = PlanOf(search_.on, request_, search_.effort, 0, false);
    plan.ranges_by_body = walkable && search_.effort == Effort::kThorough;  // only those that the walk meets are asked
    candidates_ = PlanCandidates(scan_, request_, plan);
    if (walkable && search_.effort == Effort::kLazy && ProbingIsCheaper(candidates_.stream->EstimateSize())) {
      probes_max_ = std::clamp(kTimesExpected * RowsToFill(candidates_.stream->EstimateSize()), kProbesMin, kProbesOfAPage);
      return WalkAll([this](uint32_t docid) { return Probe(docid); });
    }
    std::vector<uint32_t> members;
    const size_t members_max = walkable ? SIZE_MAX : kSortedMax;
    const bool whole = Gather(*candidates_.stream, 0, members_max, &members);
    HEYI_CHECK(scan_.Status());
    if (!whole) return base::Error(base::ErrorKind::kTooLarge, "search.too-costly");
    const auto is_member = [&](uint32_t docid) { return std::binary_search(members.begin(), members.end(), docid); };
    if (walkable && members.size() > kFetchAndSortMax) return WalkAll(is_member);
    // Few candidates: fetching them all is certain to end. Where a page should be full long before that would cost as
    // much, walking is tried first, just as far; a thorough second effort fetches.
    const uint64_t rows_max = members.size() * kRowsPerFetch;
    if (!walkable || search_.effort == Effort::kThorough || RowsToFill(members.size()) > rows_max / 2) return FetchAndSort(members);
    return WalkAll([&](uint32_t docid) {
      if (++probes_ > rows_max) scan_.Fail(base::Error(base::ErrorKind::kTooLarge, "search.too-costly"));
      return is_member(docid);
    });
  }

 private:
  // About so many rows are walked until a page is full, and each is asked for; else all candidates are read first.
  bool ProbingIsCheaper(uint64_t members) const {
    return members > kFetchAndSortMax && RowsToFill(members) * kRowsPerProbe < members;
  }

  // About so many rows, where the candidates are spread evenly over all.
  uint64_t RowsToFill(uint64_t members) const { return search_.on.live / (members + 1) * (page_.wanted() + 1); }

  bool Probe(uint32_t docid) {
    if (++probes_ > probes_max_) scan_.Fail(base::Error(base::ErrorKind::kTooLarge, "search.too-costly"));
    return candidates_.stream->Has(docid);
  }

  bool ComesBefore(const AfterPlace& a, const AfterPlace& b) const {
    for (size_t i = 0; i < request_.sort.size(); ++i) {
      if (a.keys[i] == b.keys[i]) continue;
      if (!a.keys[i] || !b.keys[i]) return a.keys[i].has_value();
      return request_.sort[i].descending ? *b.keys[i] < *a.keys[i] : *a.keys[i] < *b.keys[i];
    }
    return by_.descending && a.keys[0] ? b.docid < a.docid : a.docid < b.docid;
  }

  // nullopt where a body that is needed has been erased.
  base::Result<std::optional<AfterPlace>> PlaceOf(const Hit& hit, Checker& checker) {
    std::optional<fhir::Tree> tree;
    if (std::any_of(request_.sort.begin(), request_.sort.end(), fhir::NeedsTree)) {
      HEYI_TRY(read, checker.ReadBody(hit));
      if (!read) return std::optional<AfterPlace>();
      tree = std::move(read);
    }
    AfterPlace place;
    place.docid = hit.record.docid;
    for (const fhir::SortBy& by : request_.sort) {
      place.keys.push_back(fhir::SortKeyOf(tree ? &*tree : nullptr, hit.id, hit.record.time_ms, by));
    }
    return std::optional<AfterPlace>(std::move(place));
  }

  base::Result<base::Done> FetchAndSort(const std::vector<uint32_t>& members) {
    std::vector<Placed> placed;
    Checker checker(search_.on, request_, search_.visible, Effort::kThorough);  // all of them are needed, and bounded
    for (uint32_t docid : members) {
      HEYI_TRY(hit, checker.Check(docid, candidates_));
      if (!hit) continue;
      HEYI_TRY(place, PlaceOf(*hit, checker));
      if (!place || (search_.after && !ComesBefore(*search_.after, *place))) continue;
      placed.push_back({std::move(*hit), std::move(*place)});
    }
    const size_t needed = std::min(placed.size(), page_.wanted() + 1);
    std::partial_sort(placed.begin(), placed.begin() + static_cast<std::ptrdiff_t>(needed), placed.end(),
                      [this](const Placed& a, const Placed& b) { return ComesBefore(a.place, b.place); });
    for (size_t i = 0; i < needed; ++i) {
      if (!page_.Add(std::move(placed[i].hit), std::move(placed[i].place))) break;
    }
    return base::Done{};
  }

  // First those that have a value, in the order of the rows; then those that have none, by docid.
  base::Result<base::Done> WalkAll(const std::function<bool(uint32_t docid)>& is_member) {
    if (!search_.after || search_.after->keys[0]) {
      HEYI_TRY(full, Walk(is_member));
      if (full) return base::Done{};
    }
    return AddThoseWithout();
  }

  // True when the page is full.
  base::Result<bool> Walk(const std::function<bool(uint32_t docid)>& is_member) {
    std::optional<ValueWalk::Place> behind;
    if (search_.after) behind = ValueWalk::Place{*search_.after->keys[0], search_.after->docid};
    ValueWalk walk(scan_, *request_.type, by_, behind);
    bool full = false;
    while (!full) {
      std::optional<ValueWalk::Place> row = walk.Next();
      if (!row) break;
      if (!is_member(row->docid)) continue;
      HEYI_TRY(hit, checker_.Check(row->docid, candidates_));
      if (!hit) continue;
      HEYI_TRY(place, PlaceOf(*hit, checker_));
      if (!place || place->keys[0] != row->key) continue;  // another of its values decides where it stands
      full = !page_.Add(std::move(*hit), std::move(*place));
    }
    HEYI_CHECK(scan_.Status());
    return full;
  }

  base::Result<base::Done> AddThoseWithout() {
    fhir::SearchRequest without = request_;
    fhir::Criterion none;
    none.parameter = by_.parameter;
    none.modifier = "missing";
    none.missing = true;
    without.criteria.push_back(std::move(none));
    const bool behind = search_.after && !search_.after->keys[0];
    const uint32_t from = behind ? search_.after->docid + 1 : 0;
    Checker checker(search_.on, without, search_.visible, search_.effort);
    const Candidates candidates = PlanCandidates(scan_, without, PlanOf(search_.on, without, search_.effort, from,
                                                                        false));
    for (uint32_t docid = candidates.stream->SeekTo(from); docid != kNoDocid; docid =
         candidates.stream->SeekTo(docid + 1)) {
      HEYI_TRY(hit, checker.Check(docid, candidates));
      if (hit && !page_.Add(std::move(*hit), AfterPlace{0, {std::nullopt}, docid})) break;
    }
    return scan_.Status();
  }

  const PageSearch& search_;
  const fhir::SearchRequest& request_;
  const fhir::SortBy& by_;
  PageFiller& page_;
  Scan scan_;
  Checker checker_;
  Candidates candidates_;
  uint64_t probes_ = 0, probes_max_ = 0;
};

}  // namespace

base::Result<base::Done> PageByKeys(const PageSearch& search, PageFiller& page) { return PagerByKeys(search,
                                                                                                     page).Run(); }

}  // namespace heyi::store
