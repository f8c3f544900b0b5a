// Messages as operators see them: a page of many, or one whole.
#pragma once

#include <string>

#include "exchange/inbox/inbox.h"
#include "interaction/request.h"

namespace heyi::exchange {

// {"messages": [{"key", "type", "state", "received", "rule", "client"}], "next": "…"}, the newest first, behind `after`.
//   sender, department, type, state   as the row has them; elder: a pseudonym (16 hex digits) or a Patient's id
//   from, to                          yyyy-MM-dd or an instant, of arrival
// Walks the narrowest index there is, at most kMessagesScanMax rows of it: a page may then be short, or empty, and still
// have a `next`.
//   errors  kMalformed exchange.state, exchange.query
base::Result<std::string> ListMessages(const store::Snapshot& snapshot, const interaction::Query& query);

// {"key", "type", "state", "received", "rule", "client", "agreement", "sha256", "runs", "history", "elders", "message", "answer",
//  "lineage", "outranked", "unread", "outputs", "outbox": [{"space", "key"}], "parked": {"rule", "owner", "severity", "issues", "waits", …}}; the message as
// it came where it is UTF-8, else in base64 with "encoding": "base64"; "message": "" once it is no longer kept.
//   errors  kNotFound exchange.unknown-message
base::Result<std::string> ShowMessage(const store::Snapshot& snapshot, const fhir::Definitions& definitions, std::string_view key);

}  // namespace heyi::exchange
