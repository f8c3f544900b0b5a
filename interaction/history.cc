// history of one resource, newest first. https://hl7.org/fhir/R4/http.html#history
#include <fmt/format.h>

#include "base/text.h"
#include "interaction/access.h"
#include "interaction/cursor.h"
#include "interaction/interactions.h"
#include "interaction/limits.h"
#include "interaction/search_bundle.h"
#include "interaction/url.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;

struct Wanted {
  uint64_t count = fhir::kCountDefault;
  std::string cursor;
};

base::Result<Wanted> ReadQuery(const Query& query) {
  Wanted wanted;
  for (const auto& [name, value] : query) {
    if (name == "_count") {
      if (!base::ParseUnsigned(value, &wanted.count)) return Error(ErrorKind::kMalformed, "search.count", name, value);
    } else if (name == "_cursor") {
      wanted.cursor = value;
    } else if (name != "_format" && name != "_pretty") {
      return Error(ErrorKind::kMalformed, "search.unknown-parameter", name, name);
    }
  }
  wanted.count = std::min<uint64_t>(wanted.count, kHistoryPageMax);
  return wanted;
}

}  // namespace

base::Result<Step> InstanceHistory(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "history-instance", audit::Action::kRead);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kHistory, call.type->name, leaf));
  HEYI_TRY(wanted, ReadQuery(call.request.query));
  const std::string address = fmt::format("{}/{}", call.type->name, call.id);
  const std::string search = fmt::format("{}/_history?_count={}", address, wanted.count);
  uint64_t before = 0;
  if (!wanted.cursor.empty()) {
    HEYI_TRY(position, ReadCursor(call.services, call.context.caller, search, wanted.cursor));
    base::ParseUnsigned(position.after, &before);
  }
  const auto snapshot = call.services.store.Now();
  HEYI_TRY(current, snapshot->Current(*call.type, call.id));
  if (!current || !MayRead(call.services, call.context.caller, policy::Action::kHistory, *call.type, current->label)) {
    return Error(ErrorKind::kNotFound, "interaction.not-found", {}, address);
  }
  HEYI_TRY(versions, snapshot->History(*call.type, call.id, before, wanted.count + 1));
  BundleWriter bundle("history", base::UuidV7(call.context.clock.NowMs(), call.context.random), call.context.clock.NowMs());
  bundle.Total(current->version);
  bundle.Link("self", fmt::format("{}/{}", call.services.base_url, search));
  if (versions.size() > wanted.count) {
    versions.resize(wanted.count);
    if (!versions.empty()) {
      const store::PagePosition position{snapshot->t(), std::to_string(versions.back().version)};
      bundle.Link("next", fmt::format("{}/{}&_cursor={}", call.services.base_url, search,
                                      MakeCursor(call.services, call.context.caller, search, position)));
    }
  }
  const std::string full_url = fmt::format("{}/{}", call.services.base_url, address);
  for (const store::VersionRecord& record : versions) {
    std::string json;
    if (!record.deleted) {
      HEYI_TRY(text, snapshot->Json(record));
      json = std::move(text);
    }
    bundle.HistoryVersion(full_url, json, address, record);
    NoteResource(leaf, call.type->name, call.id, record.version, audit::Action::kRead, record.subjects);
  }
  Response response;
  response.body = bundle.Take();
  response.leaf = std::move(leaf);
  return Step(std::move(response));
}

}  // namespace heyi::interaction
