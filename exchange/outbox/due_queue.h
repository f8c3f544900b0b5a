// Which row of a channel is sent next. Rows that must stay in order (of one elder, of one bed) form a lane; only the front
// of a lane is ever under way, so a row that fails holds up its own lane and no other. The queue holds places, not
// messages, and only of the rows up to `loaded_to`: its owner reads on in the outbox when nothing here is due. Retries are
// not durable; a restart tries everything at once, in order.
//
// AllDue is O(lanes), every other operation O(log rows). Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "base/clock.h"
#include "exchange/outbox/outbox.h"

namespace heyi::exchange {

class DueQueue {
 public:
  // Adding what is there already changes nothing.
  void Add(const RowPlace& place, std::string_view order_key);

  struct Ticket {             // the right to send a row; to be handed back by Gone or Again
    RowPlace place;
    std::string order_key;
    uint32_t tries = 0;       // so far
  };
  // What has not been tried yet, in the order of what happened; every fourth time, and where there is none, the retry that
  // has been due longest: neither starves the other. None: nothing is due.
  std::optional<Ticket> Take(base::TimeMs now_ms);
  void Gone(const Ticket& ticket);                        // delivered, dead, dropped
  void Again(const Ticket& ticket, base::TimeMs due_ms);  // the lane waits until then

  // False where it is under way and stays. What is not here is removed already.
  bool Remove(const RowPlace& place, std::string_view order_key);
  void AllDue();                                          // the receiver is back: no lane waits any longer
  std::optional<base::TimeMs> NextDue() const;            // of rows not under way; 0: one that was not tried; none: there are none
  uint32_t TriesOf(const RowPlace& place, std::string_view order_key) const;

  size_t rows() const { return rows_; }
  const RowPlace& loaded_to() const { return loaded_to_; }
  void LoadedTo(const RowPlace& place) { loaded_to_ = place; }

 private:
  struct Lane {
    std::set<RowPlace> rows;
    base::TimeMs due_ms = 0;
    uint32_t tries = 0;        // of the front row
    bool under_way = false;
    RowPlace sent;             // while under way
  };
  using Lanes = std::unordered_map<std::string, Lane>;
  struct Due {                 // a lane that is not under way
    base::TimeMs due_ms;
    RowPlace front;
    Lanes::value_type* lane;   // node-based: stays where it is
    bool operator<(const Due& other) const { return std::tie(due_ms, front) < std::tie(other.due_ms, other.front); }
  };

  void Enlist(Lanes::value_type& lane);  // or takes the lane away where it is empty
  void Delist(Lanes::value_type& lane);

  Lanes lanes_;
  std::set<Due> due_;
  size_t rows_ = 0;
  uint32_t turn_ = 0;
  RowPlace loaded_to_;
};

}  // namespace heyi::exchange
