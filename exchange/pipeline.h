// A message's way in: received, mapped, planned, committed with its acknowledgement.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

#include "exchange/exchange.h"
#include "exchange/inbox/inbox.h"

namespace heyi::exchange {

struct PipelineCounts {
  std::atomic<uint64_t> received{0}, repeated{0}, refused{0}, parked{0};
};

class Pipeline {
 public:
  Pipeline(const interaction::Services& services, const mapping::MapLibrary& maps, const Options& options)
      : services_(services), maps_(maps), options_(options) {}

  Reply Take(const adapters::Adapter& adapter, std::string raw, const base::Context& context, std::string_view peer, std::string_view agreement);

  // "Not taken, send the same again later", for a reason that has nothing to do with the message. Nothing is kept.
  Reply Decline(const adapters::Adapter& adapter, const std::string& raw, const base::Context& context, std::string_view peer,
                std::string_view agreement, std::string_view rule) const;

  // Goes on with every message that was received but not done when the process last ended.
  base::Result<base::Done> FinishReceived(const base::Context& context);

  const PipelineCounts& counts() const { return counts_; }

 private:
  struct Arrival;  // one message on its way

  Reply Process(Arrival& arrival);
  base::Result<store::CommitDraft> PlanEffects(Arrival& arrival, adapters::Acknowledgement& ack, std::string* answer, audit::Leaf& leaf);
  Reply NotTaken(const Arrival& arrival, const base::Error& why) const;
  Reply Conclude(Arrival& arrival, InboxState state, const base::Outcome& why);
  base::Result<base::Done> Receive(Arrival& arrival, const std::string& raw);

  const interaction::Services& services_;
  const mapping::MapLibrary& maps_;
  const Options& options_;
  PipelineCounts counts_;

  // Keys in hand: two deliveries of one message at a time would both find it unfinished.
  std::mutex mutex_;
  std::condition_variable free_;
  std::set<std::string> in_hand_;
};

}  // namespace heyi::exchange
