#include "exchange/subscription/ledger.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/json/value.h"
#include "base/text.h"

namespace heyi::exchange {
namespace {

using base::JsonValue;

base::Error BrokenRow(std::string_view what) {
  return base::Error(base::ErrorKind::kInternal, "internal.failed", {}, what);
}

uint64_t LedgerNumber(const JsonValue& row, std::string_view name) {
  uint64_t number = 0;
  base::ParseUnsigned(row.StringAt(name), &number);
  return number;
}

JsonValue LedgerText(std::string_view text) { return JsonValue::OfString(text); }
JsonValue LedgerCount(uint64_t number) { return JsonValue::OfNumber(std::to_string(number)); }

JsonValue CallerJson(const base::Caller& caller) {
  JsonValue json = JsonValue::Object();
  json.Set("client", LedgerText(caller.client));
  json.Set("organization", LedgerText(caller.organization));
  json.Set("department", LedgerText(caller.department));
  json.Set("role", LedgerText(caller.role));
  json.Set("person", LedgerText(caller.person));
  json.Set("purpose", LedgerText(caller.purpose));
  return json;
}

base::Caller CallerIn(const JsonValue& json) {
  const auto text = [&](std::string_view name) { return std::string(json.StringAt(name)); };
  return {text("client"), text("organization"), text("department"), text("role"), text("person"), text("purpose")};
}

}  // namespace

std::string EncodeSubscriberRow(const SubscriberRow& row) {
  JsonValue json = JsonValue::Object();
  json.Set("version", LedgerCount(row.version));
  json.Set("status", LedgerText(row.status));
  json.Set("creator", CallerJson(row.creator));
  json.Set("writer", CallerJson(row.writer));
  json.Set("start", LedgerCount(row.start_t));
  json.Set("events", LedgerCount(row.events));
  json.Set("dropped", LedgerCount(row.dropped));
  return base::WriteJson(json);
}

base::Result<SubscriberRow> DecodeSubscriberRow(std::string_view text) {
  HEYI_TRY(json, base::ParseJson(std::string(text)));
  if (!json.is_object()) return BrokenRow("a subscriber's row");
  SubscriberRow row;
  row.version = LedgerNumber(json, "version");
  row.status = json.StringAt("status");
  row.creator = CallerIn(json["creator"]);
  row.writer = CallerIn(json["writer"]);
  row.start_t = LedgerNumber(json, "start");
  row.events = LedgerNumber(json, "events");
  row.dropped = LedgerNumber(json, "dropped");
  return row;
}

std::string EventKey(std::string_view id, uint64_t number) { return fmt::format("{}/{:016x}", id, number); }

std::string EncodeEventRow(const EventRow& row) {
  JsonValue json = JsonValue::Object();
  json.Set("kind", LedgerText(ChangeName(row.kind)));
  json.Set("type", LedgerText(row.type));
  json.Set("id", LedgerText(row.id));
  json.Set("version", LedgerCount(row.version));
  json.Set("time", JsonValue::OfInteger(row.time_ms));
  json.Set("label", LedgerCount(row.label));
  JsonValue elders = JsonValue::Array();
  for (uint64_t elder : row.elders) elders.Append(LedgerText(fmt::format("{:016x}", elder)));
  json.Set("elders", std::move(elders));
  json.Set("policy", LedgerText(row.policy_row));
  return base::WriteJson(json);
}

base::Result<EventRow> DecodeEventRow(std::string_view text) {
  HEYI_TRY(json, base::ParseJson(std::string(text)));
  const auto kind = ChangeKindOf(json.StringAt("kind"));
  if (!kind) return BrokenRow("a subscription's event");
  EventRow row;
  row.kind = *kind;
  row.type = json.StringAt("type");
  row.id = json.StringAt("id");
  row.version = LedgerNumber(json, "version");
  row.time_ms = std::strtoll(std::string(json.StringAt("time")).c_str(), nullptr, 10);
  row.label = static_cast<uint32_t>(LedgerNumber(json, "label"));
  for (const JsonValue& elder : json["elders"].items()) {
    row.elders.push_back(std::strtoull(elder.text().c_str(), nullptr, 16));
  }
  row.policy_row = json.StringAt("policy");
  return row;
}

std::string EncodeDeliveryRow(const DeliveryRow& row) {
  JsonValue json = JsonValue::Object();
  json.Set("start", LedgerCount(row.start_t));
  json.Set("delivered", LedgerCount(row.delivered));
  json.Set("failing_since", JsonValue::OfInteger(row.failing_since_ms));
  return base::WriteJson(json);
}

base::Result<DeliveryRow> DecodeDeliveryRow(std::string_view text) {
  HEYI_TRY(json, base::ParseJson(std::string(text)));
  if (!json.is_object()) return BrokenRow("a subscription's delivery");
  return DeliveryRow{LedgerNumber(json, "start"), LedgerNumber(json, "delivered"),
                     std::strtoll(std::string(json.StringAt("failing_since")).c_str(), nullptr, 10)};
}

base::Result<std::optional<SubscriberRow>> FindSubscriber(const store::Snapshot& snapshot, std::string_view id) {
  HEYI_TRY(fact, snapshot.Fact(kSubscriptionSpace, id));
  if (!fact) return std::optional<SubscriberRow>();
  HEYI_TRY(row, DecodeSubscriberRow(*fact));
  return std::optional<SubscriberRow>(std::move(row));
}

base::Result<std::vector<NumberedEvent>> ReadEvents(const store::Snapshot& snapshot, std::string_view id,
                                                    uint64_t first, uint64_t last, size_t limit) {
  std::vector<NumberedEvent> events;
  const std::string prefix = std::string(id) + "/", end = EventKey(id, last);
  std::optional<base::Error> broken;
  HEYI_CHECK(
      snapshot.Facts(kSubscriptionEventSpace, EventKey(id, first), [&](std::string_view key, std::string_view value) {
        if (!key.starts_with(prefix) || key > end || events.size() == limit) return false;
        auto row = DecodeEventRow(value);
        if (!row.ok()) {
          broken = row.error();
          return false;
        }
        events.push_back({std::strtoull(std::string(key.substr(prefix.size())).c_str(), nullptr, 16), std::move(*row)});
        return true;
      }));
  if (broken) return std::move(*broken);
  return events;
}

}  // namespace heyi::exchange
