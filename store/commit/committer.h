// The one writer: takes drafts in order, checks them, appends them as one group, syncs, shows them, says so.
//
// Fail-stop: the first failure of the journal or the views ends all acknowledging; what was being written may or may
// not be there after a restart, and nobody was told that it is. Reads go on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "store/commit/group_check.h"
#include "store/journal/journal.h"
#include "store/view/view_throttle.h"

namespace heyi::store {

class Committer {
 public:
  // Called with what is visible from now on, before the commits are acknowledged; on the committer's thread.
  using Publish = std::function<void(const ViewState& state)>;

  // All outlive it.
  Committer(Journal& journal, ViewDb& db, const Indexer& indexer, Horizon& horizon, const ViewState& state, Publish publish);
  ~Committer();  // answers what is queued first

  void Commit(CommitDraft draft, Store::Completion done);
  void Stop(std::string_view reason);                       // fail-stop from outside; any thread
  std::optional<std::string> stopped() const;               // the reason

 private:
  struct Item {
    CommitDraft draft;
    Store::Completion done;
    std::vector<AppliedWrite> applied;
    base::Result<CommitReceipt> result = CommitReceipt();
  };

  void Run();
  std::vector<Item> TakeGroup();  // empty: the end
  void Process(std::vector<Item>& group);
  base::Result<base::Done> WriteGroup(std::vector<Item*>& accepted, ViewWriter& writer);
  bool OnDerivedFacts(const CommitDraft& draft) const;
  base::Error StoppedError() const;

  Journal& journal_;
  ViewDb& db_;
  const Indexer& indexer_;
  Horizon& horizon_;
  ViewState state_;
  Publish publish_;
  ChangeWatch watch_;
  ViewThrottle throttle_;

  mutable std::mutex mutex_;
  std::condition_variable queued_;
  std::deque<Item> queue_;
  std::chrono::steady_clock::time_point begin_at_;  // when the next group begins, while anything is queued
  bool closing_ = false;
  std::optional<std::string> stopped_;
  std::thread thread_;
};

}  // namespace heyi::store
