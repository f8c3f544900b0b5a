// delete: a new version that says so; the older ones stay. https://hl7.org/fhir/R4/http.html#delete
#include <fmt/format.h>

#include "interaction/access.h"
#include "interaction/body.h"
#include "interaction/interactions.h"
#include "interaction/preconditions.h"

namespace heyi::interaction {

base::Result<Step> Delete(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "delete", audit::Action::kDelete);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kDelete, call.type->name, leaf));
  Plan plan(call.services, call.context);
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

}  // namespace heyi::interaction
