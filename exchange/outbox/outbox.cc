#include "exchange/outbox/outbox.h"

#include <fmt/format.h>

#include <charconv>

#include "base/json/value.h"

namespace heyi::exchange {
namespace {

using base::JsonValue;

constexpr std::string_view kRowStates[] = {"waiting", "quarantined", "dead", "dropped"};
constexpr std::string_view kRowSpaces[] = {kOutboxSpace, kQuarantinedSpace, kDeadSpace, kDroppedSpace};
constexpr size_t kTDigits = 16;

// All of `digits`, or none.
template <typename Number>
bool ParseHex(std::string_view digits, Number* number) {
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), *number, 16);
  return failed == std::errc() && end == digits.data() + digits.size() && !digits.empty();
}

}  // namespace

std::string_view RowStateName(RowState state) { return kRowStates[static_cast<size_t>(state)]; }

std::optional<RowState> RowStateOf(std::string_view name) {
  for (size_t i = 0; i < std::size(kRowStates); ++i) {
    if (name == kRowStates[i]) return static_cast<RowState>(i);
  }
  return std::nullopt;
}

std::string_view SpaceOf(RowState state) { return kRowSpaces[static_cast<size_t>(state)]; }

std::string MessageIdOf(const RowPlace& place) { return fmt::format("HY{:016x}{:04x}", place.t, place.position); }

std::optional<RowPlace> PlaceOfMessageId(std::string_view message_id) {
  RowPlace place;
  if (message_id.size() <= 2 + kTDigits || !message_id.starts_with("HY")) return std::nullopt;
  if (!ParseHex(message_id.substr(2, kTDigits), &place.t) || !ParseHex(message_id.substr(2 + kTDigits), &place.position)) return std::nullopt;
  return place;
}

std::string OutboxKey(std::string_view channel, const RowPlace& place) { return fmt::format("{}/{:016x}/{:04x}", channel, place.t, place.position); }

std::optional<RowPlace> PlaceOfKey(std::string_view key) {
  RowPlace place;
  const size_t last = key.rfind('/');
  if (last == std::string_view::npos || last < kTDigits + 1 || key[last - kTDigits - 1] != '/') return std::nullopt;
  if (!ParseHex(key.substr(last - kTDigits, kTDigits), &place.t) || !ParseHex(key.substr(last + 1), &place.position)) return std::nullopt;
  return place;
}

std::string BasisOf(const OutboxRow& row) {
  std::string basis = row.policy_row;
  for (const std::string& part : {row.profile, row.contract}) basis += part.empty() ? "" : "/" + part;
  return basis;
}

std::string EncodeOutboxRow(const OutboxRow& row) {
  JsonValue value = JsonValue::Object();
  const auto set = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) value.Set(name, JsonValue::OfString(text));
  };
  set("channel", row.channel);
  set("department", row.department);
  set("order", row.order_key);
  set("type", row.message_type);
  set("id", row.message_id);
  set("text", row.text);
  set("resource", row.resource);
  set("elder", fmt::format("{:016x}", row.elder));
  set("policy", row.policy_row);
  set("custody", row.custody);
  value.Set("made", JsonValue::OfInteger(row.made_ms));
  set("reason", row.reason);
  set("severity", row.severity);
  set("owner", row.owner);
  if (row.stopped_ms != 0) value.Set("stopped", JsonValue::OfInteger(row.stopped_ms));
  set("profile", row.profile);
  set("contract", row.contract);
  return base::WriteJson(value);
}

base::Result<OutboxRow> DecodeOutboxRow(std::string_view text) {
  HEYI_TRY(value, base::ParseJson(std::string(text)));
  const auto get = [&](std::string_view name) { return std::string(value.StringAt(name)); };
  OutboxRow row;
  row.department = get("department");
  row.channel = value.Find("channel") == nullptr ? row.department : get("channel");
  row.order_key = get("order");
  row.message_type = get("type");
  row.message_id = get("id");
  row.text = get("text");
  row.resource = get("resource");
  row.profile = get("profile");
  row.contract = get("contract");
  row.elder = std::strtoull(get("elder").c_str(), nullptr, 16);
  row.policy_row = get("policy");
  row.custody = get("custody");
  row.made_ms = std::strtoll(get("made").c_str(), nullptr, 10);
  row.reason = get("reason");
  row.severity = get("severity");
  row.owner = get("owner");
  row.stopped_ms = std::strtoll(get("stopped").c_str(), nullptr, 10);
  return row;
}

}  // namespace heyi::exchange
