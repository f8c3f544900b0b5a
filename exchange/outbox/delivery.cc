#include "exchange/outbox/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "exchange/pauses.h"

namespace heyi::exchange {
namespace {

constexpr uint32_t kLookAgainMs = 500;
constexpr size_t kRowsAPage = 1'000;

std::string PlaceNameOf(const Route& route) {
  switch (route.kind) {
    case ChannelKind::kHttp: return route.url;
    case ChannelKind::kMllp: return fmt::format("mllp://{}:{}", route.host, route.port);
    case ChannelKind::kFolder: return route.directory;
  }
  return {};
}

}  // namespace

std::string_view ChannelStateName(ChannelState state) {
  constexpr std::string_view kNames[] = {"open", "paused", "broken"};
  return kNames[static_cast<size_t>(state)];
}

Delivery::Delivery(store::Store& store, Route route, const base::Clock& clock, MakeConnection make_connection)
    : route_(std::move(route)),
      clock_(clock),
      make_connection_(std::move(make_connection)),
      store_(store),
      ledger_(store, route_, clock),
      breaker_(route_.breaker),
      since_ms_(clock.NowMs()) {}

base::Result<base::Done> Delivery::Open() {
  HEYI_TRY(paused_since, PausedSince(store_, route_.name));
  if (paused_since) {
    paused_ = true;
    since_ms_ = *paused_since;
  }
  HEYI_TRY(claimed, ledger_.Claimed());
  for (const RowPlace& place : claimed) {
    HEYI_TRY(stored, ledger_.Find(RowState::kWaiting, place));
    if (!stored || route_.idempotent) {
      HEYI_CHECK(ledger_.Unclaim(place));
    } else {
      HEYI_CHECK(ledger_.Stopped(place, *stored, RowState::kQuarantined, {Sent::kUnclear, Fault::kReceiver, "the program ended while it was being sent"}));
    }
  }
  HEYI_TRY(waiting, ledger_.Count(RowState::kWaiting));
  HEYI_TRY(dead, ledger_.Count(RowState::kDead));
  HEYI_TRY(quarantined, ledger_.Count(RowState::kQuarantined));
  counts_.waiting = waiting;
  counts_.dead = dead;
  counts_.quarantined = quarantined;
  added_ = 1;
  return base::Done{};
}

void Delivery::Start() {
  const uint32_t connections = std::clamp<uint32_t>(route_.connections, 1, kConnectionsMax);
  running_ = connections;
  for (uint32_t i = 0; i < connections; ++i) threads_.emplace_back([this] { Send(); });
}

void Delivery::BeginStop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

void Delivery::Stop(uint32_t grace_ms) {
  BeginStop();
  {
    Lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::milliseconds(grace_ms), [this] { return running_ == 0; });
  }
  cancelled_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Delivery::RowsAdded(uint64_t rows) {
  if (rows == 0) return;
  {
    const std::lock_guard lock(mutex_);
    counts_.waiting += rows;
    ++added_;
  }
  wake_.notify_all();
}

void Delivery::Send() {
  {
    const std::unique_ptr<Channel> connection = make_connection_(cancelled_);
    while (const auto ticket = Next()) Carry(*connection, *ticket);
  }
  const std::lock_guard lock(mutex_);
  --running_;
  wake_.notify_all();
}

std::optional<DueQueue::Ticket> Delivery::Next() {
  Lock lock(mutex_);
  while (!stopping_) {
    const base::TimeMs now_ms = clock_.NowMs();
    base::TimeMs again_ms = now_ms + kLookAgainMs;
    if (!paused_ && breaker_.Admit(now_ms)) {
      // What was never tried goes before retries, also where it is still to be read: else many retries would hide it.
      if (queue_.NextDue() != 0 && MayReadOn()) {
        breaker_.ProbeUnused();
        ReadOn(lock);
        continue;
      }
      if (auto ticket = queue_.Take(now_ms)) return ticket;
      breaker_.ProbeUnused();
      if (const auto due_ms = queue_.NextDue()) again_ms = std::min(again_ms, *due_ms);
    } else if (!paused_) {
      again_ms = std::min(again_ms, breaker_.AdmitsAt(now_ms));
    }
    wake_.wait_for(lock, std::chrono::milliseconds(std::max<base::TimeMs>(again_ms - now_ms, 1)));
  }
  return std::nullopt;
}

bool Delivery::MayReadOn() const {
  return !loading_ && read_to_ != added_ && queue_.rows() < kQueueRowsMax && clock_.NowMs() >= read_again_ms_;
}

void Delivery::ReadOn(Lock& lock) {
  loading_ = true;
  const uint64_t generation = added_;
  const RowPlace from = queue_.loaded_to();
  lock.unlock();
  std::vector<std::pair<RowPlace, std::string>> page;
  const auto visited = ledger_.Visit(RowState::kWaiting, from, [&](const RowPlace& place, const OutboxRow& row) {
    page.emplace_back(place, row.order_key);
    return page.size() < kRowsAPage;
  });
  lock.lock();
  loading_ = false;
  if (!visited.ok()) {
    read_again_ms_ = clock_.NowMs() + kLookAgainMs;
    return;
  }
  for (const auto& [place, order_key] : page) queue_.Add(place, order_key);
  if (!page.empty()) queue_.LoadedTo(page.back().first);
  if (page.size() < kRowsAPage) read_to_ = generation;
  if (page.size() > 1) wake_.notify_all();
}

void Delivery::NotThere(const DueQueue::Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  breaker_.ProbeUnused();
  queue_.Gone(ticket);
}

// Ours, not the receiver's: the row waits, and the breaker hears nothing of it.
void Delivery::StoreFailed(const DueQueue::Ticket& ticket, const base::Error& error) {
  const std::lock_guard lock(mutex_);
  breaker_.ProbeUnused();
  last_error_ = base::EnglishText(error.outcome.issues().front());
  last_error_ms_ = clock_.NowMs();
  queue_.Again(ticket, clock_.NowMs() + route_.retry.PauseMs(ticket.tries + 1));
}

base::Result<base::Done> Delivery::Claim(const DueQueue::Ticket& ticket, const Ledger::Stored& stored) {
  if (route_.idempotent) return base::Done{};
  auto claimed = ledger_.Claim(ticket.place, stored.text);
  if (claimed.ok() || claimed.error().kind != base::ErrorKind::kStale) return claimed;
  // Claimed before, and what became of that could not be noted.
  HEYI_CHECK(ledger_.Stopped(ticket.place, stored, RowState::kQuarantined, {Sent::kUnclear, Fault::kReceiver, "an earlier send was not concluded"}));
  const std::lock_guard lock(mutex_);
  --counts_.waiting;
  ++counts_.quarantined;
  return claimed;
}

void Delivery::Carry(Channel& connection, const DueQueue::Ticket& ticket) {
  const auto stored = ledger_.Find(RowState::kWaiting, ticket.place);
  if (!stored.ok()) return StoreFailed(ticket, stored.error());
  if (!*stored) return NotThere(ticket);
  if (const auto claimed = Claim(ticket, **stored); !claimed.ok()) {
    return claimed.error().kind == base::ErrorKind::kStale ? NotThere(ticket) : StoreFailed(ticket, claimed.error());
  }
  base::FaultPoint("delivery.before-send");
  const SendResult result = connection.Send((*stored)->row);
  base::FaultPoint("delivery.sent");
  Conclude(ticket, **stored, result);
  base::FaultPoint("delivery.settled");
}

void Delivery::Conclude(const DueQueue::Ticket& ticket, const Ledger::Stored& stored, const SendResult& result) {
  const bool quarantine = result.sent == Sent::kUnclear && !route_.idempotent;
  const bool ends = result.sent == Sent::kTaken || result.sent == Sent::kRefused || quarantine;
  base::Result<base::Done> noted = base::Done{};
  if (result.sent == Sent::kTaken) noted = ledger_.Delivered(ticket.place, stored);
  else if (ends) noted = ledger_.Stopped(ticket.place, stored, quarantine ? RowState::kQuarantined : RowState::kDead, result);
  else if (!route_.idempotent) noted = ledger_.Unclaim(ticket.place);
  const bool stale = !noted.ok() && noted.error().kind == base::ErrorKind::kStale;
  if (ends && !noted.ok() && !stale) return StoreFailed(ticket, noted.error());

  if (ends && result.sent != Sent::kTaken && !stale) {
    base::Log(base::LogLevel::kWarning, quarantine ? "exchange.quarantined" : "exchange.dead-letter",
              {{"channel", route_.name}, {"row", stored.row.message_id}, {"why", result.reason}});
  }
  const std::lock_guard lock(mutex_);
  NoteHealth(result);
  if (!ends) {
    queue_.Again(ticket, clock_.NowMs() + route_.retry.PauseMs(ticket.tries + 1));
    return;
  }
  if (!stale) {
    --counts_.waiting;
    ++(result.sent == Sent::kTaken ? counts_.delivered : quarantine ? counts_.quarantined : counts_.dead);
  }
  queue_.Gone(ticket);
}

// A receiver that refuses is well: it has read the message.
void Delivery::NoteHealth(const SendResult& result) {
  const base::TimeMs now_ms = clock_.NowMs();
  if (result.sent != Sent::kTaken) {
    last_error_ = base::IsValidUtf8(result.reason) ? result.reason : "(unreadable)";
    last_error_ms_ = now_ms;
  }
  if (result.sent == Sent::kTaken || result.sent == Sent::kRefused) {
    if (!breaker_.Succeeded()) return;
    if (!paused_) since_ms_ = now_ms;
    queue_.AllDue();
    wake_.notify_all();
    base::Log(base::LogLevel::kInfo, "exchange.channel-well", {{"channel", route_.name}, {"waiting", fmt::format("{}", counts_.waiting)}});
    return;
  }
  if (!breaker_.Failed(now_ms)) {
    wake_.notify_all();  // of a probe: the others wait for the next one
    return;
  }
  if (!paused_) since_ms_ = now_ms;
  ++counts_.openings;
  base::Log(base::LogLevel::kWarning, "exchange.channel-broken",
            {{"channel", route_.name}, {"waiting", fmt::format("{}", counts_.waiting)}, {"why", last_error_}});
}

std::pair<ChannelState, ChannelCounts> Delivery::health() const {
  const std::lock_guard lock(mutex_);
  const ChannelState unpaused = breaker_.state() == Breaker::State::kClosed ? ChannelState::kOpen : ChannelState::kBroken;
  return {paused_ ? ChannelState::kPaused : unpaused, counts_};
}

ChannelReport Delivery::report() const {
  ChannelReport report;
  report.name = route_.name;
  report.department = route_.department;
  report.place = PlaceNameOf(route_);
  report.kind = route_.kind;
  std::tie(report.state, report.counts) = health();
  {
    const std::lock_guard lock(mutex_);
    report.since_ms = since_ms_;
    report.last_error = last_error_;
    report.last_error_ms = last_error_ms_;
  }
  if (report.counts.waiting == 0) return report;
  static_cast<void>(ledger_.Visit(RowState::kWaiting, std::nullopt, [&](const RowPlace&, const OutboxRow& row) {
    report.oldest_waiting_ms = row.made_ms;
    return false;
  }));
  return report;
}

}  // namespace heyi::exchange
