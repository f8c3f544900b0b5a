// What is kept for how long. Steps are small, so that nobody waits for them; what they take away, they take away as facts.
//
//   raw        the bytes of a message that is done or refused: the row no longer names them
//   parked     a message that could not be done for so long: expired, its bytes no longer named
//   lineage    lineage, unread fields, what was outranked, outputs
//   repeat     the row itself, with the answer: a repeat after that is a new message
//   dead       outbox rows that were refused or given up   delivered  notes of those that were
// The store keeps every byte that was ever written (docs/inbox.md): a blob that no row names can no longer be asked for,
// but is not blanked by this.
#pragma once

#include <map>
#include <string>

#include "exchange/exchange.h"
#include "exchange/inbox/index.h"

namespace heyi::exchange {

class Culler {
 public:
  // All outlive it.
  Culler(const interaction::Services& services, const Retention& retention, const base::Clock& clock)
      : services_(services), retention_(retention), clock_(clock) {}

  // Looks at a bounded number of rows. Returns false where nothing is left to do for now. One thread.
  base::Result<bool> Step();

 private:
  // A walk over the index from the stage's limit to where the last walk began; resumed step by step.
  struct Walk {
    base::TimeMs from_ms = 0, to_ms = 0;
    base::TimeMs open_ms = 0;  // of the oldest that is not done yet
    base::TimeMs due_ms = 0;   // of the next walk
    std::string after;
    bool under_way = false;
  };
  using Treat = base::Result<base::Done> (*)(const store::Snapshot&, std::string_view key, const std::string& text, InboxRow row, base::TimeMs now_ms,
                                             store::CommitDraft&);

  base::Result<bool> StepOver(std::string_view stage, std::string_view prefix, uint32_t days, Treat treat);
  base::Result<bool> StepOutbox(std::string_view space, uint32_t days);
  base::Result<uint64_t> LastBefore(base::TimeMs ms) const;
  base::Result<base::Done> Commit(store::CommitDraft draft) const;

  const interaction::Services& services_;
  const Retention& retention_;
  const base::Clock& clock_;
  std::map<std::string, Walk, std::less<>> walks_;
  std::map<std::string, base::TimeMs, std::less<>> outbox_due_;
};

}  // namespace heyi::exchange
