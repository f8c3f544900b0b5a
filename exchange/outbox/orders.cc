// What operators order of a channel's rows (outbox/delivery.h).
#include <algorithm>

#include "base/log.h"
#include "exchange/outbox/delivery.h"
#include "exchange/pauses.h"

namespace heyi::exchange {
namespace {

constexpr size_t kRowsACommit = 100;
constexpr size_t kRowsScannedMax = 20'000;  // for one page

void AppendTo(Delivery::Ordered& all, Delivery::Ordered more) {
  all.moved += more.moved;
  all.already += more.already;
  all.busy.insert(all.busy.end(), more.busy.begin(), more.busy.end());
  all.unknown.insert(all.unknown.end(), more.unknown.begin(), more.unknown.end());
}

}  // namespace

base::Result<bool> Delivery::SetPaused(bool paused, const audit::Leaf& leaf) {
  {
    const std::lock_guard lock(mutex_);
    if (paused_ == paused) return false;
  }
  const base::TimeMs now_ms = clock_.NowMs();
  HEYI_CHECK(WritePaused(store_, route_.name, paused, now_ms, leaf));
  {
    const std::lock_guard lock(mutex_);
    paused_ = paused;
    since_ms_ = now_ms;
    if (!paused) {
      breaker_.Reset();
      queue_.AllDue();
    }
  }
  wake_.notify_all();
  base::Log(base::LogLevel::kInfo, paused ? "exchange.channel-paused" : "exchange.channel-resumed", {{"channel", route_.name}});
  return true;
}

base::Result<Delivery::Ordered> Delivery::Redeliver(const std::vector<RowPlace>& places, const audit::Leaf& leaf) {
  Ordered ordered;
  for (size_t begin = 0; begin < places.size(); begin += kRowsACommit) {
    std::vector<Ledger::Move> moves;
    Ordered part;
    for (size_t i = begin; i < std::min(begin + kRowsACommit, places.size()); ++i) {
      bool found = false;
      for (const RowState from : {RowState::kQuarantined, RowState::kDead}) {
        HEYI_TRY(stored, ledger_.Find(from, places[i]));
        if (!stored) continue;
        found = true;
        stored->row.reason = stored->row.severity = stored->row.owner = "";
        stored->row.stopped_ms = 0;
        moves.push_back({places[i], from, std::move(*stored)});
        break;
      }
      if (found) continue;
      HEYI_TRY(waiting, ledger_.Find(RowState::kWaiting, places[i]));
      HEYI_TRY(delivered, ledger_.IsDelivered(places[i]));
      if (waiting || delivered) ++part.already;
      else part.unknown.push_back(MessageIdOf(places[i]));
    }
    HEYI_CHECK(ledger_.MoveAll(moves, RowState::kWaiting, leaf));
    part.moved = moves.size();
    {
      const std::lock_guard lock(mutex_);
      counts_.waiting += moves.size();
      for (const Ledger::Move& move : moves) {
        --(move.from == RowState::kDead ? counts_.dead : counts_.quarantined);
        queue_.Add(move.place, move.stored.row.order_key);
      }
    }
    wake_.notify_all();
    AppendTo(ordered, std::move(part));
  }
  return ordered;
}

base::Result<Delivery::Ordered> Delivery::RedeliverAll(RowState state, size_t limit, const audit::Leaf& leaf) {
  std::vector<RowPlace> places;
  HEYI_CHECK(ledger_.Visit(state, std::nullopt, [&](const RowPlace& place, const OutboxRow&) {
    if (places.size() < limit) places.push_back(place);
    return places.size() < limit;
  }));
  return Redeliver(places, leaf);
}

base::Result<Delivery::Ordered> Delivery::Drop(const std::vector<RowPlace>& places, const std::string& reason, const audit::Leaf& leaf) {
  Ordered ordered;
  const auto dropped = [&](Ledger::Stored stored) {
    stored.row.reason = reason;
    stored.row.stopped_ms = clock_.NowMs();
    return stored;
  };
  for (const RowPlace& place : places) {
    bool known = false;
    for (const RowState from : {RowState::kWaiting, RowState::kQuarantined, RowState::kDead}) {
      HEYI_TRY(stored, ledger_.Find(from, place));
      if (!stored) continue;
      known = true;
      const std::string order_key = stored->row.order_key;
      if (from == RowState::kWaiting) {
        const std::lock_guard lock(mutex_);
        if (!queue_.Remove(place, order_key)) {
          ordered.busy.push_back(MessageIdOf(place));
          break;
        }
      }
      const auto moved = ledger_.MoveAll({{place, from, dropped(std::move(*stored))}}, RowState::kDropped, leaf);
      const std::lock_guard lock(mutex_);
      if (!moved.ok()) {
        if (from == RowState::kWaiting) queue_.Add(place, order_key);
        if (moved.error().kind != base::ErrorKind::kStale) return moved.error();
        ordered.busy.push_back(MessageIdOf(place));  // it moved under our hands
        break;
      }
      ++ordered.moved;
      --(from == RowState::kWaiting ? counts_.waiting : from == RowState::kDead ? counts_.dead : counts_.quarantined);
      break;
    }
    if (known) continue;
    HEYI_TRY(already, ledger_.Find(RowState::kDropped, place));
    HEYI_TRY(delivered, ledger_.IsDelivered(place));
    if (already || delivered) ++ordered.already;
    else ordered.unknown.push_back(MessageIdOf(place));
  }
  return ordered;
}

base::Result<std::vector<Delivery::Listed>> Delivery::Rows(RowState state, std::string_view order_key, const std::optional<RowPlace>& after,
                                                           size_t limit, std::optional<RowPlace>* next) const {
  std::vector<Listed> rows;
  size_t seen = 0;
  HEYI_CHECK(ledger_.Visit(state, after, [&](const RowPlace& place, const OutboxRow& row) {
    if (order_key.empty() || row.order_key == order_key) rows.push_back({place, row, 0});
    if (++seen < kRowsScannedMax && rows.size() < limit) return true;
    *next = place;
    return false;
  }));
  const std::lock_guard lock(mutex_);
  for (Listed& listed : rows) listed.tries = state == RowState::kWaiting ? queue_.TriesOf(listed.place, listed.row.order_key) : 0;
  return rows;
}

}  // namespace heyi::exchange
