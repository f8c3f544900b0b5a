#include "exchange/inbox/message_pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/json/value.h"
#include "base/text.h"
#include "exchange/desk.h"
#include "exchange/inbox/index.h"
#include "exchange/inbox/parked.h"
#include "exchange/outbox/outbox.h"
#include "fhir/search/values.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

constexpr size_t kChannelsShownMax = 100, kOutboxRowsShownMax = 100;
constexpr size_t kMessagesPageMax = 200;
constexpr size_t kMessagesScanMax = 20'000;  // index rows looked at for one page

void SetText(JsonValue& object, std::string_view name, std::string_view text) { object.Set(name, JsonValue::OfString(text)); }

JsonValue Lines(std::string_view text) {
  JsonValue list = JsonValue::Array();
  for (std::string_view line : base::Split(text, '\n')) {
    if (!line.empty()) list.Append(JsonValue::OfString(line));
  }
  return list;
}

struct MessageFilter {
  std::string_view department, sender, type;
  std::optional<InboxState> state;
  base::TimeMs from_ms = 0, to_ms = INT64_MAX;
  std::string prefix;  // of the index walked

  bool Fits(const IndexHit& hit) const {
    const size_t department_end = hit.key.find('/'), sender_end = hit.key.rfind('/');
    if (!department.empty() && hit.key.substr(0, department_end) != department) return false;
    if (!sender.empty() && (sender_end <= department_end || hit.key.substr(department_end + 1, sender_end - department_end - 1) != sender)) return false;
    return type.empty() || hit.type == type;
  }
};

bool IsPseudonym(std::string_view text) {
  return text.size() == 16 && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

base::Result<MessageFilter> ReadFilter(const interaction::Query& query) {
  MessageFilter filter;
  filter.department = QueryValue(query, "department");
  filter.sender = QueryValue(query, "sender");
  filter.type = QueryValue(query, "type");
  const std::string_view state = QueryValue(query, "state");
  filter.state = InboxStateOf(state);
  if (!state.empty() && !filter.state) return Error(ErrorKind::kMalformed, "exchange.state", "state", state);
  for (const auto& [name, place] : {std::pair("from", &filter.from_ms), std::pair("to", &filter.to_ms)}) {
    const std::string_view text = QueryValue(query, name);
    if (text.empty()) continue;
    const auto interval = fhir::DateInterval(text);
    if (!interval) return Error(ErrorKind::kMalformed, "exchange.query", name, text);
    *place = place == &filter.from_ms ? interval->low : interval->high - 1;
  }
  std::string_view elder = QueryValue(query, "elder");
  if (elder.starts_with("Patient/")) elder.remove_prefix(8);
  if (!elder.empty()) {
    filter.prefix = IsPseudonym(elder) ? IndexOfElder(elder) : IndexOfElder(base::Hash64(fmt::format("Patient/{}", elder)));
  } else if (!filter.sender.empty() && !filter.department.empty()) {
    filter.prefix = IndexOfSender(filter.department, filter.sender);
  } else if (filter.state && filter.state != InboxState::kDone) {
    filter.prefix = IndexOfState(*filter.state);
  } else {
    filter.prefix = IndexAll();
  }
  return filter;
}

JsonValue MessageItem(std::string_view key, const InboxRow& row) {
  JsonValue item = JsonValue::Object();
  SetText(item, "key", key);
  SetText(item, "type", row.type);
  SetText(item, "state", StateName(row.state));
  item.Set("received", JsonValue::OfInteger(row.received_ms));
  SetText(item, "rule", row.rule);
  SetText(item, "client", row.client);
  return item;
}

JsonValue ParkedJson(const ParkedRow& row) {
  auto json = base::ParseJson(EncodeParkedRow(row));
  return json.ok() ? std::move(*json) : JsonValue();
}

// Rows of the outbox, waiting or settled, that tell of the entry of the first output: [{"space", "key"}]. Their keys begin
// with the channel and t.
base::Result<JsonValue> OutboxOf(const store::Snapshot& snapshot, const fhir::Definitions& definitions, const std::string& outputs) {
  JsonValue rows = JsonValue::Array();
  const size_t slash = outputs.find('/'), history = outputs.find("/_history/");
  if (slash >= history || history == std::string::npos) return rows;
  const fhir::Type* type = definitions.FindResource(outputs.substr(0, slash));
  if (type == nullptr) return rows;
  HEYI_TRY(record, snapshot.Version(*type, outputs.substr(slash + 1, history - slash - 1), std::strtoull(outputs.c_str() + history + 10, nullptr, 10)));
  if (!record) return rows;
  for (const std::string_view space : {kOutboxSpace, kDeliveredSpace, kQuarantinedSpace, kDeadSpace, kDroppedSpace}) {
    std::string from;
    for (size_t i = 0; i < kChannelsShownMax; ++i) {
      std::string channel;
      HEYI_CHECK(snapshot.Facts(space, from, [&](std::string_view key, std::string_view) {
        channel = key.substr(0, key.find('/') + 1);
        return false;
      }));
      if (channel.empty()) break;
      const std::string prefix = channel + fmt::format("{:016x}/", record->t);
      HEYI_CHECK(snapshot.Facts(space, prefix, [&](std::string_view key, std::string_view) {
        if (!key.starts_with(prefix) || rows.items().size() == kOutboxRowsShownMax) return false;
        JsonValue row = JsonValue::Object();
        SetText(row, "space", space);
        SetText(row, "key", key);
        rows.Append(std::move(row));
        return true;
      }));
      from = channel;
      from.back() = '0';  // behind all of that channel: '0' follows '/'
    }
  }
  return rows;
}

}  // namespace

base::Result<std::string> ListMessages(const store::Snapshot& snapshot, const interaction::Query& query) {
  HEYI_TRY(filter, ReadFilter(query));
  const std::string_view after = QueryValue(query, "after");
  if (!after.empty() && !after.starts_with(filter.prefix)) return Error(ErrorKind::kMalformed, "exchange.query", "after", after);
  JsonValue messages = JsonValue::Array();
  std::string next(after);
  size_t seen = 0;
  for (bool more = true; more && seen < kMessagesScanMax && messages.items().size() < kMessagesPageMax;) {
    // Rows are read between walks, not within one.
    std::vector<std::pair<std::string, std::string>> hits;  // index key, message key
    const std::string from = std::move(next);
    next.clear();
    more = false;
    HEYI_CHECK(WalkIndex(snapshot, filter.prefix, filter.from_ms, filter.to_ms, from, [&](const IndexHit& hit) {
      if (filter.Fits(hit)) hits.emplace_back(hit.index_key, hit.key);
      if (++seen < kMessagesScanMax && hits.size() < kMessagesPageMax) return true;
      next = hit.index_key;
      more = true;
      return false;
    }));
    for (const auto& [index_key, key] : hits) {
      HEYI_TRY(row, FindInboxRow(snapshot, key));
      if (!row || (filter.state && row->state != *filter.state)) continue;
      messages.Append(MessageItem(key, *row));
      if (messages.items().size() < kMessagesPageMax) continue;
      if (index_key != hits.back().first || more) next = index_key;
      break;
    }
  }
  JsonValue page = JsonValue::Object();
  page.Set("messages", std::move(messages));
  SetText(page, "next", next);
  return base::WriteJson(page);
}

base::Result<std::string> ShowMessage(const store::Snapshot& snapshot, const fhir::Definitions& definitions, std::string_view key) {
  HEYI_TRY(row, FindInboxRow(snapshot, key));
  if (!row) return Error(ErrorKind::kNotFound, "exchange.unknown-message", {}, key);
  JsonValue shown = JsonValue::Object();
  SetText(shown, "key", key);
  SetText(shown, "type", row->type);
  SetText(shown, "state", StateName(row->state));
  shown.Set("received", JsonValue::OfInteger(row->received_ms));
  SetText(shown, "rule", row->rule);
  SetText(shown, "client", row->client);
  SetText(shown, "agreement", row->agreement);
  SetText(shown, "sha256", row->sha256);
  shown.Set("runs", JsonValue::OfInteger(row->runs));
  JsonValue history = JsonValue::Array();
  for (const auto& [state, at_ms] : row->history) {
    JsonValue change = JsonValue::Object();
    SetText(change, "state", StateName(state));
    SetText(change, "at", base::FormatInstant(at_ms));
    history.Append(std::move(change));
  }
  shown.Set("history", std::move(history));
  JsonValue elders = JsonValue::Array();
  for (const std::string& elder : row->elders) elders.Append(JsonValue::OfString(elder));
  shown.Set("elders", std::move(elders));
  std::optional<std::string> raw;
  if (!row->blob.empty()) {
    HEYI_TRY(blob, snapshot.Blob(row->blob));
    raw = std::move(blob);
  }
  const bool plain = raw && base::IsValidUtf8(*raw);
  SetText(shown, "message", !raw ? std::string() : plain ? *raw : base::ToBase64(*raw));
  if (raw && !plain) SetText(shown, "encoding", "base64");
  SetText(shown, "answer", base::IsValidUtf8(row->answer) ? row->answer : base::ToBase64(row->answer));
  for (const std::string_view space : {std::string_view("lineage"), kOutrankedSpace, std::string_view("unread")}) {
    HEYI_TRY(fact, snapshot.Fact(space, key));
    SetText(shown, space, fact.value_or(""));
  }
  HEYI_TRY(outputs, snapshot.Fact(kOutputsSpace, key));
  shown.Set("outputs", Lines(outputs.value_or("")));
  HEYI_TRY(told, OutboxOf(snapshot, definitions, outputs.value_or("")));
  shown.Set("outbox", std::move(told));
  HEYI_TRY(parked, FindParkedRow(snapshot, key));
  if (parked) shown.Set("parked", ParkedJson(*parked));
  return base::WriteJson(shown);
}

}  // namespace heyi::exchange
