// delete, also by criteria: a new version that says so; the older ones stay. https://hl7.org/fhir/R4/http.html#delete
#include <fmt/format.h>

#include "interaction/access.h"
#include "interaction/conditional.h"
#include "interaction/interactions.h"
#include "interaction/preconditions.h"

namespace heyi::interaction {

namespace {

audit::Leaf LeafOf(const Call& call) { return StartLeaf(call.context, call.request, "delete", audit::Action::kDelete); }

base::Result<Step> DeleteAt(Call& call, Plan plan, audit::Leaf leaf) {
  HEYI_TRY(current, plan.snapshot().Current(*call.type, call.id));
  HEYI_CHECK(CheckIfMatch(call.request, current && !current->deleted ? current->version : 0));
  HEYI_TRY(put, plan.Delete(*call.type, call.id));
  Response response;
  response.status = 204;
  leaf.status = 204;
  if (!put) {  // nothing there, or deleted before: the wish is fulfilled
    NoteResource(leaf, call.type->name, call.id, 0, audit::Action::kDelete, {});
    if (current) response.etag = EntityTag(current->version);
    response.leaf = std::move(leaf);
    return Step(std::move(response));
  }
  response.etag = EntityTag(put->version);
  auto draft = std::move(plan).Finish(leaf);
  if (!draft.ok()) return std::move(draft).error();
  response.leaf = std::move(leaf);
  response.leaf_recorded = true;
  return Step(Pending{std::move(*draft), [response = std::move(response)](const store::CommitReceipt& receipt) mutable {
                        response.last_modified_ms = receipt.time_ms;
                        return std::move(response);
                      }});
}

}  // namespace

base::Result<Step> Delete(Call& call) {
  audit::Leaf leaf = LeafOf(call);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kDelete, call.type->name, leaf));
  return DeleteAt(call, Plan(call.services, call.context), std::move(leaf));
}

// One match is deleted, no match is no change, several are refused: conditionalDelete "single".
base::Result<Step> ConditionalDelete(Call& call) {
  audit::Leaf leaf = LeafOf(call);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kDelete, call.type->name, leaf));
  Plan plan(call.services, call.context);
  HEYI_TRY(match, MatchOne(plan, *call.type, call.request.query));
  if (!match) {
    Response response;
    response.status = leaf.status = 204;
    response.leaf = std::move(leaf);
    return Step(std::move(response));
  }
  call.id = *match;
  return DeleteAt(call, std::move(plan), std::move(leaf));
}

}  // namespace heyi::interaction
