#include "net/event_loop.h"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace heyi::net {
namespace {

constexpr size_t kReceiveBytes = 64 * 1024;
constexpr size_t kEventsPerTurn = 256;
constexpr int64_t kAcceptPauseMs = 100;
constexpr uint64_t kMailboxTag = UINT64_MAX, kAcceptorTag = UINT64_MAX - 1;

int64_t ClockMs(clockid_t clock) {
  timespec time;
  ::clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

uint32_t SlotOf(ConnectionId id) { return static_cast<uint32_t>(id); }

void WatchFd(int epoll_fd, int operation, int fd, uint32_t events, uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  ::epoll_ctl(epoll_fd, operation, fd, &event);
}

}  // namespace

std::unique_ptr<EventLoop> EventLoop::Make(const Limits& limits, uint32_t connections_max, const ConnectionMaker& make) {
  auto mailbox = Mailbox::Make();
  const int epoll_fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (mailbox == nullptr || epoll_fd < 0) {
    if (epoll_fd >= 0) ::close(epoll_fd);
    return nullptr;
  }
  return std::unique_ptr<EventLoop>(new EventLoop(limits, connections_max, make, std::move(mailbox), epoll_fd));
}

EventLoop::EventLoop(const Limits& limits, uint32_t connections_max, const ConnectionMaker& make,
                     std::shared_ptr<Mailbox> mailbox, int epoll_fd)
    : connections_max_(connections_max),
      make_(make),
      epoll_fd_(epoll_fd),
      shared_{.limits = limits,
              .mailbox = std::move(mailbox),
              .now_ms = ClockMs(CLOCK_MONOTONIC),
              .date = {},
              .buffers = {},
              .receive_buffer = std::vector<char>(kReceiveBytes)},
      wheel_(shared_.now_ms) {
  WatchFd(epoll_fd_, EPOLL_CTL_ADD, shared_.mailbox->event_fd(), EPOLLIN | EPOLLET, kMailboxTag);
}

EventLoop::~EventLoop() { ::close(epoll_fd_); }

void EventLoop::Accept(std::unique_ptr<Acceptor> acceptor, std::function<void(Newcomer&&)> route) {
  acceptor_ = std::move(acceptor);
  route_ = std::move(route);
  WatchFd(epoll_fd_, EPOLL_CTL_ADD, acceptor_->fd(), EPOLLIN, kAcceptorTag);
}

void EventLoop::Run() {
  shared_.mailbox->Open(*this);
  while (!stopping_ || (connections_open() > 0 && shared_.now_ms < stop_by_ms_)) Turn();
  for (Slot& slot : slots_) {
    if (slot.connection != nullptr) Close(*slot.connection);
  }
  Publish();
  shared_.mailbox->Close();
}

void EventLoop::Turn() {
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = ::epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), WaitMs());
  RefreshTime();
  bool letters = false, newcomers = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.u64 == kMailboxTag) {
      letters = true;
    } else if (event.data.u64 == kAcceptorTag) {
      newcomers = true;
    } else if (Connection* connection = Find(event.data.u64)) {
      connection->touched = true;
      if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) {
        connection->Broken();
      } else if ((event.events & EPOLLIN) != 0) {
        connection->Readable();
      }
      Settle(*connection);
    }
  }
  if (letters) TakeLetters();
  if (newcomers) AcceptWaiting();
  if (shared_.now_ms >= accept_again_ms_) ResumeAccepting();
  SettleTouched();

  wheel_.Advance(shared_.now_ms, &expired_);
  for (ConnectionId id : expired_) {
    if (Connection* connection = Find(id)) {
      connection->touched = true;
      connection->DeadlineReached();
      Settle(*connection);
    }
  }
  expired_.clear();
  Publish();
}

void EventLoop::RefreshTime() {
  shared_.now_ms = ClockMs(CLOCK_MONOTONIC);
  shared_.date.Refresh(ClockMs(CLOCK_REALTIME_COARSE) / 1000);
}

int EventLoop::WaitMs() const {
  if (!touched_.empty()) return 0;
  int64_t wait = wheel_.NextDelayMs(shared_.now_ms);
  for (int64_t until : {accept_again_ms_, stop_by_ms_}) {
    if (until == kNoDeadline) continue;
    const int64_t left = std::max<int64_t>(until - shared_.now_ms, 0);
    wait = wait < 0 ? left : std::min(wait, left);
  }
  return static_cast<int>(wait);
}

Connection* EventLoop::Find(ConnectionId id) {
  const uint32_t slot = SlotOf(id);
  if (slot >= slots_.size() || slots_[slot].connection == nullptr) return nullptr;
  return slots_[slot].connection->id() == id ? slots_[slot].connection.get() : nullptr;
}

void EventLoop::TakeLetters() {
  shared_.mailbox->TakeAll(&letters_);
  for (Newcomer& newcomer : letters_.newcomers) {
    expected_.fetch_sub(1, std::memory_order_relaxed);
    Adopt(std::move(newcomer));
  }
  for (Answer& answer : letters_.answers) TakeLocal(std::move(answer));
  if (letters_.stop) BeginStop(letters_.grace_ms);
}

void EventLoop::TakeLocal(Answer&& answer) {
  Connection* connection = Find(answer.connection);
  if (connection == nullptr) return;
  connection->Answered(std::move(answer));
  Touch(*connection);
}

void EventLoop::AcceptWaiting() {
  if (acceptor_ == nullptr) return;
  if (acceptor_->Accept(route_) == Acceptor::Progress::kExhausted) {
    Evict();
    PauseAccepting();
  }
}

void EventLoop::PauseAccepting() {
  WatchFd(epoll_fd_, EPOLL_CTL_MOD, acceptor_->fd(), 0, kAcceptorTag);
  accept_again_ms_ = shared_.now_ms + kAcceptPauseMs;
}

void EventLoop::ResumeAccepting() {
  accept_again_ms_ = kNoDeadline;
  if (acceptor_ != nullptr) WatchFd(epoll_fd_, EPOLL_CTL_MOD, acceptor_->fd(), EPOLLIN, kAcceptorTag);
}

void EventLoop::Adopt(Newcomer&& newcomer) {
  if (stopping_ || (connections_open() >= connections_max_ && !Evict())) return;
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint32_t at = free_slots_.back();
  free_slots_.pop_back();
  Slot& slot = slots_[at];
  const ConnectionId id = ConnectionId{++slot.generation} << 32 | at;
  slot.connection = make_(shared_, id, std::move(newcomer));
  Connection& connection = *slot.connection;
  ++total_;
  open_.fetch_add(1, std::memory_order_relaxed);
  never_served_.PushBack(connection.rank);
  connection.watched = {.read = true, .write = false};
  WatchFd(epoll_fd_, EPOLL_CTL_ADD, connection.fd(), EPOLLIN, id);
  Settle(connection);
}

bool EventLoop::Evict() {
  LinkList& from = never_served_.empty() ? at_rest_ : never_served_;
  if (from.empty()) return false;
  ++evictions_;
  Close(*Find(from.front()->id));
  return true;
}

void EventLoop::Touch(Connection& connection) {
  if (!std::exchange(connection.touched, true)) touched_.push_back(connection.id());
}

void EventLoop::SettleTouched() {
  std::swap(touched_, settling_);
  for (ConnectionId id : settling_) {
    if (Connection* connection = Find(id)) Settle(*connection);
  }
  settling_.clear();
}

void EventLoop::Settle(Connection& connection) {
  connection.touched = true;  // answers given meanwhile need no second visit
  connection.Settle();
  connection.touched = false;
  if (connection.dead()) return Close(connection);
  const Connection::Wants wants = connection.wants();
  if (wants != connection.watched) Watch(connection);
  wheel_.Set(connection.timer, connection.deadline_ms());
  if (connection.served()) {
    if (connection.at_rest()) {
      at_rest_.PushBack(connection.rank);
    } else {
      connection.rank.Leave();
    }
  }
  if (connection.has_work()) Touch(connection);
}

void EventLoop::Watch(Connection& connection) {
  connection.watched = connection.wants();
  const uint32_t events = (connection.watched.read ? EPOLLIN : 0u) | (connection.watched.write ? EPOLLOUT : 0u);
  WatchFd(epoll_fd_, EPOLL_CTL_MOD, connection.fd(), events, connection.id());
}

void EventLoop::Close(Connection& connection) {
  const uint32_t at = SlotOf(connection.id());
  slots_[at].connection.reset();  // closing the descriptor takes it out of epoll
  free_slots_.push_back(at);
  open_.fetch_sub(1, std::memory_order_relaxed);
}

void EventLoop::BeginStop(int64_t grace_ms) {
  stopping_ = true;
  stop_by_ms_ = shared_.now_ms + grace_ms;
  accept_again_ms_ = kNoDeadline;
  acceptor_.reset();
  for (Slot& slot : slots_) {
    if (slot.connection == nullptr) continue;
    slot.connection->touched = true;
    slot.connection->Stop();
    Settle(*slot.connection);
  }
}

void EventLoop::Publish() {
  published_total_.store(total_, std::memory_order_relaxed);
  published_requests_.store(shared_.requests, std::memory_order_relaxed);
  published_errors_.store(shared_.framing_errors, std::memory_order_relaxed);
  published_evictions_.store(evictions_, std::memory_order_relaxed);
}

void EventLoop::AddCounters(ServerCounters* sum) const {
  sum->connections_open += connections_open();
  sum->connections_total += published_total_.load(std::memory_order_relaxed);
  sum->requests_total += published_requests_.load(std::memory_order_relaxed);
  sum->framing_errors_total += published_errors_.load(std::memory_order_relaxed);
  sum->evictions_total += published_evictions_.load(std::memory_order_relaxed);
}

}  // namespace heyi::net
