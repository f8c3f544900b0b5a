// create, and conditional create (If-None-Exist). https://hl7.org/fhir/R4/http.html#create
#include "interaction/access.h"
#include "interaction/body.h"
#include "interaction/conditional.h"
#include "interaction/interactions.h"

namespace heyi::interaction {

base::Result<Step> Create(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "create", audit::Action::kCreate);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kCreate, call.type->name, leaf));
  HEYI_TRY(tree, TakeResource(call));
  Plan plan(call.services, call.context);
  if (!call.request.if_none_exist.empty()) {
    HEYI_TRY(existing, MatchForCreate(plan, *call.type, call.request.if_none_exist));
    if (existing) return AnswerExisting(call, *existing, std::move(leaf));
  }
  SetId(tree, plan.NewId());
  HEYI_TRY(put, plan.Write(std::move(tree)));
  return AnswerWrite(call, std::move(plan), put, std::move(leaf));
}

}  // namespace heyi::interaction
