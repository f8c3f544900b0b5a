// AuditEvent read and search: rendered from the leaves of both journals. https://hl7.org/fhir/R4/auditevent.html
#include <fmt/format.h>

#include "base/digest.h"
#include "base/text.h"
#include "fhir/json/write.h"
#include "fhir/search/values.h"
#include "interaction/access.h"
#include "interaction/cursor.h"
#include "interaction/interactions.h"
#include "interaction/search_bundle.h"
#include "interaction/url.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;

struct Asked {
  audit::TrailQuery trail;
  std::string elder;   // "Patient/p1", as asked
  std::string cursor;
  std::string self = "AuditEvent";
};

// "ge2024", "lt2024-03": narrows the interval of the query. Only the prefixes that a trail is cut by.
bool NarrowDate(std::string_view value, audit::TrailQuery& trail) {
  std::string prefix = "eq";
  if (value.size() > 2 && value[0] >= 'a' && value[0] <= 'z') {
    prefix = value.substr(0, 2);
    value.remove_prefix(2);
  }
  const std::optional<fhir::DateValue> interval = fhir::DateInterval(value);
  if (!interval) return false;
  if (prefix == "eq" || prefix == "ge") trail.from_ms = std::max(trail.from_ms, interval->low);
  if (prefix == "gt" || prefix == "sa") trail.from_ms = std::max(trail.from_ms, interval->high);
  if (prefix == "eq" || prefix == "le") trail.to_ms = std::min(trail.to_ms, interval->high);
  if (prefix == "lt" || prefix == "eb") trail.to_ms = std::min(trail.to_ms, interval->low);
  return std::string_view("eq ge gt sa le lt eb").find(prefix) != std::string_view::npos;
}

base::Result<Asked> ReadQuery(const Query& query) {
  Asked asked;
  asked.trail.limit = fhir::kCountDefault;
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (name == "_cursor") {
      asked.cursor = value;
      continue;
    }
    if (name == "_format" || name == "_pretty") continue;
    if (name == "patient" || name == "patient:Patient") {
      asked.elder = value.starts_with("Patient/") ? value : "Patient/" + value;
      asked.trail.elder = base::Hash64(asked.elder);
    } else if (name == "agent") {
      asked.trail.agent = value.substr(value.rfind('/') + 1);
    } else if (name == "date") {
      if (!NarrowDate(value, asked.trail)) return Error(ErrorKind::kMalformed, "search.value", name, value);
    } else if (name == "_count") {
      uint64_t count = 0;
      if (!base::ParseUnsigned(value, &count)) return Error(ErrorKind::kMalformed, "search.count", name, value);
      asked.trail.limit = std::min<uint64_t>(count, fhir::kCountMax);
    } else {
      return Error(ErrorKind::kMalformed, "interaction.audit-parameter", name, name);
    }
    asked.self.append(1, separator).append(name).append("=").append(EncodePercent(value));
    separator = '&';
  }
  return asked;
}

// The viewer asked for this elder by name, so the pseudonym may be told back; no other is.
audit::ElderName NameOf(std::string elder) {
  return [elder = std::move(elder)](uint64_t pseudonym) -> std::optional<std::string> {
    if (!elder.empty() && base::Hash64(elder) == pseudonym) return elder;
    return std::nullopt;
  };
}

}  // namespace

base::Result<Step> ReadAuditEvent(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "read", audit::Action::kRead);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kAudit, "AuditEvent", leaf));
  HEYI_TRY(entry, call.services.trail.Read(call.id));
  NoteResource(leaf, "AuditEvent", call.id, 0, audit::Action::kRead, {});
  Response response;
  response.body = fhir::WriteJson(audit::RenderAuditEvent(entry, NameOf({}), call.services.definitions()));
  response.last_modified_ms = entry.time_ms;
  response.leaf = std::move(leaf);
  return Step(std::move(response));
}

base::Result<Step> SearchAuditEvents(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "search-type", audit::Action::kExecute);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kAudit, "AuditEvent", leaf));
  HEYI_TRY(asked, ReadQuery(call.request.query));
  if (!asked.cursor.empty()) {
    HEYI_TRY(position, ReadCursor(call.services, call.context.caller, asked.self, asked.cursor));
    asked.trail.after = position.after;
  }
  const size_t limit = asked.trail.limit;
  ++asked.trail.limit;  // one more tells whether there is a next page
  HEYI_TRY(entries, call.services.trail.Find(asked.trail));
  const bool more = entries.size() > limit;
  if (more) entries.resize(limit);

  const std::string& base_url = call.services.base_url;
  BundleWriter bundle("searchset", base::UuidV7(call.context.clock.NowMs(), call.context.random), call.context.clock.NowMs());
  bundle.Link("self", fmt::format("{}/{}", base_url, asked.self));
  if (more && !entries.empty()) {
    bundle.Link("next", fmt::format("{}/{}{}_cursor={}", base_url, asked.self, asked.self.find('?') == std::string::npos ? "?" : "&",
                                    MakeCursor(call.services, call.context.caller, asked.self, {0, entries.back().event_id()})));
  }
  for (const audit::TrailEntry& entry : entries) {
    bundle.Match(fmt::format("{}/AuditEvent/{}", base_url, entry.event_id()),
                 fhir::WriteJson(audit::RenderAuditEvent(entry, NameOf(asked.elder), call.services.definitions())), "match");
  }
  if (asked.trail.elder) leaf.elders.push_back(*asked.trail.elder);  // reading the trail of an elder is itself traced
  Response response;
  response.body = bundle.Take();
  response.leaf = std::move(leaf);
  return Step(std::move(response));
}

}  // namespace heyi::interaction
