#include "exchange/subscription/notification.h"

#include <fmt/format.h>

#include "base/ids.h"
#include "base/json/value.h"

namespace heyi::exchange {
namespace {

using base::JsonValue;

JsonValue NoticeText(std::string_view text) { return JsonValue::OfString(text); }

JsonValue NoticeReference(std::string reference) {
  JsonValue value = JsonValue::Object();
  value.Set("reference", NoticeText(reference));
  return value;
}

JsonValue NoticeProfile(std::string_view name) {
  JsonValue profiles = JsonValue::Array();
  profiles.Append(NoticeText(std::string(kBackportUrl).append(name)));
  JsonValue meta = JsonValue::Object();
  meta.Set("profile", std::move(profiles));
  return meta;
}

JsonValue NoticeParameter(std::string_view name, std::string_view member, JsonValue value) {
  JsonValue parameter = JsonValue::Object();
  parameter.Set("name", NoticeText(name));
  parameter.Set(member, std::move(value));
  return parameter;
}

std::string FocusUrl(const SubscriptionStatus& status, const EventRow& row) {
  return fmt::format("{}/{}/{}", status.base_url, row.type, row.id);
}

bool TellsFocus(NoticeContent content) { return content == NoticeContent::kIdOnly || content == NoticeContent::kFull; }

JsonValue EventParameter(const SubscriptionStatus& status, const NotifiedEvent& event) {
  JsonValue parts = JsonValue::Array();
  parts.Append(NoticeParameter("event-number", "valueString", NoticeText(std::to_string(event.number))));
  parts.Append(NoticeParameter("timestamp", "valueInstant", NoticeText(base::FormatInstant(event.row.time_ms))));
  if (TellsFocus(status.content) && !event.withheld) {
    parts.Append(NoticeParameter("focus", "valueReference", NoticeReference(FocusUrl(status, event.row))));
  }
  return NoticeParameter("notification-event", "part", std::move(parts));
}

// Of an event that is told with its focus: the change as the REST interaction that it was.
std::string FocusEntry(const SubscriptionStatus& status, const NotifiedEvent& event) {
  struct Verb {
    std::string_view method, status;
  };
  const EventRow& row = event.row;
  const Verb verb = row.kind == ChangeKind::kDelete ? Verb{"DELETE", "204"}
                    : row.version == 1              ? Verb{"PUT", "201"}
                                                    : Verb{"PUT", "200"};
  std::string entry = "{\"fullUrl\":";
  base::AppendJsonString(entry, FocusUrl(status, row));
  if (!event.json.empty()) entry.append(",\"resource\":").append(event.json);
  entry += fmt::format(
      R"(,"request":{{"method":"{}","url":"{}/{}"}},"response":{{"status":"{}","etag":"W/\"{}\"","lastModified":"{}"}}}})",
      verb.method, row.type, row.id, verb.status, row.version, base::FormatInstant(row.time_ms));
  return entry;
}

}  // namespace

std::string StatusId(const SubscriptionStatus& status, const std::vector<NotifiedEvent>& events) {
  const uint64_t first = events.empty() ? 0 : events.front().number, last = events.empty() ? 0 : events.back().number;
  return base::UuidV5("Subscription/" + status.id,
                      fmt::format("{} {} {} {} {}", status.type, status.status, status.events, first, last));
}

std::string StatusJson(const SubscriptionStatus& status, const std::vector<NotifiedEvent>& events) {
  JsonValue json = JsonValue::Object();
  json.Set("resourceType", NoticeText("Parameters"));
  json.Set("id", NoticeText(StatusId(status, events)));
  json.Set("meta", NoticeProfile("backport-subscription-status-r4"));
  JsonValue list = JsonValue::Array();
  list.Append(NoticeParameter("subscription", "valueReference",
                              NoticeReference(fmt::format("{}/Subscription/{}", status.base_url, status.id))));
  if (!status.topic.empty()) list.Append(NoticeParameter("topic", "valueCanonical", NoticeText(status.topic)));
  list.Append(NoticeParameter("status", "valueCode", NoticeText(status.status)));
  list.Append(NoticeParameter("type", "valueCode", NoticeText(status.type)));
  list.Append(
      NoticeParameter("events-since-subscription-start", "valueString", NoticeText(std::to_string(status.events))));
  for (const NotifiedEvent& event : events) list.Append(EventParameter(status, event));
  if (!status.error.empty()) {
    JsonValue concept_value = JsonValue::Object();
    concept_value.Set("text", NoticeText(status.error));
    list.Append(NoticeParameter("error", "valueCodeableConcept", std::move(concept_value)));
  }
  json.Set("parameter", std::move(list));
  return base::WriteJson(json);
}

std::string NotificationJson(const SubscriptionStatus& status, const std::vector<NotifiedEvent>& events,
                             base::TimeMs now_ms) {
  const std::string id = StatusId(status, events);
  std::string out =
      fmt::format(R"({{"resourceType":"Bundle","id":"{}","meta":{},"type":"history","timestamp":"{}","entry":[)", id,
                  base::WriteJson(NoticeProfile("backport-subscription-notification-r4")), base::FormatInstant(now_ms));
  out += fmt::format(R"({{"fullUrl":"urn:uuid:{}","resource":{},"request":{{"method":"GET","url":)", id,
                     StatusJson(status, events));
  base::AppendJsonString(out, fmt::format("{}/Subscription/{}/$status", status.base_url, status.id));
  out += R"(},"response":{"status":"200"}})";
  if (TellsFocus(status.content)) {
    for (const NotifiedEvent& event : events) {
      if (!event.withheld) out.append(",").append(FocusEntry(status, event));
    }
  }
  return out.append("]}");
}

base::Result<std::vector<NotifiedEvent>> FillEvents(const store::Snapshot& snapshot,
                                                    const fhir::Definitions& definitions,
                                                    std::vector<NumberedEvent> events, NoticeContent content,
                                                    const std::function<bool(const EventRow&)>& may_read) {
  std::vector<NotifiedEvent> filled;
  size_t bytes = 0;
  for (NumberedEvent& event : events) {
    NotifiedEvent notified{event.number, std::move(event.row), false, {}};
    const EventRow& row = notified.row;
    const fhir::Type* type = definitions.FindResource(row.type);
    notified.withheld = type == nullptr || !may_read(row);
    const bool carried = content == NoticeContent::kFull || content == NoticeContent::kResource;
    if (!notified.withheld && carried && row.kind != ChangeKind::kDelete) {
      HEYI_TRY(record, snapshot.Version(*type, row.id, row.version));
      if (record && !record->deleted) {
        if (auto json = snapshot.Json(*record); json.ok()) notified.json = std::move(*json);
      }
      notified.withheld = notified.json.empty();  // blanked since
    }
    bytes += notified.json.size();
    if (!filled.empty() && bytes > kSubscriptionBatchBytes) break;
    filled.push_back(std::move(notified));
  }
  return filled;
}

}  // namespace heyi::exchange
