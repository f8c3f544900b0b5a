// The inbox: one fact a message, keyed by department, sender and the sender's own message id.
//
//   received  raw bytes durable, effects not yet
//   done      effects and acknowledgement are one commit
//   parked    answered "kept, do not resend"; why, who must mend it and what it waits for: inbox/parked.h
//   refused   answered "wrong"; nothing was changed
//   expired   was parked for longer than it is kept; nothing was changed
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/message.h"
#include "base/result.h"
#include "store/store.h"

namespace heyi::exchange {

inline constexpr std::string_view kInboxSpace = "inbox";
// key -> what it said and others know better: as lineage, and by whom
inline constexpr std::string_view kOutrankedSpace = "outranked";
inline constexpr std::string_view kOutputsSpace = "outputs";  // key -> what it wrote, "Patient/x/_history/3" a line

enum class InboxState : uint8_t { kReceived, kDone, kParked, kRefused, kExpired };

std::string_view StateName(InboxState state);  // "parked"
std::optional<InboxState> InboxStateOf(std::string_view name);

inline constexpr size_t kInboxHistoryMax = 20;  // changes of state that a row remembers: the first and the newest

struct InboxRow {
  InboxState state = InboxState::kReceived;
  std::string sha256;      // hex, of the raw bytes: what a repeat is recognised by
  std::string blob;        // id of the raw bytes in the store; empty once they are no longer kept
  std::string type;        // "ELDER", "ADT^A01"
  std::string client, department, role, purpose;  // who delivered it, and what for; the department may be another than the message's
  std::string agreement;   // the policy row that let it
  base::TimeMs received_ms = 0;
  std::string rule;        // why parked or refused
  std::string answer;      // the acknowledgement as it was given: the only one, whatever becomes of the message later
  uint32_t runs = 0;       // how often it has changed something
  std::vector<std::string> elders;  // pseudonyms, 16 hex digits: where the index has it
  std::vector<std::pair<InboxState, base::TimeMs>> history;

  // The row in `next`, which is noted with its time.
  void Enter(InboxState next, base::TimeMs at_ms);
};

std::string InboxKey(const adapters::Message& message);
std::string EncodeInboxRow(const InboxRow& row);
base::Result<InboxRow> DecodeInboxRow(std::string_view text);

base::Result<std::optional<InboxRow>> FindInboxRow(const store::Snapshot& snapshot, std::string_view key);

}  // namespace heyi::exchange
