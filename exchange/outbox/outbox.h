// The outbox: one fact a message that must leave, keyed so that a scan gives each channel's rows in order. A row is
// always in exactly one space:
//
//   outbox               waiting
//   outbox.quarantined   sent, but whether it was taken is unknown, and a repeat could do harm: an operator decides
//   outbox.dead          refused
//   outbox.dropped       an operator has given it up
//   outbox.delivered     taken; only the message id is left of it
//
// and, beside the first, `outbox.claimed` while a send is under way whose repeat could do harm.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace heyi::exchange {

inline constexpr std::string_view kOutboxSpace = "outbox";
inline constexpr std::string_view kQuarantinedSpace = "outbox.quarantined";
inline constexpr std::string_view kDeadSpace = "outbox.dead";
inline constexpr std::string_view kDroppedSpace = "outbox.dropped";
inline constexpr std::string_view kDeliveredSpace = "outbox.delivered";
inline constexpr std::string_view kClaimedSpace = "outbox.claimed";

enum class RowState : uint8_t { kWaiting, kQuarantined, kDead, kDropped };
std::string_view RowStateName(RowState state);  // "waiting"
std::optional<RowState> RowStateOf(std::string_view name);
std::string_view SpaceOf(RowState state);

struct OutboxRow {
  std::string channel;      // its name
  std::string department;   // destination
  std::string order_key;    // what must stay in order: an elder, a bed
  std::string message_type;
  std::string message_id;   // ours; the receiver's idempotency key, the same at every try
  std::string text;         // the message, ready to send
  std::string resource;     // "Task/t1/_history/3", what it tells of
  uint64_t elder = 0;       // pseudonym, 0 = none
  std::string policy_row;   // that allowed it
  std::string profile;      // the release profile it was cut by
  std::string contract;     // the agreement under which, where one was needed: "Contract/c1"
  std::string custody;      // department whose data it tells, empty = nobody's
  base::TimeMs made_ms = 0;
  // Of rows that no longer wait:
  std::string reason;
  std::string severity;     // error | fatal
  std::string owner;        // department that has to see to it
  base::TimeMs stopped_ms = 0;
};

// What it was let go under, for the leaf: "deliver.health/health.visit/Contract/c1".
std::string BasisOf(const OutboxRow& row);

// Where a row stands in its channel's order: what happened first is first. It follows from the message id, and the other way.
struct RowPlace {
  uint64_t t = 0;           // of the entry that the row tells of
  uint32_t position = 0;    // within it
  auto operator<=>(const RowPlace&) const = default;
};
std::string MessageIdOf(const RowPlace& place);                        // "HY00000000000000a10002"
std::optional<RowPlace> PlaceOfMessageId(std::string_view message_id);

// "<channel>/<t, 16 hex digits>/<position>"
std::string OutboxKey(std::string_view channel, const RowPlace& place);
std::optional<RowPlace> PlaceOfKey(std::string_view key);

std::string EncodeOutboxRow(const OutboxRow& row);
base::Result<OutboxRow> DecodeOutboxRow(std::string_view text);

}  // namespace heyi::exchange
