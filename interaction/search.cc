// search on a type and in a compartment, page by page over one snapshot. https://hl7.org/fhir/R4/http.html#search
#include <fmt/format.h>

#include "interaction/access.h"
#include "interaction/search_answer.h"

namespace heyi::interaction {

using base::Error;
using base::ErrorKind;

base::Result<Step> SearchType(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "search-type", audit::Action::kExecute);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kSearch, call.type->name, leaf));
  Query query = call.request.query;
  AskedSearch asked;
  asked.path = call.type->name;
  asked.cursor = TakeCursor(query);
  HEYI_TRY(requests, ParseForTypes(call, {call.type}, query));
  asked.requests = std::move(requests);
  return AnswerSearch(call, asked, std::move(leaf));
}

base::Result<Step> SearchCompartment(Call& call) {
  const std::string& member_name = call.request.segments[2];
  if (member_name == "*") return SearchWholeCompartment(call);
  const fhir::Type* member = call.services.definitions().FindResource(member_name);
  if (member == nullptr) return Error(ErrorKind::kNotFound, "interaction.unknown-type", {}, member_name);
  const auto parameters = call.services.parameters->CompartmentParameters(call.type->name, *member);
  if (parameters.empty()) return Error(ErrorKind::kNotFound, "interaction.unknown-address");

  audit::Leaf leaf = StartLeaf(call.context, call.request, "search-compartment", audit::Action::kExecute);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kSearch, member->name, leaf));
  Query query = call.request.query;
  AskedSearch asked;
  asked.path = fmt::format("{}/{}/{}", call.type->name, call.id, member->name);
  asked.cursor = TakeCursor(query);
  HEYI_TRY(requests, ParseForTypes(call, {member}, query));
  requests.front().compartment = fhir::CompartmentCriterion{call.type->name, call.id, {parameters.begin(),
      parameters.end()}};
  asked.requests = std::move(requests);
  return AnswerSearch(call, asked, std::move(leaf));
}

}  // namespace heyi::interaction
