#include "net/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace heyi::net {
namespace {

thread_local Mailbox* own_mailbox = nullptr;

}  // namespace

std::shared_ptr<Mailbox> Mailbox::Make() {
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) return nullptr;
  return std::shared_ptr<Mailbox>(new Mailbox(fd));
}

Mailbox::~Mailbox() { ::close(event_fd_); }

void Mailbox::Open(Owner& owner) {
  owner_ = &owner;
  own_mailbox = this;
}

void Mailbox::Close() {
  own_mailbox = nullptr;
  Letters unread;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    std::swap(unread, letters_);
  }
}

void Mailbox::Deliver(Answer&& answer) {
  if (own_mailbox == this) return owner_->TakeLocal(std::move(answer));
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  letters_.answers.push_back(std::move(answer));
  Wake();
}

void Mailbox::Deliver(Newcomer&& newcomer) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  letters_.newcomers.push_back(std::move(newcomer));
  Wake();
}

void Mailbox::OrderStop(int64_t grace_ms) {
  const std::lock_guard lock(mutex_);
  letters_.stop = true;
  letters_.grace_ms = grace_ms;
  Wake();
}

// The loop watches the eventfd edge-triggered: each write wakes it, and nothing need be read.
void Mailbox::Wake() {
  if (std::exchange(woken_, true)) return;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_fd_, &one, sizeof(one));
}

void Mailbox::TakeAll(Letters* letters) {
  letters->answers.clear();
  letters->newcomers.clear();
  letters->stop = false;
  const std::lock_guard lock(mutex_);
  std::swap(*letters, letters_);
  woken_ = false;
}

}  // namespace heyi::net
