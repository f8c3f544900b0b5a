// The outbox: one fact a message that must leave, keyed so that a scan gives each destination's rows in order.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace heyi::exchange {

inline constexpr std::string_view kOutboxSpace = "outbox";
inline constexpr std::string_view kDeadSpace = "outbox.dead";
inline constexpr std::string_view kDeliveredSpace = "outbox.delivered";

struct OutboxRow {
  std::string department;   // destination
  std::string order_key;    // what must stay in order: an elder, a bed
  std::string message_type;
  std::string message_id;   // ours; the receiver's idempotency key, the same at every try
  std::string text;         // the message, ready to send
  std::string resource;     // "Task/t1/_history/3", what it tells of
  uint64_t elder = 0;       // pseudonym, 0 = none
  std::string policy_row;   // that allowed it
  std::string reason;       // dead rows: why
  std::string profile;      // the release profile it was cut by
  std::string contract;     // the agreement under which, where one was needed: "Contract/c1"
};

// What it was let go under, for the leaf: "deliver.health/health.visit/Contract/c1".
std::string BasisOf(const OutboxRow& row);

// "<department>/<t, 16 hex digits>/<position>": in order of what happened.
std::string OutboxKey(std::string_view department, uint64_t t, size_t position);
std::string EncodeOutboxRow(const OutboxRow& row);
base::Result<OutboxRow> DecodeOutboxRow(std::string_view text);

}  // namespace heyi::exchange
