// The inbox: one fact a message, keyed by department, sender and the sender's own message id.
//
//   received  raw bytes durable, effects not yet
//   done      effects and acknowledgement are one commit
//   parked    answered "kept, do not resend"; why, and when
//   refused   answered "wrong"; nothing was changed
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/message.h"
#include "base/result.h"
#include "store/store.h"

namespace heyi::exchange {

inline constexpr std::string_view kInboxSpace = "inbox";

enum class InboxState : uint8_t { kReceived, kDone, kParked, kRefused };

std::string_view StateName(InboxState state);  // "parked"
std::optional<InboxState> InboxStateOf(std::string_view name);

struct InboxRow {
  InboxState state = InboxState::kReceived;
  std::string sha256;      // hex, of the raw bytes: what a repeat is recognised by
  std::string blob;        // id of the raw bytes in the store
  std::string client;      // who delivered it
  base::TimeMs received_ms = 0;
  std::string rule;        // why parked or refused
  std::string answer;      // the acknowledgement as it was given
};

std::string InboxKey(const adapters::Message& message);
std::string EncodeInboxRow(const InboxRow& row);
base::Result<InboxRow> DecodeInboxRow(std::string_view text);

base::Result<std::optional<InboxRow>> FindInboxRow(const store::Snapshot& snapshot, std::string_view key);

}  // namespace heyi::exchange
