#include "store/query/checker.h"

#include "store/view/replay.h"

namespace heyi::store {

Checker::Checker(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible, Effort effort)
    : on_(on), request_(request), visible_(visible), bodies_left_(kRecheckBodiesMax) {
  if (effort == Effort::kLazy) bodies_left_ = BodiesOfAPage({.hits = request.count + 1, .live = on.live});
}

base::Result<std::optional<Hit>> Checker::Check(uint32_t docid, const Candidates& candidates) {
  HEYI_TRY(hit, on_.reader.ByDocid(docid));
  if (!hit || hit->record.deleted || hit->type != request_.type) return std::optional<Hit>();
  if (visible_ && !visible_(*hit->type, hit->record)) return std::optional<Hit>();
  if (!candidates.certain()) {
    HEYI_TRY(matches, BodyMatches(*hit, candidates));
    if (!matches) return std::optional<Hit>();
  }
  return std::move(hit);
}

base::Result<std::optional<fhir::Tree>> Checker::ReadBody(const Hit& hit) {
  if (bodies_left_ == 0) return base::Error(base::ErrorKind::kTooLarge, "search.too-costly");
  --bodies_left_;
  return ReadTree(on_.journal, hit.record.pointer, on_.indexer.definitions());
}

base::Result<bool> Checker::BodyMatches(const Hit& hit, const Candidates& candidates) {
  HEYI_TRY(tree, ReadBody(hit));
  if (!tree) return false;
  if (candidates.recheck_compartment && !fhir::InCompartment(*tree, *request_.compartment)) return false;
  return fhir::Matches(*tree, hit.id, hit.record.time_ms, candidates.recheck);
}

PlanFor PlanOf(const SearchOn& on, const fhir::SearchRequest& request, Effort effort, uint32_t from,
               bool without_last_updated) {
  PlanFor plan;
  plan.from = from;
  plan.without_last_updated = without_last_updated;
  plan.live = on.live;
  if (effort == Effort::kLazy) plan.hits = request.count + 1;
  return plan;
}

}  // namespace heyi::store
