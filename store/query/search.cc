#include "store/query/search.h"

#include <algorithm>

#include "base/bytes.h"
#include "store/index/posting.h"
#include "store/query/open_rows.h"
#include "store/view/replay.h"

namespace heyi::store {
namespace {

constexpr size_t kFetchAndSortMax = 2'000;
constexpr uint64_t kRowsPerFetch = 80;   // a fetched record costs about as much as walking this many time rows
constexpr uint64_t kRowsPerProbe = 20;   // so does asking a stream for one docid
constexpr uint64_t kProbesOfAPage = 10'000;

// A page is first looked for lazily: what only a few candidates need is asked of them, instead of reading it for all.
// Where that runs out of its allowance, data and question were unlucky together, and the page is found the thorough way.
enum class Effort : uint8_t { kLazy, kThorough };

// Decides on candidates: alive at t, what only the body tells, and the asking party's right to know.
class Checker {
 public:
  Checker(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible, Effort effort)
      : on_(on), request_(request), visible_(visible), bodies_left_(kRecheckBodiesMax) {
    if (effort == Effort::kLazy) bodies_left_ = BodiesOfAPage({.hits = request.count + 1, .live = on.live});
  }

  // Null where it is no hit.
  base::Result<std::optional<Hit>> Check(uint32_t docid, const Candidates& candidates) {
    HEYI_TRY(hit, on_.reader.ByDocid(docid));
    if (!hit || hit->record.deleted || hit->type != request_.type) return std::optional<Hit>();
    if (visible_ && !visible_(*hit->type, hit->record)) return std::optional<Hit>();
    if (!candidates.certain()) {
      HEYI_TRY(matches, BodyMatches(*hit, candidates));
      if (!matches) return std::optional<Hit>();
    }
    return std::move(hit);
  }

 private:
  base::Result<bool> BodyMatches(const Hit& hit, const Candidates& candidates) {
    if (bodies_left_-- == 0) return base::Error(base::ErrorKind::kTooLarge, "search.too-costly");
    HEYI_TRY(tree, ReadTree(on_.journal, hit.record.pointer, on_.indexer.definitions()));
    if (!tree) return false;  // erased
    if (candidates.recheck_compartment && !fhir::InCompartment(*tree, *request_.compartment)) return false;
    return fhir::Matches(*tree, hit.id, hit.record.time_ms, candidates.recheck);
  }

  const SearchOn& on_;
  const fhir::SearchRequest& request_;
  const Visible& visible_;
  uint64_t bodies_left_;
};

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

PlanFor PlanOf(const SearchOn& on, const fhir::SearchRequest& request, Effort effort, uint32_t from, bool without_last_updated) {
  PlanFor plan;
  plan.from = from;
  plan.without_last_updated = without_last_updated;
  plan.live = on.live;
  if (effort == Effort::kLazy) plan.hits = request.count + 1;
  return plan;
}

// Adds a hit to the page; false when the page is full, and then there is a next one.
bool AddHit(const fhir::SearchRequest& request, Hit hit, SearchPage* page) {
  if (page->hits.size() < request.count) {
    page->hits.push_back(std::move(hit));
    return true;
  }
  const Hit& last = page->hits.back();
  page->next = PagePosition{page->t, request.sort == fhir::SortKey::kDefault
                                         ? AfterDocid(last.record.docid)
                                         : AfterTime(last.record.time_ms, last.record.docid)};
  return false;
}

base::Result<base::Done> PageByDocid(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible,
                                     const std::optional<AfterPlace>& after, Effort effort, SearchPage* page) {
  Scan scan(on.reader);
  Checker checker(on, request, visible, effort);
  const uint32_t from = after ? after->docid + 1 : 0;
  const Candidates candidates = PlanCandidates(scan, request, PlanOf(on, request, effort, from, false));
  for (uint32_t docid = candidates.stream->SeekTo(from); docid != kNoDocid; docid = candidates.stream->SeekTo(docid + 1)) {
    HEYI_TRY(hit, checker.Check(docid, candidates));
    if (hit && !AddHit(request, std::move(*hit), page)) break;
  }
  return scan.Status();
}

// ---- by lastUpdated ------------------------------------------------------------------------------------------------

class PagerByTime {
 public:
  PagerByTime(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible, Effort effort, SearchPage* page)
      : on_(on), request_(request), effort_(effort), page_(page), scan_(on.reader), checker_(on, request, visible, effort) {
    for (const fhir::Criterion& criterion : request.criteria) {
      if (!IsLastUpdated(criterion)) continue;
      last_updated_.push_back(&criterion);
      const TimeBounds bounds = BoundsOf(criterion);
      bounds_.low = std::max(bounds_.low, bounds.low);
      bounds_.high = std::min(bounds_.high, bounds.high);
    }
  }

  base::Result<base::Done> Run(const std::optional<AfterPlace>& after) {
    const bool any = last_updated_.size() == request_.criteria.size() && !request_.compartment;
    if (any) return Walk([](uint32_t) { return true; }, after);
    candidates_ = PlanCandidates(scan_, request_, PlanOf(on_, request_, effort_, 0, true));
    if (ProbingIsCheaper(candidates_.stream->EstimateSize())) {
      return Walk([this](uint32_t docid) { return Probe(docid); }, after);
    }
    std::vector<uint32_t> members;
    Gather(*candidates_.stream, 0, SIZE_MAX, &members);
    HEYI_CHECK(scan_.Status());
    if (FetchIsCheaper(members.size())) return FetchAndSort(members, after);
    return Walk([&](uint32_t docid) { return std::binary_search(members.begin(), members.end(), docid); }, after);
  }

 private:
  uint64_t RowsWalked(uint64_t members) const { return on_.live / (members + 1) * (request_.count + 1); }

  bool ProbingIsCheaper(uint64_t members) const {
    return effort_ == Effort::kLazy && members > kFetchAndSortMax && RowsWalked(members) * kRowsPerProbe < members;
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

  base::Result<base::Done> FetchAndSort(const std::vector<uint32_t>& members, const std::optional<AfterPlace>& after) {
    const auto before = [this](const AfterPlace& a, const AfterPlace& b) {
      const auto x = std::pair(a.time_ms, a.docid), y = std::pair(b.time_ms, b.docid);
      return request_.sort_descending ? y < x : x < y;
    };
    std::vector<Hit> hits;
    for (uint32_t docid : members) {
      HEYI_TRY(hit, checker_.Check(docid, candidates_));
      if (!hit || !TimeFits(hit->record.time_ms)) continue;
      if (after && !before(*after, {hit->record.time_ms, docid})) continue;
      hits.push_back(std::move(*hit));
    }
    std::sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) {
      return before({a.record.time_ms, a.record.docid}, {b.record.time_ms, b.record.docid});
    });
    for (Hit& hit : hits) {
      if (!AddHit(request_, std::move(hit), page_)) break;
    }
    return base::Done{};
  }

  base::Result<base::Done> Walk(const std::function<bool(uint32_t docid)>& is_member, const std::optional<AfterPlace>& after) {
    TimeWalk walk(scan_, *request_.type, request_.sort_descending);
    if (after) walk.StartBehind({after->time_ms, after->docid});
    else if (request_.sort_descending && bounds_.high != INT64_MAX) walk.StartAt(bounds_.high);
    else if (!request_.sort_descending && bounds_.low != INT64_MIN) walk.StartAt(bounds_.low - 1);
    else walk.Start();
    while (const auto place = walk.Next()) {
      if (request_.sort_descending ? place->time_ms < bounds_.low : place->time_ms >= bounds_.high) break;
      if (!TimeFits(place->time_ms) || !is_member(place->docid)) continue;
      HEYI_TRY(hit, checker_.Check(place->docid, candidates_));
      if (hit && !AddHit(request_, std::move(*hit), page_)) break;
    }
    return scan_.Status();
  }

  const SearchOn& on_;
  const fhir::SearchRequest& request_;
  Effort effort_;
  SearchPage* page_;
  Scan scan_;
  Checker checker_;
  Candidates candidates_;
  std::vector<const fhir::Criterion*> last_updated_;
  TimeBounds bounds_;
  uint64_t probes_ = 0;
};

}  // namespace

std::string AfterDocid(uint32_t docid) {
  std::string after;
  base::PutBig(after, docid);
  return after;
}

std::string AfterTime(base::TimeMs time_ms, uint32_t docid) {
  std::string after;
  base::PutBig(after, OrderedTime(time_ms));
  base::PutBig(after, docid);
  return after;
}

base::Result<std::optional<AfterPlace>> ReadAfter(std::string_view after, fhir::SortKey sort) {
  if (after.empty()) return std::optional<AfterPlace>();
  const size_t size = sort == fhir::SortKey::kDefault ? 4 : 12;
  if (after.size() != size) return base::Error(base::ErrorKind::kMalformed, "store.cursor");
  AfterPlace place;
  if (size == 12) place.time_ms = TimeOfOrdered(base::BigAt<uint64_t>(after));
  place.docid = base::BigAt<uint32_t>(after, size - 4);
  return std::optional<AfterPlace>(place);
}

base::Result<SearchPage> RunSearch(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible,
                                   std::string_view after_text) {
  SearchPage page;
  page.t = on.reader.t();
  HEYI_TRY(after, ReadAfter(after_text, request.sort));
  if (request.want_total || request.count_only) {
    HEYI_TRY(total, CountHits(on, request, visible));
    page.total = total;
  }
  if (request.count_only || request.count == 0) return page;
  for (const Effort effort : {Effort::kLazy, Effort::kThorough}) {
    page.hits.clear();
    page.next.reset();
    base::Result<base::Done> found = request.sort == fhir::SortKey::kDefault
                                         ? PageByDocid(on, request, visible, after, effort, &page)
                                         : PagerByTime(on, request, visible, effort, &page).Run(after);
    if (found.ok()) break;
    if (effort == Effort::kThorough || found.error().kind != base::ErrorKind::kTooLarge) return std::move(found).error();
  }
  return page;
}

}  // namespace heyi::store
