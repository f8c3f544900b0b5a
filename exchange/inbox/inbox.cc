#include "exchange/inbox/inbox.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/json/value.h"
#include "base/text.h"

namespace heyi::exchange {
namespace {

using base::JsonValue;

constexpr std::string_view kStates[] = {"received", "done", "parked", "refused", "expired"};

int64_t IntegerAt(const JsonValue& value, std::string_view name) { return std::strtoll(std::string(value.StringAt(name)).c_str(), nullptr, 10); }

}  // namespace

std::string_view StateName(InboxState state) { return kStates[static_cast<size_t>(state)]; }

std::optional<InboxState> InboxStateOf(std::string_view name) {
  for (size_t i = 0; i < std::size(kStates); ++i) {
    if (name == kStates[i]) return static_cast<InboxState>(i);
  }
  return std::nullopt;
}

void InboxRow::Enter(InboxState next, base::TimeMs at_ms) {
  state = next;
  if (history.size() == kInboxHistoryMax) history.erase(history.begin() + 1);
  history.emplace_back(next, at_ms);
}

std::string InboxKey(const adapters::Message& message) { return fmt::format("{}/{}/{}", message.department, message.sender, message.id); }

std::string EncodeInboxRow(const InboxRow& row) {
  JsonValue value = JsonValue::Object();
  value.Set("state", JsonValue::OfString(StateName(row.state)));
  value.Set("sha256", JsonValue::OfString(row.sha256));
  value.Set("blob", JsonValue::OfString(row.blob));
  value.Set("type", JsonValue::OfString(row.type));
  value.Set("client", JsonValue::OfString(row.client));
  value.Set("department", JsonValue::OfString(row.department));
  value.Set("role", JsonValue::OfString(row.role));
  value.Set("purpose", JsonValue::OfString(row.purpose));
  value.Set("agreement", JsonValue::OfString(row.agreement));
  value.Set("received", JsonValue::OfInteger(row.received_ms));
  value.Set("rule", JsonValue::OfString(row.rule));
  value.Set("runs", JsonValue::OfInteger(row.runs));
  JsonValue elders = JsonValue::Array();
  for (const std::string& elder : row.elders) elders.Append(JsonValue::OfString(elder));
  value.Set("elders", std::move(elders));
  JsonValue history = JsonValue::Array();
  for (const auto& [state, at_ms] : row.history) {
    JsonValue change = JsonValue::Object();
    change.Set("state", JsonValue::OfString(StateName(state)));
    change.Set("at", JsonValue::OfInteger(at_ms));
    history.Append(std::move(change));
  }
  value.Set("history", std::move(history));
  // An acknowledgement is in its sender's own character set; JSON takes UTF-8 only.
  const bool utf8 = base::IsValidUtf8(row.answer);
  value.Set(utf8 ? "answer" : "answer64", JsonValue::OfString(utf8 ? row.answer : base::ToBase64Url(row.answer)));
  return base::WriteJson(value);
}

base::Result<InboxRow> DecodeInboxRow(std::string_view text) {
  HEYI_TRY(value, base::ParseJson(std::string(text)));
  InboxRow row;
  row.state = InboxStateOf(value.StringAt("state")).value_or(InboxState::kReceived);
  row.sha256 = value.StringAt("sha256");
  row.blob = value.StringAt("blob");
  row.type = value.StringAt("type");
  row.client = value.StringAt("client");
  row.department = value.StringAt("department");
  row.role = value.StringAt("role");
  row.purpose = value.StringAt("purpose");
  row.agreement = value.StringAt("agreement");
  row.received_ms = IntegerAt(value, "received");
  row.runs = static_cast<uint32_t>(IntegerAt(value, "runs"));
  for (const JsonValue& elder : value["elders"].items()) row.elders.push_back(elder.text());
  for (const JsonValue& change : value["history"].items()) {
    row.history.emplace_back(InboxStateOf(change.StringAt("state")).value_or(InboxState::kReceived), IntegerAt(change, "at"));
  }
  row.rule = value.StringAt("rule");
  row.answer = value.StringAt("answer");
  if (const std::string_view packed = value.StringAt("answer64"); !packed.empty()) {
    if (!base::FromBase64Url(packed, &row.answer)) return base::Error(base::ErrorKind::kInternal, "internal.failed", {}, "an inbox row's answer");
  }
  return row;
}

base::Result<std::optional<InboxRow>> FindInboxRow(const store::Snapshot& snapshot, std::string_view key) {
  HEYI_TRY(fact, snapshot.Fact(kInboxSpace, key));
  if (!fact) return std::optional<InboxRow>();
  HEYI_TRY(row, DecodeInboxRow(*fact));
  return std::optional<InboxRow>(std::move(row));
}

}  // namespace heyi::exchange
