// A message's way in: received, mapped, planned, committed with its acknowledgement; and once more, where it was parked
// or an operator wants it done again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "exchange/alarms.h"
#include "exchange/exchange.h"
#include "exchange/inbox/inbox.h"
#include "exchange/plan_message.h"

namespace heyi::exchange {

struct PipelineCounts {
  std::atomic<uint64_t> received{0}, repeated{0}, refused{0}, parked{0};
};

class Pipeline {
 public:
  // `alarms` outlives the pipeline. `on_parked` is called after a message has been parked, with its key; any thread.
  Pipeline(const interaction::Services& services, const mapping::MapsInForce& maps, const Options& options, Alarms& alarms,
           std::function<void(const std::string&)> on_parked)
      : services_(services), maps_(maps), options_(options), alarms_(alarms), on_parked_(std::move(on_parked)) {}

  Reply Take(const adapters::Adapter& adapter, std::string raw, const base::Context& context, std::string_view peer, std::string_view agreement);

  // "Not taken, send the same again later", for a reason that has nothing to do with the message. Nothing is kept.
  Reply Decline(const adapters::Adapter& adapter, const std::string& raw, const base::Context& context, std::string_view peer,
                std::string_view agreement, std::string_view rule) const;

  // Goes on with every message that was received but not done when the process last ended.
  base::Result<base::Done> FinishReceived(const base::Context& context);

  enum class Again : uint8_t {
    kParked,  // only a message that is parked: what it waited for may have come
    kAny,     // an operator's order: whatever its state
    kDryRun,  // the same, and nothing is written
  };
  struct AgainResult {
    InboxState before = InboxState::kReceived, after = InboxState::kReceived;
    base::Outcome why;           // of a failure
    std::vector<std::string> waits;
    PlanTrace trace;             // differences: of a dry run
  };
  // Runs the message on the maps of today. Nothing is acknowledged a second time: the inbox keeps the answer that was
  // given. Its effect happens once: a message that is done writes only what its map makes differently.
  //   errors  kNotFound exchange.unknown-message; kGone exchange.raw-gone; kStale (others were faster, too often);
  //           kUnavailable
  base::Result<AgainResult> RunAgain(const std::string& key, Again mode, const base::Context& context);

  const PipelineCounts& counts() const { return counts_; }

 private:
  Reply Process(Arrival& arrival);
  Reply NotTaken(const Arrival& arrival, const base::Error& why) const;
  Reply OtherContent(const Arrival& arrival, std::string_view sha256);
  Reply Conclude(Arrival& arrival, InboxState state, const base::Outcome& why, std::vector<std::string> waits);
  // Notes the end of a try that changed nothing but the message's own state.
  base::Result<base::Done> Note(Arrival& arrival, InboxState state, const base::Outcome& why, std::vector<std::string> waits, std::string answer, audit::Leaf& leaf);
  base::Result<base::Done> Receive(Arrival& arrival);
  // A message as it was kept.
  base::Result<Arrival> Reread(const std::string& key, const base::Context& context) const;

  const interaction::Services& services_;
  const mapping::MapsInForce& maps_;
  const Options& options_;
  Alarms& alarms_;
  const std::function<void(const std::string&)> on_parked_;
  PipelineCounts counts_;

  // Keys in hand: two deliveries of one message at a time would both find it unfinished.
  std::mutex mutex_;
  std::condition_variable free_;
  std::set<std::string> in_hand_;
};

}  // namespace heyi::exchange
