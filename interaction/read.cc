// read and vread. https://hl7.org/fhir/R4/http.html#read
#include <fmt/format.h>

#include "base/text.h"
#include "interaction/access.h"
#include "interaction/interactions.h"
#include "interaction/preconditions.h"
#include "interaction/subset.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;

Error NotFound(const fhir::Type& type, std::string_view id) {
  return Error(ErrorKind::kNotFound, "interaction.not-found", {}, fmt::format("{}/{}", type.name, id));
}

// What _summary and _elements ask for; other parameters are none of a read's business.
base::Result<Subset> SubsetAsked(const Call& call) {
  Query query;
  for (const auto& parameter : call.request.query) {
    if (parameter.first == "_summary" || parameter.first == "_elements") query.push_back(parameter);
  }
  if (query.empty()) return Subset{};
  HEYI_TRY(asked, fhir::ParseSearch(*call.type, query, call.request.lenient, *call.services.parameters));
  if (asked.count_only) return Error(ErrorKind::kMalformed, "search.value", "_summary", "count");
  return Subset{asked.summary, std::move(asked.elements)};
}

// What may not be seen is answered exactly as what is not there.
base::Result<Step> Answer(Call& call, const store::Snapshot& snapshot, const std::optional<store::VersionRecord>& record, audit::Leaf leaf) {
  const fhir::Type& type = *call.type;
  if (!record || !MayRead(call.services, call.context.caller, policy::Action::kRead, type, record->label)) return NotFound(type, call.id);
  if (record->deleted) {
    return Error(ErrorKind::kGone, "interaction.deleted", {}, fmt::format("{}/{}", type.name, call.id));
  }
  NoteResource(leaf, type.name, call.id, record->version, audit::Action::kRead, record->subjects);
  Response response;
  response.etag = EntityTag(record->version);
  response.last_modified_ms = record->time_ms;
  response.leaf = std::move(leaf);
  if (!call.request.if_none_match.empty() && NoneMatchHolds(call.request.if_none_match, record->version)) {
    response.status = 304;
    return Step(std::move(response));
  }
  HEYI_TRY(subset, SubsetAsked(call));
  HEYI_TRY(json, ShownJson(snapshot, *record, subset));
  response.body = std::move(json);
  return Step(std::move(response));
}

}  // namespace

base::Result<Step> Read(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "read", audit::Action::kRead);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kRead, call.type->name, leaf));
  const auto snapshot = call.services.store.Now();
  HEYI_TRY(record, snapshot->Current(*call.type, call.id));
  return Answer(call, *snapshot, record, std::move(leaf));
}

base::Result<Step> VersionRead(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "vread", audit::Action::kRead);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kRead, call.type->name, leaf));
  uint64_t version = 0;
  if (!base::ParseUnsigned(call.request.segments[3], &version)) return NotFound(*call.type, call.id);
  const auto snapshot = call.services.store.Now();
  HEYI_TRY(record, snapshot->Version(*call.type, call.id, version));
  return Answer(call, *snapshot, record, std::move(leaf));
}

}  // namespace heyi::interaction
