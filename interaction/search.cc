// search on a type and in a compartment, page by page over one snapshot. https://hl7.org/fhir/R4/search.html
#include <fmt/format.h>

#include "interaction/access.h"
#include "interaction/cursor.h"
#include "interaction/interactions.h"
#include "interaction/search_bundle.h"
#include "interaction/status.h"
#include "interaction/url.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::string_view kCursor = "_cursor";

std::string SelfPath(std::string_view path, const fhir::SearchRequest& search) {
  std::string text(path);
  char separator = '?';
  for (const auto& [name, value] : search.understood) {
    text.append(1, separator).append(EncodePercent(name)).append("=").append(EncodePercent(value));
    separator = '&';
  }
  return text;
}

// The parameters without the page token, which is ours alone.
std::string TakeCursor(Query& query) {
  std::string cursor;
  std::erase_if(query, [&](const auto& pair) {
    if (pair.first != kCursor) return false;
    cursor = pair.second;
    return true;
  });
  return cursor;
}

// "Costs too much" is the asker's to mend, so it is a 400 like every other thing wrong with a search.
Error AsRefusal(Error error) {
  if (error.kind == ErrorKind::kTooLarge) error.kind = ErrorKind::kMalformed;
  return error;
}

base::Result<Step> RunSearch(Call& call, std::string_view path, fhir::SearchRequest search, const std::string& cursor, audit::Leaf leaf) {
  const Services& services = call.services;
  const std::string self = SelfPath(path, search);
  store::PagePosition position;
  std::shared_ptr<const store::Snapshot> snapshot;
  if (cursor.empty()) {
    snapshot = services.store.Now();
    position.t = snapshot->t();
  } else {
    HEYI_TRY(read, ReadCursor(services, call.context.caller, self, cursor));
    position = std::move(read);
    auto at = services.store.At(position.t);
    if (!at.ok() && at.error().kind == ErrorKind::kGone) return Error(ErrorKind::kGone, "interaction.cursor-expired");
    if (!at.ok()) return std::move(at).error();
    snapshot = *at;
  }
  auto page = snapshot->Search(search, VisibleTo(services, call.context.caller, policy::Action::kSearch), position);
  if (!page.ok()) return AsRefusal(std::move(page).error());

  BundleWriter bundle("searchset", base::UuidV7(call.context.clock.NowMs(), call.context.random), call.context.clock.NowMs());
  if (page->total) bundle.Total(*page->total);
  bundle.Link("self", fmt::format("{}/{}", services.base_url, self));
  if (page->next) {
    bundle.Link("next", fmt::format("{}/{}{}{}={}", services.base_url, self, search.understood.empty() ? "?" : "&", kCursor,
                                    MakeCursor(services, call.context.caller, self, *page->next)));
  }
  for (const store::Hit& hit : page->hits) {
    HEYI_TRY(json, snapshot->Json(hit.record));
    bundle.Match(fmt::format("{}/{}/{}", services.base_url, hit.type->name, hit.id), json, "match");
    NoteResource(leaf, hit.type->name, hit.id, hit.record.version, audit::Action::kRead, hit.record.subjects);
  }
  if (!search.warnings.empty()) bundle.Match({}, OutcomeJson(search.warnings), "outcome");
  Response response;
  response.body = bundle.Take();
  response.leaf = std::move(leaf);
  return Step(std::move(response));
}

}  // namespace

base::Result<Step> SearchType(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "search-type", audit::Action::kExecute);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kSearch, call.type->name, leaf));
  Query query = call.request.query;
  const std::string cursor = TakeCursor(query);
  auto search = fhir::ParseSearch(*call.type, query, call.request.lenient, *call.services.parameters);
  if (!search.ok()) return AsRefusal(std::move(search).error());
  return RunSearch(call, call.type->name, std::move(*search), cursor, std::move(leaf));
}

base::Result<Step> SearchCompartment(Call& call) {
  const std::string& member_name = call.request.segments[2];
  const fhir::Type* member = call.services.definitions().FindResource(member_name);
  if (member == nullptr) return Error(ErrorKind::kNotFound, "interaction.unknown-type", {}, member_name);
  const auto parameters = call.services.parameters->CompartmentParameters(call.type->name, *member);
  if (parameters.empty()) return Error(ErrorKind::kNotFound, "interaction.unknown-address");

  audit::Leaf leaf = StartLeaf(call.context, call.request, "search-compartment", audit::Action::kExecute);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kSearch, member->name, leaf));
  Query query = call.request.query;
  const std::string cursor = TakeCursor(query);
  auto search = fhir::ParseSearch(*member, query, call.request.lenient, *call.services.parameters);
  if (!search.ok()) return AsRefusal(std::move(search).error());
  search->compartment = fhir::CompartmentCriterion{call.type->name, call.id, {parameters.begin(), parameters.end()}};
  return RunSearch(call, fmt::format("{}/{}/{}", call.type->name, call.id, member->name), std::move(*search), cursor, std::move(leaf));
}

}  // namespace heyi::interaction
