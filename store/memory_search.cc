// The twin's search: every resource is looked at. https://hl7.org/fhir/R4/search.html
#include "fhir/search/sort_key.h"
#include "store/memory_snapshot.h"
#include "store/query/after.h"

namespace heyi::store {
namespace {

// Criteria by brute force: every resource that might be at the other end of a link is looked at.
class MemoryMatcher {
 public:
  MemoryMatcher(const Memory& memory, const Visible& visible, const MemorySnapshot& snapshot)
      : memory_(memory), visible_(visible), snapshot_(snapshot) {}

  // The resource as it stands, if it is there and may be seen.
  base::Result<std::optional<std::pair<VersionRecord, fhir::Tree>>> See(const fhir::Type& type,
                                                                        const std::string& id) const {
    using Seen = std::optional<std::pair<VersionRecord, fhir::Tree>>;
    const std::optional<VersionRecord> record = snapshot_.CurrentLocked({type.number, id});
    if (!record || record->deleted || (visible_ && !visible_(type, *record))) return Seen();
    HEYI_TRY(tree, snapshot_.TreeLocked(*record));
    return Seen(std::in_place, *record, std::move(tree));
  }

  base::Result<bool> Holds(const fhir::Tree& tree, const std::string& id, base::TimeMs time_ms,
                           const fhir::Criterion& criterion) const {
    if (criterion.via == fhir::Via::kOwn) return fhir::Matches(tree, id, time_ms, {criterion});
    for (const fhir::LinkedCriterion& linked : criterion.linked) {
      for (const std::string& other : IdsOf(*linked.type)) {
        HEYI_TRY(seen, See(*linked.type, other));
        if (!seen) continue;
        const bool linked_up = criterion.via == fhir::Via::kChain ? RefersTo(tree, *criterion.parameter,
                                                                             linked.type->name, other)
                                                                  : RefersTo(seen->second, *criterion.parameter,
                                                                             tree.type()->name, id);
        if (!linked_up) continue;
        HEYI_TRY(holds, Holds(seen->second, other, seen->first.time_ms, linked.criterion));
        if (holds) return true;
      }
    }
    return false;
  }

  std::vector<std::string> IdsOf(const fhir::Type& type) const {
    std::vector<std::string> ids;
    for (auto at = memory_.resources.lower_bound({type.number, ""}); at != memory_.resources.end() &&
         at->first.first == type.number; ++at) {
      ids.push_back(at->first.second);
    }
    return ids;
  }

 private:
  static bool RefersTo(const fhir::Tree& from, const fhir::SearchParameter& by, std::string_view type,
                       std::string_view id) {
    const std::vector<fhir::SearchValue> values = fhir::ExtractValues(from, by);
    return std::any_of(values.begin(), values.end(), [&](const fhir::SearchValue& value) {
      const auto* reference = std::get_if<fhir::ReferenceValue>(&value);
      return reference != nullptr && reference->type == type && reference->id == id;
    });
  }

  const Memory& memory_;
  const Visible& visible_;
  const MemorySnapshot& snapshot_;
};

// What is sorted: the keys, what has none last; equals by docid, in the direction of the first key.
struct MemoryHit {
  Hit hit;
  AfterPlace place;
};

bool MemoryBefore(const fhir::SearchRequest& request, const AfterPlace& a, const AfterPlace& b) {
  const Order order = OrderOf(request);
  if (order == Order::kDocid) return a.docid < b.docid;
  const bool down = request.sort[0].descending;
  if (order == Order::kTime && a.time_ms != b.time_ms) return (a.time_ms < b.time_ms) != down;
  for (size_t i = 0; i < a.keys.size(); ++i) {
    if (a.keys[i].has_value() != b.keys[i].has_value()) return a.keys[i].has_value();
    if (a.keys[i] != b.keys[i]) return (*a.keys[i] < *b.keys[i]) != request.sort[i].descending;
  }
  const bool docids_down = down && (order == Order::kTime || a.keys[0].has_value());
  return docids_down ? b.docid < a.docid : a.docid < b.docid;
}

}  // namespace

base::Result<SearchPage> MemorySnapshot::Search(const fhir::SearchRequest& request, const Visible& visible,
                                                const PagePosition& position) const {
  std::lock_guard lock(memory_->mutex);
  const MemoryMatcher matcher(*memory_, visible, *this);
  std::vector<MemoryHit> hits;
  for (const std::string& id : matcher.IdsOf(*request.type)) {
    HEYI_TRY(seen, matcher.See(*request.type, id));
    if (!seen) continue;
    const auto& [record, tree] = *seen;
    if (request.compartment && !fhir::InCompartment(tree, *request.compartment)) continue;
    bool all = true;
    for (const fhir::Criterion& criterion : request.criteria) {
      HEYI_TRY(holds, matcher.Holds(tree, id, record.time_ms, criterion));
      all = all && holds;
    }
    if (!all) continue;
    AfterPlace place{OrderOf(request) == Order::kTime ? record.time_ms : 0, {}, record.docid};
    if (OrderOf(request) == Order::kKeys) {
      for (const fhir::SortBy& by : request.sort) place.keys.push_back(fhir::SortKeyOf(&tree, id, record.time_ms, by));
    }
    hits.push_back({{request.type, id, record}, std::move(place)});
  }
  std::sort(hits.begin(), hits.end(), [&](const MemoryHit& a, const MemoryHit& b) { return MemoryBefore(request,
      a.place, b.place); });

  SearchPage page;
  page.t = t_;
  if (request.want_total || request.count_only || request.estimate_total) page.total = hits.size();
  if (request.count_only || request.count == 0) return page;
  HEYI_TRY(after, ReadAfter(position.after, request));
  const AfterPlace* last = nullptr;
  for (MemoryHit& hit : hits) {
    if (after && !MemoryBefore(request, *after, hit.place)) continue;
    if (page.hits.size() == request.count) {
      page.next = PagePosition{t_, WriteAfter(request, *last)};
      break;
    }
    page.hits.push_back(std::move(hit.hit));
    last = &hit.place;
  }
  return page;
}

}  // namespace heyi::store
