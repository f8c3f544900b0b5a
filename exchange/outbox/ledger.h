// The durable side of a channel's rows: every move of a row from one space to another (outbox/outbox.h) is one commit with
// its leaf, on condition that the row still stands as it was read.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/leaf.h"
#include "exchange/channel.h"
#include "store/store.h"

namespace heyi::exchange {

class Ledger {
 public:
  // All outlive the ledger.
  Ledger(store::Store& store, const Route& route, const base::Clock& clock) : store_(store), route_(route), clock_(clock) {}

  struct Stored {
    std::string text;   // the fact, what a commit expects to find
    OutboxRow row;
  };
  base::Result<std::optional<Stored>> Find(RowState state, const RowPlace& place) const;
  base::Result<bool> IsDelivered(const RowPlace& place) const;

  base::Result<uint64_t> Count(RowState state) const;  // reads them all
  // Visits rows of a state in order, behind `after` (none: from the first), until `visit` returns false.
  base::Result<base::Done> Visit(RowState state, const std::optional<RowPlace>& after,
                                 const std::function<bool(const RowPlace&, const OutboxRow&)>& visit) const;

  // Sends whose repeat could do harm are noted before they begin: what the process leaves behind so when it ends is unclear.
  //   errors  kStale: the row is gone, or claimed already
  base::Result<base::Done> Claim(const RowPlace& place, const std::string& text);
  base::Result<base::Done> Unclaim(const RowPlace& place);  // it was surely not sent
  base::Result<std::vector<RowPlace>> Claimed() const;

  // Ends a row's waiting. Delivered: what an operator has ordered of it meanwhile does not undo that.
  //   errors  kStale: the row waits no longer
  base::Result<base::Done> Delivered(const RowPlace& place, const Stored& stored);
  base::Result<base::Done> Stopped(const RowPlace& place, const Stored& stored, RowState state, const SendResult& why);

  // What an operator orders of rows; `leaf` is the order's, its elders are filled in here.
  struct Move {
    RowPlace place;
    RowState from;
    Stored stored;      // `row` as it is to be written
  };
  //   errors  kStale: one of them has changed; nothing was moved
  base::Result<base::Done> MoveAll(const std::vector<Move>& moves, RowState to, audit::Leaf leaf);

 private:
  std::string Key(const RowPlace& place) const { return OutboxKey(route_.name, place); }
  audit::Leaf LeafOf(const OutboxRow& row, int status, std::string_view rule) const;

  store::Store& store_;
  const Route& route_;
  const base::Clock& clock_;
};

}  // namespace heyi::exchange
