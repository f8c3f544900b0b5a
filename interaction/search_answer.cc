#include "interaction/search_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "interaction/access.h"
#include "interaction/cursor.h"
#include "interaction/includes.h"
#include "interaction/search_bundle.h"
#include "interaction/search_types.h"
#include "interaction/status.h"
#include "interaction/subset.h"
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

base::Result<store::PagePosition> PositionOf(const Call& call, const AskedSearch& asked, std::string_view self) {
  if (asked.cursor.empty()) return store::PagePosition{};
  return ReadCursor(call.services, call.context.caller, self, asked.cursor);
}

base::Result<std::shared_ptr<const store::Snapshot>> SnapshotAt(const store::Store& store,
                                                                const store::PagePosition& position) {
  if (position.t == 0) return store.Now();
  auto at = store.At(position.t);
  if (!at.ok() && at.error().kind == ErrorKind::kGone) return Error(ErrorKind::kGone, "interaction.cursor-expired");
  return at;
}

class Renderer {
 public:
  Renderer(const Call& call, const store::Snapshot& snapshot, audit::Leaf& leaf)
      : services_(call.services), snapshot_(snapshot), leaf_(leaf),
        bundle_("searchset", base::UuidV7(call.context.clock.NowMs(), call.context.random),
                call.context.clock.NowMs()) {}

  base::Result<base::Done> Add(const store::Hit& hit, const Subset& subset, std::string_view mode) {
    HEYI_TRY(json, ShownJson(snapshot_, hit.record, subset));
    bundle_.Match(fmt::format("{}/{}/{}", services_.base_url, hit.type->name, hit.id), json, mode);
    NoteResource(leaf_, hit.type->name, hit.id, hit.record.version, audit::Action::kRead, hit.record.subjects);
    return base::Done{};
  }
  BundleWriter& bundle() { return bundle_; }

 private:
  const Services& services_;
  const store::Snapshot& snapshot_;
  audit::Leaf& leaf_;
  BundleWriter bundle_;
};

}  // namespace

std::string TakeCursor(Query& query) {
  std::string cursor;
  std::erase_if(query, [&](const auto& pair) {
    if (pair.first != kCursor) return false;
    cursor = pair.second;
    return true;
  });
  return cursor;
}

bool MayTakeLong(const Query& query) {
  return std::any_of(query.begin(), query.end(), [](const auto& parameter) {
    const std::string& name = parameter.first;
    if (name == "_sort") return parameter.second != "_lastUpdated" && parameter.second != "-_lastUpdated";
    return name.find('.') != std::string::npos || name.starts_with("_has:") || name.starts_with("_include") ||
           name.starts_with("_revinclude");
  });
}

namespace {

// A chain passes other types, so it is asked about on the way; else one look at the policy may decide for all hits.
bool NeedsNoAsking(const Call& call, const std::vector<fhir::SearchRequest>& requests) {
  return std::all_of(requests.begin(), requests.end(), [&](const fhir::SearchRequest& request) {
    return std::none_of(request.criteria.begin(), request.criteria.end(), [](const fhir::Criterion& criterion) { return criterion.IsChained(); }) &&
           SeesAll(call.services, call.context.caller, policy::Action::kSearch, *request.type);
  });
}

}  // namespace

Error AsRefusal(Error error) {
  if (error.kind == ErrorKind::kTooLarge) error.kind = ErrorKind::kMalformed;
  return error;
}

base::Result<std::vector<fhir::SearchRequest>> ParseForTypes(const Call& call,
    const std::vector<const fhir::Type*>& types, const Query& query) {
  std::vector<fhir::SearchRequest> requests;
  for (const fhir::Type* type : types) {
    auto request = fhir::ParseSearch(*type, query, call.request.lenient, *call.services.parameters);
    if (!request.ok()) return AsRefusal(std::move(request).error());
    requests.push_back(std::move(*request));
  }
  HEYI_CHECK(CheckOrder(requests));
  return requests;
}

base::Result<Step> AnswerSearch(Call& call, const AskedSearch& asked, audit::Leaf leaf) {
  const Services& services = call.services;
  const fhir::SearchRequest& search = asked.requests.front();
  const std::string self = SelfPath(asked.path, search);
  HEYI_TRY(position, PositionOf(call, asked, self));
  HEYI_TRY(snapshot, SnapshotAt(services.store, position));
  position.t = snapshot->t();
  const store::Visible visible = VisibleTo(services, call.context.caller, policy::Action::kSearch);
  auto page = SearchTypes(*snapshot, asked.requests, NeedsNoAsking(call, asked.requests) ? store::Visible() : visible, position);
  if (!page.ok()) return AsRefusal(std::move(page).error());
  auto included = FindIncludes(services, *snapshot, search.includes, page->hits, visible);
  if (!included.ok()) return AsRefusal(std::move(included).error());

  Renderer renderer(call, *snapshot, leaf);
  BundleWriter& bundle = renderer.bundle();
  if (page->total) bundle.Total(*page->total);
  bundle.Link("self", fmt::format("{}/{}", services.base_url, self));
  if (page->next) {
    bundle.Link("next", fmt::format("{}/{}{}{}={}", services.base_url, self, search.understood.empty() ? "?" : "&",
                                    kCursor,
                                    MakeCursor(services, call.context.caller, self, *page->next)));
  }
  for (const store::Hit& hit : page->hits) HEYI_CHECK(renderer.Add(hit, {search.summary, search.elements}, "match"));
  // _elements is of the hits
  for (const store::Hit& hit : *included) HEYI_CHECK(renderer.Add(hit, {search.summary}, "include"));
  if (!search.warnings.empty()) bundle.Match({}, OutcomeJson(search.warnings), "outcome");
  Response response;
  response.body = bundle.Take();
  response.leaf = std::move(leaf);
  return Step(std::move(response));
}

}  // namespace heyi::interaction
