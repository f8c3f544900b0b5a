// $operations over REST: on the system, a type or an instance. https://hl7.org/fhir/R4/operations.html
#include <optional>

#include "fhir/json/parse.h"
#include "fhir/json/write.h"
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
  std::optional<base::JsonValue> json;
  if (!call.request.body.empty() && operation->takes_json()) {
    HEYI_TRY(parsed, base::ParseJson(std::move(call.request.body)));
    json = std::move(parsed);
  } else if (!call.request.body.empty()) {
    HEYI_TRY(parsed, fhir::ParseResource(std::move(call.request.body), call.services.definitions()));
    parameters = std::move(parsed);
  } else if (call.request.resource && operation->takes_json()) {
    HEYI_TRY(parsed, base::ParseJson(fhir::WriteJson(*call.request.resource)));
    json = std::move(parsed);
  } else if (call.request.resource) {
    parameters = std::move(call.request.resource);
  }
  Plan plan(call.services, call.context);
  OperationCall operation_call;
  operation_call.type = call.type;
  operation_call.id = call.id;
  operation_call.parameters = parameters ? &*parameters : nullptr;
  operation_call.json = json ? &*json : nullptr;
  operation_call.accept_language = call.request.accept_language;
  operation_call.query = call.request.query;
  std::optional<Plan::EffectScope> effects(std::in_place, plan);
  HEYI_TRY(answer, operation->Run(plan, operation_call));
  effects.reset();
  if (answer.written) return AnswerWrite(call, std::move(plan), *answer.written, std::move(leaf));
  Response response;
  for (const ShownResource& shown : answer.shown) {
    NoteResource(leaf, shown.type, shown.id, shown.version, audit::Action::kRead, shown.elders);
  }
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
