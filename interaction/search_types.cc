#include "interaction/search_types.h"

#include <algorithm>

#include "base/bytes.h"
#include "store/query/after.h"

namespace heyi::interaction {
namespace {

using base::Result;
using store::Hit;
using store::PagePosition;
using store::SearchPage;
using store::Snapshot;
using store::Visible;

// The totals of all types, where all have one.
Result<SearchPage> CountAll(const Snapshot& snapshot, const std::vector<fhir::SearchRequest>& requests,
                            const Visible& visible) {
  SearchPage page;
  page.t = snapshot.t();
  page.total = 0;
  for (fhir::SearchRequest request : requests) {
    request.count = 0;
    request.count_only = request.want_total || request.count_only;
    HEYI_TRY(counted, snapshot.Search(request, visible, {snapshot.t(), {}}));
    if (counted.total && page.total) *page.total += *counted.total;
    else page.total.reset();
  }
  return page;
}

// A page's end: which type it is in, and where in it.
std::string AfterIn(size_t type, std::string_view after) {
  std::string text;
  base::PutBig(text, static_cast<uint16_t>(type));
  return text.append(after);
}

Result<SearchPage> OneAfterTheOther(const Snapshot& snapshot, const std::vector<fhir::SearchRequest>& requests,
                                    const Visible& visible,
                                    std::string_view after) {
  SearchPage page;
  page.t = snapshot.t();
  size_t type = 0;
  if (!after.empty()) {
    if (after.size() < sizeof(uint16_t)) return base::Error(base::ErrorKind::kMalformed, "store.cursor");
    type = base::BigAt<uint16_t>(after);
    after.remove_prefix(sizeof(uint16_t));
  }
  for (; type < requests.size(); ++type, after = {}) {
    fhir::SearchRequest request = requests[type];
    const size_t room = request.count - page.hits.size();
    request.count = std::max<uint32_t>(static_cast<uint32_t>(room), 1);  // a full page asks whether there is more
    request.want_total = request.estimate_total = false;
    HEYI_TRY(part, snapshot.Search(request, visible, {snapshot.t(), std::string(after)}));
    if (room == 0 && !part.hits.empty()) {
      page.next = PagePosition{page.t, AfterIn(type, {})};
      break;
    }
    if (room == 0) continue;
    std::move(part.hits.begin(), part.hits.end(), std::back_inserter(page.hits));
    if (part.next) {
      page.next = PagePosition{page.t, AfterIn(type, part.next->after)};
      break;
    }
  }
  return page;
}

// Every type from the same instant on; the next page begins where this one ends, whatever the type.
Result<SearchPage> AllTogether(const Snapshot& snapshot, const std::vector<fhir::SearchRequest>& requests,
                               const Visible& visible,
                               const std::string& after) {
  const bool down = requests.front().sort[0].descending;
  const size_t count = requests.front().count;
  SearchPage page;
  page.t = snapshot.t();
  std::vector<Hit> hits;
  bool more = false;
  for (fhir::SearchRequest request : requests) {
    request.want_total = request.estimate_total = false;
    HEYI_TRY(part, snapshot.Search(request, visible, {snapshot.t(), after}));
    more = more || part.next.has_value();
    std::move(part.hits.begin(), part.hits.end(), std::back_inserter(hits));
  }
  const auto place = [](const Hit& hit) { return std::pair(hit.record.time_ms, hit.record.docid); };
  std::sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) { return down ? place(b) < place(a)
      : place(a) < place(b); });
  more = more || hits.size() > count;
  if (hits.size() > count) hits.resize(count);
  page.hits = std::move(hits);
  if (more && !page.hits.empty()) page.next = PagePosition{page.t, store::WriteAfter(requests.front(),
      {place(page.hits.back()).first, {}, place(page.hits.back()).second})};
  return page;
}

}  // namespace

Result<base::Done> CheckOrder(const std::vector<fhir::SearchRequest>& requests) {
  const std::vector<fhir::SortBy>& sort = requests.front().sort;
  const bool by_time = sort.size() == 1 && sort[0].parameter->code == "_lastUpdated";
  if (requests.size() == 1 || sort.empty() || by_time) return base::Done{};
  return base::Error(base::ErrorKind::kMalformed, "search.sort", "_sort", sort[0].parameter->code);
}

Result<SearchPage> SearchTypes(const Snapshot& snapshot, const std::vector<fhir::SearchRequest>& requests,
                               const Visible& visible,
                               const PagePosition& position) {
  const fhir::SearchRequest& first = requests.front();
  if (requests.size() == 1) return snapshot.Search(first, visible, position);
  std::optional<uint64_t> total;
  if (first.want_total || first.estimate_total || first.count_only) {
    HEYI_TRY(counted, CountAll(snapshot, requests, visible));
    if (first.count_only || first.count == 0) return std::move(counted);
    total = counted.total;
  }
  HEYI_TRY(page, first.sort.empty() ? OneAfterTheOther(snapshot, requests, visible, position.after)
                                    : AllTogether(snapshot, requests, visible, position.after));
  page.total = total;
  return std::move(page);
}

}  // namespace heyi::interaction
