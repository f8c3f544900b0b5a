#include "exchange/outbox/outbox.h"

#include <fmt/format.h>

#include "base/json/value.h"

namespace heyi::exchange {

using base::JsonValue;

std::string OutboxKey(std::string_view department, uint64_t t, size_t position) {
  return fmt::format("{}/{:016x}/{:04x}", department, t, position);
}

std::string BasisOf(const OutboxRow& row) {
  std::string basis = row.policy_row;
  for (const std::string& part : {row.profile, row.contract}) basis += part.empty() ? "" : "/" + part;
  return basis;
}

std::string EncodeOutboxRow(const OutboxRow& row) {
  JsonValue value = JsonValue::Object();
  const auto set = [&](std::string_view name, std::string_view text) { value.Set(name, JsonValue::OfString(text)); };
  set("department", row.department);
  set("order", row.order_key);
  set("type", row.message_type);
  set("id", row.message_id);
  set("text", row.text);
  set("resource", row.resource);
  set("elder", fmt::format("{:016x}", row.elder));
  set("policy", row.policy_row);
  set("reason", row.reason);
  set("profile", row.profile);
  set("contract", row.contract);
  return base::WriteJson(value);
}

base::Result<OutboxRow> DecodeOutboxRow(std::string_view text) {
  HEYI_TRY(value, base::ParseJson(std::string(text)));
  const auto get = [&](std::string_view name) { return std::string(value.StringAt(name)); };
  OutboxRow row{get("department"), get("order"), get("type"), get("id"), get("text"), get("resource"), 0, get("policy"), get("reason"), get("profile"), get("contract")};
  row.elder = std::strtoull(get("elder").c_str(), nullptr, 16);
  return row;
}

}  // namespace heyi::exchange
