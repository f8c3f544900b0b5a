// $operations over REST: on the system, a type or an instance. https://hl7.org/fhir/R4/operations.html
#include <optional>

#include "fhir/json/parse.h"
#include "interaction/access.h"
#include "interaction/body.h"
#include "interaction/interactions.h"
#include "interaction/operations.h"

namespace heyi::interaction {

using base::Error;
using base::ErrorKind;

base::Result<Step> RunOperation(Call& call) {
  const std::string& segment = call.request.segments.back();
  const Level level = call.type == nullptr ? Level::kSystem : call.id.empty() ? Level::kType : Level::kInstance;
  const Operation* operation = call.services.operations.Find(std::string_view(segment).substr(1), call.type, level);
  if (operation == nullptr) return Error(ErrorKind::kNotFound, "interaction.unknown-operation", {}, segment);
  const bool get = call.request.reads_only();
  if (call.request.method != "POST" && !(get && !operation->changes())) {
    return Error(ErrorKind::kNotAllowed, "interaction.method", {}, call.request.method);
  }
  audit::Leaf leaf = StartLeaf(call.context, call.request, segment, audit::Action::kExecute);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kOperate, segment, leaf));

  std::optional<fhir::Tree> parameters;
  if (!call.request.body.empty()) {
    HEYI_TRY(parsed, fhir::ParseResource(std::move(call.request.body), call.services.definitions()));
    parameters = std::move(parsed);
  }
  Plan plan(call.services, call.context);
  OperationCall operation_call{call.type, call.id, parameters ? &*parameters : nullptr, call.request.query};
  std::optional<Plan::EffectScope> effects(std::in_place, plan);
  HEYI_TRY(answer, operation->Run(plan, operation_call));
  effects.reset();
  if (answer.written) return AnswerWrite(call, std::move(plan), *answer.written, std::move(leaf));
  Response response;
  response.status = answer.status;
  response.body = std::move(answer.json);
  leaf.status = answer.status;
  if (!plan.changes_anything()) {
    if (!call.id.empty()) NoteResource(leaf, call.type->name, call.id, 0, audit::Action::kExecute, {});
    response.leaf = std::move(leaf);
    return Step(std::move(response));
  }
  HEYI_TRY(draft, std::move(plan).Finish(leaf));
  response.leaf = std::move(leaf);
  response.leaf_recorded = true;
  return Step(Pending{std::move(draft), [response = std::move(response)](const store::CommitReceipt&) { return response; }});
}

}  // namespace heyi::interaction
