// search over several types: GET /?_type=Patient,Observation&…, and all of a compartment: GET /Patient/1/*
// https://hl7.org/fhir/R4/search.html#all
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "interaction/access.h"
#include "interaction/search_answer.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using fhir::Type;

// AuditEvents are rendered from the journal and have a search of their own.
bool IsStored(const Type& type) { return type.name != "AuditEvent"; }

// The types of the parameter _type, which is taken out of the query; empty where it is not there.
Result<std::vector<const Type*>> TakeTypes(const Services& services, Query& query, std::string* text) {
  const auto found = std::find_if(query.begin(), query.end(), [](const auto& pair) { return pair.first == "_type"; });
  if (found == query.end()) return std::vector<const Type*>();
  *text = found->second;
  query.erase(found);
  const bool twice = std::any_of(query.begin(), query.end(), [](const auto& pair) { return pair.first == "_type"; });
  if (twice) return Error(ErrorKind::kMalformed, "search.repeated", "_type", "_type");
  std::vector<const Type*> types;
  for (const std::string_view name : base::Split(*text, ',')) {
    const Type* type = services.definitions().FindResource(name);
    if (type == nullptr) return Error(ErrorKind::kMalformed, "search.value", "_type", name);
    if (!IsStored(*type)) return Error(ErrorKind::kMalformed, "search.not-supported", "_type", name);
    types.push_back(type);
  }
  std::sort(types.begin(), types.end(), [](const Type* a, const Type* b) { return a->number < b->number; });
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

// Whoever names a type must be allowed to search it; where none is named, those that the caller may search are meant.
Result<std::vector<const Type*>> AllowedTypes(const Call& call, std::vector<const Type*> named, audit::Leaf& leaf) {
  const auto require = [&](const Type& type) {
    return RequireType(call.services, call.context.caller, policy::Action::kSearch, type.name, leaf);
  };
  if (!named.empty()) {
    for (const Type* type : named) HEYI_CHECK(require(*type));
    return named;
  }
  for (const Type* type : call.services.definitions().resources()) {
    if (IsStored(*type) && require(*type).ok()) named.push_back(type);
  }
  if (named.empty()) return Error(ErrorKind::kForbidden, "interaction.forbidden", {}, "*");
  return named;
}

// The self link says which types were meant.
void SayTypes(const std::string& text, fhir::SearchRequest& request) {
  if (!text.empty()) request.understood.insert(request.understood.begin(), {"_type", text});
}

}  // namespace

Result<Step> SearchSystem(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "search-system", audit::Action::kExecute);
  Query query = call.request.query;
  AskedSearch asked;
  asked.cursor = TakeCursor(query);
  std::string text;
  HEYI_TRY(named, TakeTypes(call.services, query, &text));
  HEYI_TRY(types, AllowedTypes(call, std::move(named), leaf));
  HEYI_TRY(requests, ParseForTypes(call, types, query));
  SayTypes(text, requests.front());
  asked.requests = std::move(requests);
  return AnswerSearch(call, asked, std::move(leaf));
}

Result<Step> SearchWholeCompartment(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "search-compartment", audit::Action::kExecute);
  Query query = call.request.query;
  AskedSearch asked;
  asked.path = fmt::format("{}/{}/*", call.type->name, call.id);
  asked.cursor = TakeCursor(query);
  std::string text;
  HEYI_TRY(named, TakeTypes(call.services, query, &text));
  HEYI_TRY(types, AllowedTypes(call, std::move(named), leaf));
  const auto members = [&](const Type& type) { return call.services.parameters->CompartmentParameters(call.type->name,
                                                                                                      type); };
  std::erase_if(types, [&](const Type* type) { return members(*type).empty(); });
  if (types.empty()) return Error(ErrorKind::kNotFound, "interaction.unknown-address");
  HEYI_TRY(requests, ParseForTypes(call, types, query));
  for (fhir::SearchRequest& request : requests) {
    const auto parameters = members(*request.type);
    request.compartment = fhir::CompartmentCriterion{call.type->name, call.id, {parameters.begin(), parameters.end()}};
  }
  SayTypes(text, requests.front());
  asked.requests = std::move(requests);
  return AnswerSearch(call, asked, std::move(leaf));
}

}  // namespace heyi::interaction
