#include "exchange/outbox/channels_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/json/value.h"
#include "base/text.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

constexpr size_t kRowsPageMax = 200;
constexpr size_t kDropReasonBytesMax = 500;

void SetString(JsonValue& object, std::string_view name, std::string_view text) { object.Set(name, JsonValue::OfString(text)); }
void SetNumber(JsonValue& object, std::string_view name, uint64_t number) { object.Set(name, JsonValue::OfInteger(static_cast<int64_t>(number))); }
void SetTime(JsonValue& object, std::string_view name, base::TimeMs ms) {
  if (ms != 0) SetString(object, name, base::FormatInstant(ms));
}

JsonValue ReportJson(const ChannelReport& report) {
  JsonValue json = JsonValue::Object();
  SetString(json, "name", report.name);
  SetString(json, "kind", ChannelKindName(report.kind));
  SetString(json, "direction", report.inbound ? "in" : "out");
  if (!report.department.empty()) SetString(json, "department", report.department);
  SetString(json, "place", report.place);
  SetString(json, "state", ChannelStateName(report.state));
  SetTime(json, "since", report.since_ms);
  SetNumber(json, "waiting", report.counts.waiting);
  if (report.oldest_waiting_ms) SetTime(json, "oldestWaiting", *report.oldest_waiting_ms);
  SetNumber(json, report.inbound ? "taken" : "delivered", report.counts.delivered);
  SetNumber(json, report.inbound ? "refused" : "dead", report.counts.dead);
  if (!report.inbound) SetNumber(json, "quarantined", report.counts.quarantined);
  if (!report.inbound) SetNumber(json, "broke", report.counts.openings);
  if (!report.last_error.empty()) SetString(json, "lastError", report.last_error);
  SetTime(json, "lastErrorAt", report.last_error_ms);
  return json;
}

JsonValue RowJson(const Delivery::Listed& listed) {
  const OutboxRow& row = listed.row;
  JsonValue json = JsonValue::Object();
  SetString(json, "id", row.message_id);
  SetString(json, "type", row.message_type);
  SetString(json, "order", row.order_key);
  SetString(json, "resource", row.resource);
  SetTime(json, "made", row.made_ms);
  if (listed.tries != 0) SetNumber(json, "tries", listed.tries);
  SetTime(json, "stopped", row.stopped_ms);
  for (const auto& [name, text] : {std::pair("reason", &row.reason), std::pair("severity", &row.severity), std::pair("owner", &row.owner)}) {
    if (!text->empty()) SetString(json, name, *text);
  }
  return json;
}

JsonValue OrderedJson(const Delivery::Ordered& ordered, std::string_view verb) {
  JsonValue json = JsonValue::Object();
  SetNumber(json, verb, ordered.moved);
  SetNumber(json, "already", ordered.already);
  for (const auto& [name, ids] : {std::pair("busy", &ordered.busy), std::pair("unknown", &ordered.unknown)}) {
    if (ids->empty()) continue;
    JsonValue list = JsonValue::Array();
    for (const std::string& id : *ids) list.Append(JsonValue::OfString(id));
    json.Set(name, std::move(list));
  }
  return json;
}

Error WrongOrder(std::string_view place, std::string_view detail) { return Error(ErrorKind::kMalformed, "exchange.order", std::string(place), detail); }

// The places that {"rows":[…]} names.
base::Result<std::vector<RowPlace>> PlacesIn(const JsonValue& order) {
  std::vector<RowPlace> places;
  const JsonValue& rows = order["rows"];
  if (!rows.is_array() || rows.items().empty() || rows.items().size() > kOrderRowsMax) {
    return WrongOrder("rows", fmt::format("a list of 1 to {} message ids", kOrderRowsMax));
  }
  for (const JsonValue& id : rows.items()) {
    const auto place = PlaceOfMessageId(id.text());
    if (!place) return WrongOrder(fmt::format("rows[{}]", places.size()), base::ClipUtf8(id.text(), 60));
    places.push_back(*place);
  }
  // An order that names a row twice means it once.
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

class ChannelsDesk : public Desk {
 public:
  ChannelsDesk(const std::vector<std::unique_ptr<Gate>>& gates, const std::vector<std::unique_ptr<Delivery>>& deliveries)
      : gates_(gates), deliveries_(deliveries) {}
  std::string_view name() const override { return "channels"; }

  base::Result<DeskAnswer> Answer(const DeskCall& call, const base::Context&, audit::Leaf& leaf) override {
    const bool reads = call.method == "GET";
    if (!reads && call.method != "POST") return NotTaken(call);
    if (call.path.empty()) return reads ? base::Result<DeskAnswer>(List()) : NotTaken(call);
    leaf.message_id = call.path[0];
    if (call.path.size() > 1) leaf.message_id += "/" + call.path[1];
    Gate* gate = Named(gates_, call.path[0]);
    Delivery* delivery = Named(deliveries_, call.path[0]);
    if (gate == nullptr && delivery == nullptr) return Error(ErrorKind::kNotFound, "exchange.unknown-channel", {}, base::ClipUtf8(call.path[0], 60));
    if (call.path.size() == 1) {
      if (!reads) return NotTaken(call);
      return DeskAnswer{200, base::WriteJson(ReportJson(gate != nullptr ? gate->report() : delivery->report()))};
    }
    if (call.path.size() > 2) return NoSuchVerb(call);
    const std::string& verb = call.path[1];
    if (verb == "rows" && delivery != nullptr) return reads ? ListRows(*delivery, call.query, leaf) : NotTaken(call);
    const bool pause = verb == "pause";
    if (pause || verb == "resume") return reads ? NotTaken(call) : SetPaused(gate, delivery, pause, leaf);
    if ((verb != "redeliver" && verb != "drop") || delivery == nullptr) return NoSuchVerb(call);
    if (reads) return NotTaken(call);
    HEYI_TRY(order, base::ParseJson(call.body));
    return verb == "drop" ? Drop(*delivery, order, leaf) : Redeliver(*delivery, order, leaf);
  }

 private:
  template <typename One>
  static One* Named(const std::vector<std::unique_ptr<One>>& all, std::string_view name) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return NameOf(*one) == name; });
    return found == all.end() ? nullptr : found->get();
  }
  static std::string_view NameOf(const Gate& gate) { return gate.name(); }
  static std::string_view NameOf(const Delivery& delivery) { return delivery.route().name; }

  static base::Result<DeskAnswer> NotTaken(const DeskCall& call) { return Error(ErrorKind::kNotAllowed, "exchange.desk-method", {}, call.method); }
  static base::Result<DeskAnswer> NoSuchVerb(const DeskCall& call) {
    return Error(ErrorKind::kNotFound, "exchange.unknown-order", {}, base::ClipUtf8(call.path[1], 60));
  }

  DeskAnswer List() const {
    JsonValue channels = JsonValue::Array();
    for (const auto& gate : gates_) channels.Append(ReportJson(gate->report()));
    for (const auto& delivery : deliveries_) channels.Append(ReportJson(delivery->report()));
    JsonValue page = JsonValue::Object();
    page.Set("channels", std::move(channels));
    return {200, base::WriteJson(page)};
  }

  static base::Result<DeskAnswer> ListRows(const Delivery& delivery, const interaction::Query& query, audit::Leaf& leaf) {
    const std::string_view state_name = QueryValue(query, "state"), after_id = QueryValue(query, "after");
    const auto state = state_name.empty() ? RowState::kWaiting : RowStateOf(state_name);
    if (!state) return Error(ErrorKind::kMalformed, "exchange.row-state", "state", base::ClipUtf8(state_name, 60));
    const std::optional<RowPlace> after = PlaceOfMessageId(after_id);
    if (!after && !after_id.empty()) return WrongOrder("after", base::ClipUtf8(after_id, 60));
    std::optional<RowPlace> next;
    HEYI_TRY(listed, delivery.Rows(*state, QueryValue(query, "order"), after, kRowsPageMax, &next));
    JsonValue rows = JsonValue::Array();
    for (const Delivery::Listed& one : listed) {
      rows.Append(RowJson(one));
      if (one.row.elder != 0) leaf.elders.push_back(one.row.elder);
    }
    std::sort(leaf.elders.begin(), leaf.elders.end());
    leaf.elders.erase(std::unique(leaf.elders.begin(), leaf.elders.end()), leaf.elders.end());
    JsonValue page = JsonValue::Object();
    page.Set("rows", std::move(rows));
    SetString(page, "next", next ? MessageIdOf(*next) : "");
    return DeskAnswer{200, base::WriteJson(page)};
  }

  // The order's own leaf: it rides in the order's commit, beside the one that the answer leaves.
  static audit::Leaf OrderLeaf(const audit::Leaf& answer, std::string_view verb) {
    audit::Leaf leaf = answer;
    leaf.interaction = fmt::format("channel-{}", verb);
    leaf.action = audit::Action::kExecute;
    leaf.status = 200;
    return leaf;
  }

  static base::Result<DeskAnswer> SetPaused(Gate* gate, Delivery* delivery, bool paused, const audit::Leaf& leaf) {
    const audit::Leaf order = OrderLeaf(leaf, paused ? "pause" : "resume");
    HEYI_TRY(changed, gate != nullptr ? gate->SetPaused(paused, order) : delivery->SetPaused(paused, order));
    JsonValue json = ReportJson(gate != nullptr ? gate->report() : delivery->report());
    json.Set("changed", JsonValue::OfBool(changed));
    return DeskAnswer{200, base::WriteJson(json)};
  }

  static base::Result<DeskAnswer> Redeliver(Delivery& delivery, const JsonValue& order, const audit::Leaf& leaf) {
    const audit::Leaf order_leaf = OrderLeaf(leaf, "redeliver");
    if (order.Find("rows") != nullptr) {
      if (order.Find("state") != nullptr) return WrongOrder("state", "rows or state, not both");
      HEYI_TRY(places, PlacesIn(order));
      HEYI_TRY(ordered, delivery.Redeliver(places, order_leaf));
      return DeskAnswer{200, base::WriteJson(OrderedJson(ordered, "redelivered"))};
    }
    const auto state = RowStateOf(order.StringAt("state"));
    if (state != RowState::kDead && state != RowState::kQuarantined) return WrongOrder("state", "dead or quarantined, or rows");
    uint64_t limit = kOrderRowsMax;
    if (order.Find("limit") != nullptr && (!base::ParseUnsigned(order.StringAt("limit"), &limit) || limit == 0 || limit > kOrderRowsMax)) {
      return WrongOrder("limit", fmt::format("1 to {}", kOrderRowsMax));
    }
    HEYI_TRY(ordered, delivery.RedeliverAll(*state, limit, order_leaf));
    return DeskAnswer{200, base::WriteJson(OrderedJson(ordered, "redelivered"))};
  }

  static base::Result<DeskAnswer> Drop(Delivery& delivery, const JsonValue& order, const audit::Leaf& leaf) {
    const std::string reason(base::Trim(order.StringAt("reason")));
    if (reason.empty() || reason.size() > kDropReasonBytesMax) return WrongOrder("reason", fmt::format("why, in 1 to {} bytes", kDropReasonBytesMax));
    HEYI_TRY(places, PlacesIn(order));
    HEYI_TRY(ordered, delivery.Drop(places, reason, OrderLeaf(leaf, "drop")));
    return DeskAnswer{200, base::WriteJson(OrderedJson(ordered, "dropped"))};
  }

  const std::vector<std::unique_ptr<Gate>>& gates_;
  const std::vector<std::unique_ptr<Delivery>>& deliveries_;
};

}  // namespace

std::unique_ptr<Desk> MakeChannelsDesk(const std::vector<std::unique_ptr<Gate>>& gates, const std::vector<std::unique_ptr<Delivery>>& deliveries) {
  return std::make_unique<ChannelsDesk>(gates, deliveries);
}

}  // namespace heyi::exchange
