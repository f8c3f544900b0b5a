// From the feed to the outbox: which change is told to which department, in which message (exchange/routing/). The
// follower's cursor and the rows it makes are one commit, so nothing is told twice and nothing is passed over.
#pragma once

#include <memory>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/outbox/outbox.h"
#include "exchange/routing/composer.h"
#include "exchange/routing/routing.h"

namespace heyi::exchange {

class Router {
 public:
  Router(const interaction::Services& services, const mapping::MapsInForce& maps, const Options& options, const Routing& routing)
      : services_(services), options_(options), routing_(routing), composer_(services, maps) {}

  // Routes entries behind the cursor, at most `entries_max`. Returns the t reached. One thread.
  base::Result<uint64_t> Advance(size_t entries_max);
  // How many rows the last Advance has made and committed for each of the options' routes.
  const std::vector<uint64_t>& added() const { return added_; }

 private:
  base::Result<base::Done> RouteEntry(uint64_t t, const audit::Leaf& leaf, const std::vector<Change>& changes, std::vector<store::Fact>& out);
  OutboxRow MakeRow(const Route& route, const RouteRule& rule, const Change& change, Composition composition, const RowPlace& place) const;

  const interaction::Services& services_;
  const Options& options_;
  const Routing& routing_;
  const Composer composer_;
  std::vector<uint64_t> added_;
  uint64_t reached_ = 0;   // looked at already; the durable cursor may lie behind
};

}  // namespace heyi::exchange
