// history of one resource, newest first. https://hl7.org/fhir/R4/http.html#history
#include <fmt/format.h>

#include "base/text.h"
#include "interaction/access.h"
#include "interaction/cursor.h"
#include "interaction/history_bundle.h"
#include "interaction/history_query.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;

// The wanted versions below `before` (0 = from the newest), newest first, one more than a page where there are more.
base::Result<std::vector<store::VersionRecord>> Versions(const store::Snapshot& snapshot, const fhir::Type& type, std::string_view id,
                                                         const HistoryQuery& wanted, uint64_t before) {
  const size_t limit = wanted.count + 1;
  base::TimeMs until_ms = INT64_MAX;
  if (before != 0) {
    HEYI_TRY(newer, snapshot.Version(type, id, before));
    if (newer) until_ms = newer->time_ms;
  }
  std::vector<store::VersionRecord> found;
  for (;;) {
    HEYI_TRY(part, snapshot.History(type, id, before, limit));
    for (const store::VersionRecord& record : part) {
      if (wanted.since_ms && record.time_ms < *wanted.since_ms) return found;
      if (wanted.Wants(record.time_ms, until_ms)) found.push_back(record);
      if (found.size() == limit) return found;
      until_ms = record.time_ms;
      before = record.version;
    }
    if (part.size() < limit) return found;
  }
}

}  // namespace

base::Result<Step> InstanceHistory(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "history-instance", audit::Action::kRead);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kHistory, call.type->name, leaf));
  HEYI_TRY(wanted, ReadHistoryQuery(call.request.query));
  const std::string address = fmt::format("{}/{}", call.type->name, call.id);
  const std::string search = fmt::format("{}/_history?{}", address, wanted.self);
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
  HEYI_TRY(versions, Versions(*snapshot, *call.type, call.id, wanted, before));
  BundleWriter bundle("history", base::UuidV7(call.context.clock.NowMs(), call.context.random), call.context.clock.NowMs());
  if (!wanted.filtered()) bundle.Total(current->version);
  bundle.Link("self", fmt::format("{}/{}", call.services.base_url, search));
  if (versions.size() > wanted.count) {
    versions.resize(wanted.count);
    if (!versions.empty()) {
      const store::PagePosition position{snapshot->t(), std::to_string(versions.back().version)};
      bundle.Link("next", fmt::format("{}/{}&_cursor={}", call.services.base_url, search,
                                      MakeCursor(call.services, call.context.caller, search, position)));
    }
  }
  for (const store::VersionRecord& record : versions) HEYI_CHECK(AddVersion(call, *snapshot, *call.type, call.id, record, bundle, leaf));
  Response response;
  response.body = bundle.Take();
  response.leaf = std::move(leaf);
  return Step(std::move(response));
}

}  // namespace heyi::interaction
