// update, also as create (the client names the id), and by criteria. https://hl7.org/fhir/R4/http.html#update
#include "base/ids.h"
#include "interaction/access.h"
#include "interaction/body.h"
#include "interaction/conditional.h"
#include "interaction/interactions.h"
#include "interaction/preconditions.h"

namespace heyi::interaction {

using base::Error;
using base::ErrorKind;

namespace {

// Writes `tree`, whose id is set, where the request's preconditions hold.
base::Result<Step> WriteAt(Call& call, Plan plan, fhir::Tree tree, audit::Leaf leaf) {
  HEYI_TRY(current, plan.snapshot().Current(*call.type, tree.id()));
  const bool there = current && !current->deleted;
  if (there && !MayRead(call.services, call.context.caller, policy::Action::kUpdate, *call.type, current->label)) {
    return Error(ErrorKind::kForbidden, "interaction.forbidden", {}, call.type->name);
  }
  HEYI_CHECK(CheckIfMatch(call.request, there ? current->version : 0));
  if (there && !call.request.if_none_match.empty() && NoneMatchHolds(call.request.if_none_match, current->version)) {
    return Error(ErrorKind::kPrecondition, "interaction.version-conflict", {}, std::to_string(current->version));
  }
  HEYI_TRY(put, plan.Write(std::move(tree)));
  return AnswerWrite(call, std::move(plan), put, std::move(leaf));
}

}  // namespace

base::Result<Step> Update(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "update", audit::Action::kUpdate);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kUpdate, call.type->name, leaf));
  if (!base::IsFhirId(call.id)) return Error(ErrorKind::kMalformed, "interaction.id-format", {}, call.id);
  HEYI_TRY(tree, TakeResource(call));
  if (tree.id().empty()) return Error(ErrorKind::kMalformed, "interaction.id-missing");
  if (tree.id() != call.id) return Error(ErrorKind::kMalformed, "interaction.id-mismatch", {}, call.id);
  return WriteAt(call, Plan(call.services, call.context), std::move(tree), std::move(leaf));
}

base::Result<Step> ConditionalUpdate(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "update", audit::Action::kUpdate);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kUpdate, call.type->name, leaf));
  HEYI_TRY(tree, TakeResource(call));
  Plan plan(call.services, call.context);
  HEYI_TRY(id, IdForUpdate(plan, tree, call.request.query));
  SetId(tree, id);
  return WriteAt(call, std::move(plan), std::move(tree), std::move(leaf));
}

}  // namespace heyi::interaction
