// A parked message: kept, acknowledged as kept, and not yet possible. What stands in its way, who must mend that, and
// what it waits for, so that it is tried again as soon as that is there.
//
//   space "parked"        key -> the row below
//   space "parked.waits"  <16 hex digits of a hash of what it waits for>/<key>: the index by which an arrival finds it
//   space "parked.due"    <16 hex digits of the time, ms>/<key>: to be tried again then, whatever arrives
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "exchange/inbox/inbox.h"

namespace heyi::exchange {

inline constexpr std::string_view kParkedSpace = "parked";
inline constexpr std::string_view kParkedWaitsSpace = "parked.waits";
inline constexpr std::string_view kParkedDueSpace = "parked.due";
inline constexpr uint32_t kParkedTriesMax = 100;  // by itself; an operator may always

struct ParkedIssue {
  std::string severity, code, rule, expression, english, chinese;
};

struct ParkedRow {
  std::string rule;                  // of the first error
  std::string severity;              // of the worst issue
  std::string owner;                 // who must mend it: a department, or `hub`
  std::vector<ParkedIssue> issues;
  std::vector<std::string> waits;    // "Patient|system|value", "ServiceRequest/id" (exchange/targets.h)
  uint32_t tries = 0;
  base::TimeMs since_ms = 0, tried_ms = 0, due_ms = 0;  // due 0: only when something arrives
};

// Who must mend what `rule` says of a message of `department`: a department, or `hub`.
std::string_view OwnerOf(std::string_view rule, std::string_view department);

// Whether a message that failed so is kept and tried again: something it hangs on is not there yet, a code has no row in
// our table, or others were in the way. All else is the sender's to correct.
bool IsParked(const base::Error& error);

// The row for a failure, put over what the last try left (null: the first).
ParkedRow MakeParkedRow(std::string_view department, const base::Outcome& why, std::vector<std::string> waits, base::TimeMs now_ms, const ParkedRow* last);

std::string EncodeParkedRow(const ParkedRow& row);
base::Result<ParkedRow> DecodeParkedRow(std::string_view text);
base::Result<std::optional<ParkedRow>> FindParkedRow(const store::Snapshot& snapshot, std::string_view key);

// Facts that bring the three spaces from `before` (null: not parked) to `after` (null: no longer).
std::vector<store::Fact> ParkedFacts(std::string_view key, const ParkedRow* before, const ParkedRow* after);

// The beginning of the keys of "parked.waits" for one thing that is waited for.
std::string WaitPrefix(std::string_view wait);

}  // namespace heyi::exchange
