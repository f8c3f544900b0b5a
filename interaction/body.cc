#include "interaction/body.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/text.h"
#include "fhir/json/parse.h"
#include "interaction/access.h"
#include "interaction/preconditions.h"
#include "interaction/status.h"

namespace heyi::interaction {

using base::Error;
using base::ErrorKind;

namespace {

// A body that is no FHIR is the content of a Binary. https://hl7.org/fhir/R4/binary.html#rest
base::Result<fhir::Tree> TakeContent(Call& call) {
  Request& request = call.request;
  if (call.type == nullptr || call.type->name != "Binary") {
    return Error(ErrorKind::kUnsupported, "interaction.content-type", {}, request.content_type);
  }
  fhir::Tree tree;
  tree.SetRoot(call.type);
  if (!call.id.empty()) tree.AddMember(0, "id", fhir::NodeKind::kString, call.id);
  tree.AddMember(0, "contentType", fhir::NodeKind::kString, base::Trim(request.content_type));
  if (!request.security_context.empty()) {
    tree.AddMember(tree.Ensure(0, "securityContext"), "reference", fhir::NodeKind::kString, request.security_context);
  }
  tree.AddMember(0, "data", fhir::NodeKind::kString, base::ToBase64(request.body));
  request.body.clear();
  return tree;
}

}  // namespace

base::Result<fhir::Tree> TakeResource(Call& call) {
  std::optional<fhir::Tree> tree;
  if (call.request.resource) {
    tree = std::move(call.request.resource);
    call.request.resource.reset();
  } else {
    if (call.request.body.empty()) return Error(ErrorKind::kMalformed, "interaction.body-missing");
    if (!call.request.content_type.empty()) return TakeContent(call);
    HEYI_TRY(parsed, fhir::ParseResource(std::move(call.request.body), call.services.definitions()));
    tree = std::move(parsed);
  }
  if (call.type != nullptr && tree->type() != call.type) {
    return Error(ErrorKind::kMalformed, "interaction.type-mismatch", {}, tree->type()->name);
  }
  return std::move(*tree);
}

std::string LocationOf(const Services& services, const fhir::Type& type, std::string_view id, uint64_t version) {
  return fmt::format("{}/{}/{}/_history/{}", services.base_url, type.name, id, version);
}

base::Result<Step> AnswerWrite(Call& call, Plan plan, const Plan::Put& put, audit::Leaf leaf) {
  Response response;
  response.status = put.created ? 201 : 200;
  response.etag = EntityTag(put.version);
  response.location = LocationOf(call.services, *put.type, put.id, put.version);
  leaf.status = response.status;
  const std::string told = call.request.prefer_return == ReturnPreference::kOutcome ? OutcomeJson(plan.told()) : std::string();
  auto draft = std::move(plan).Finish(leaf);
  if (!draft.ok()) return std::move(draft).error();
  response.leaf = std::move(leaf);
  response.leaf_recorded = true;
  const Services& services = call.services;
  const ReturnPreference preference = call.request.prefer_return;
  return Step(Pending{
      std::move(*draft),
      [&services, response = std::move(response), preference, told, type = put.type, id = put.id, version = put.version](
          const store::CommitReceipt& receipt) mutable {
        response.last_modified_ms = receipt.time_ms;
        if (preference == ReturnPreference::kOutcome) response.body = told;
        if (preference == ReturnPreference::kRepresentation) {
          const auto snapshot = services.store.Now();
          const auto record = snapshot->Version(*type, id, version);
          if (record.ok() && *record) {
            if (auto json = snapshot->Json(**record); json.ok()) response.body = std::move(*json);
          }
        }
        return std::move(response);
      }});
}

base::Result<Step> AnswerExisting(Call& call, const std::string& id, audit::Leaf leaf) {
  const auto snapshot = call.services.store.Now();
  HEYI_TRY(record, snapshot->Current(*call.type, id));
  if (!record || record->deleted) return Error(ErrorKind::kStale, "interaction.busy");
  Response response;
  response.etag = EntityTag(record->version);
  response.location = LocationOf(call.services, *call.type, id, record->version);
  response.last_modified_ms = record->time_ms;
  NoteResource(leaf, call.type->name, id, record->version, audit::Action::kRead, record->subjects);
  const bool visible = MayRead(call.services, call.context.caller, policy::Action::kRead, *call.type, record->label);
  if (visible && call.request.prefer_return == ReturnPreference::kRepresentation) {
    HEYI_TRY(json, snapshot->Json(*record));
    response.body = std::move(json);
  }
  response.leaf = std::move(leaf);
  return Step(std::move(response));
}

}  // namespace heyi::interaction
