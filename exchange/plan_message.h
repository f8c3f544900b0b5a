// What one message does, as a plan: its map put over what stands, what survives of that, its effect, Provenance, lineage,
// and the inbox row that says it is done. Nothing is committed here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/inbox/inbox.h"
#include "exchange/inbox/parked.h"
#include "mapping/difference.h"

namespace heyi::exchange {

// One message on its way.
struct Arrival {
  const adapters::Adapter& adapter;
  adapters::Message message;
  std::string raw;
  std::string key;
  InboxRow row;
  std::optional<std::string> row_text;  // as it stands in the store; what the concluding commit expects
  std::optional<ParkedRow> parked;
  base::Context context;
  std::string peer, agreement;

  // It has had its acknowledgement; there is no second one.
  bool answered() const { return row.state != InboxState::kReceived; }
};

// A place that the message would change.
struct Difference {
  std::string resource;  // "Patient/x"
  mapping::Difference value;
};

// What planning found out, whether it succeeds or not.
struct PlanTrace {
  bool want_differences = false;
  std::vector<std::string> waits;          // what was looked for and is not there
  std::vector<Difference> differences;     // at most kDifferencesMax
  bool more_differences = false;
  std::vector<std::string> outputs;        // "Patient/x/_history/3"
};
inline constexpr size_t kDifferencesMax = 500;

// Plans the message on what stands now. A message that is done already writes only what its map makes differently today;
// its effect, which has happened, is not run again.
//   ack     its outcome and output are filled in; the answer made of it goes into the inbox row, unless there is one
//   answer  what the sender gets, or got
//   errors  kInvalid map.*, exchange.no-map, …; kNotFound; kStale; kUnavailable
base::Result<store::CommitDraft> PlanMessage(const interaction::Services& services, const mapping::MapsInForce& maps, Arrival& arrival,
                                             adapters::Acknowledgement& ack, std::string* answer, audit::Leaf& leaf, PlanTrace& trace);

}  // namespace heyi::exchange
