#include "exchange/outbox/due_queue.h"

namespace heyi::exchange {
namespace {

constexpr uint32_t kTurnsOfRetries = 4;

}  // namespace

void DueQueue::Enlist(Lanes::value_type& lane) {
  if (lane.second.rows.empty()) {
    lanes_.erase(lanes_.find(lane.first));
    return;
  }
  due_.insert({lane.second.due_ms, *lane.second.rows.begin(), &lane});
}

void DueQueue::Delist(Lanes::value_type& lane) {
  if (!lane.second.under_way && !lane.second.rows.empty()) due_.erase({lane.second.due_ms, *lane.second.rows.begin(), &lane});
}

void DueQueue::Add(const RowPlace& place, std::string_view order_key) {
  auto& lane = *lanes_.try_emplace(std::string(order_key)).first;
  Delist(lane);
  const bool was_empty = lane.second.rows.empty();
  const auto [added, is_new] = lane.second.rows.insert(place);
  if (is_new) ++rows_;
  // What comes to stand in front has not been tried yet. (While the lane is under way, its ticket says what is sent.)
  if (is_new && !was_empty && !lane.second.under_way && added == lane.second.rows.begin()) lane.second.due_ms = lane.second.tries = 0;
  if (!lane.second.under_way) Enlist(lane);
}

std::optional<DueQueue::Ticket> DueQueue::Take(base::TimeMs now_ms) {
  auto next = due_.begin();
  if (++turn_ % kTurnsOfRetries == 0) {
    const auto retry = due_.lower_bound({1, {}, nullptr});
    if (retry != due_.end() && retry->due_ms <= now_ms) next = retry;
  }
  if (next == due_.end() || next->due_ms > now_ms) return std::nullopt;
  auto& lane = *next->lane;
  due_.erase(next);
  lane.second.under_way = true;
  lane.second.sent = *lane.second.rows.begin();
  return Ticket{*lane.second.rows.begin(), lane.first, lane.second.tries};
}

void DueQueue::Gone(const Ticket& ticket) {
  auto& lane = *lanes_.find(ticket.order_key);
  rows_ -= lane.second.rows.erase(ticket.place);
  lane.second.under_way = false;
  lane.second.due_ms = 0;
  lane.second.tries = 0;
  Enlist(lane);
}

void DueQueue::Again(const Ticket& ticket, base::TimeMs due_ms) {
  auto& lane = *lanes_.find(ticket.order_key);
  lane.second.under_way = false;
  // A row that an operator has put in front meanwhile does not wait for the one that failed.
  const bool still_front = !lane.second.rows.empty() && *lane.second.rows.begin() == ticket.place;
  lane.second.due_ms = still_front ? due_ms : 0;
  lane.second.tries = still_front ? ticket.tries + 1 : 0;
  Enlist(lane);
}

bool DueQueue::Remove(const RowPlace& place, std::string_view order_key) {
  const auto found = lanes_.find(std::string(order_key));
  if (found == lanes_.end()) return true;
  auto& lane = *found;
  if (lane.second.under_way) {
    if (lane.second.sent == place) return false;
    rows_ -= lane.second.rows.erase(place);
    return true;
  }
  Delist(lane);
  if (*lane.second.rows.begin() == place) lane.second.due_ms = lane.second.tries = 0;
  rows_ -= lane.second.rows.erase(place);
  Enlist(lane);
  return true;
}

void DueQueue::AllDue() {
  std::set<Due> due;
  for (const Due& one : due_) {
    one.lane->second.due_ms = 0;
    due.insert({0, one.front, one.lane});
  }
  due_ = std::move(due);
}

std::optional<base::TimeMs> DueQueue::NextDue() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->due_ms;
}

uint32_t DueQueue::TriesOf(const RowPlace& place, std::string_view order_key) const {
  const auto found = lanes_.find(std::string(order_key));
  if (found == lanes_.end() || found->second.rows.empty() || *found->second.rows.begin() != place) return 0;
  return found->second.tries;
}

}  // namespace heyi::exchange
