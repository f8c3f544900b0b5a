// From the feed to the outbox: which change is told to which department, in which message. The follower's cursor and
// the rows it makes are one commit, so nothing is told twice and nothing is passed over.
#pragma once

#include <vector>

#include "exchange/exchange.h"
#include "exchange/outbox/outbox.h"

namespace heyi::exchange {

class Router {
 public:
  Router(const interaction::Services& services, const mapping::MapsInForce& maps, const Options& options)
      : services_(services), maps_(maps), options_(options) {}

  // Routes entries behind the cursor, at most `entries_max`. Returns the t reached. One thread.
  base::Result<uint64_t> Advance(size_t entries_max);
  // How many rows the last Advance has made and committed for each of the options' routes.
  const std::vector<uint64_t>& added() const { return added_; }

 private:
  struct Change {
    std::string type, id;
    uint64_t version;
    uint32_t label;
  };
  base::Result<base::Done> RouteEntry(uint64_t t, const audit::Leaf& leaf, const std::vector<Change>& changes, std::vector<store::Fact>& out);
  base::Result<std::optional<OutboxRow>> Compose(const Route& route, const Change& change, const store::Snapshot& snapshot, uint64_t t, size_t position);

  const interaction::Services& services_;
  const mapping::MapsInForce& maps_;
  const Options& options_;
  std::vector<uint64_t> added_ = std::vector<uint64_t>(options_.routes.size());
  uint64_t reached_ = 0;   // looked at already; the durable cursor may lie behind
};

}  // namespace heyi::exchange
