#include "store/journal/preparer.h"

#include <unistd.h>

#include <utility>

namespace heyi::store {

SegmentPreparer::SegmentPreparer(std::string directory)
    : directory_(std::move(directory)), thread_([this] { Run(); }) {}

SegmentPreparer::~SegmentPreparer() {
  give_up_ = true;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    changed_.notify_all();
  }
  thread_.join();
  if (state_ == State::kMade) ::unlink(SegmentPath(directory_, number_).c_str());
}

void SegmentPreparer::Request(uint32_t number, uint64_t size) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (state_ != State::kIdle) return;
  state_ = State::kWanted;
  number_ = number;
  size_ = size;
  changed_.notify_all();
}

base::Result<SegmentPreparer::Taken> SegmentPreparer::Take(uint32_t number, uint64_t size) {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return state_ != State::kWanted; });
    if (state_ == State::kMade) {
      state_ = State::kIdle;
      if (number_ == number && size_ >= size) return Taken{std::move(file_), size_};
      file_ = File();
      ::unlink(SegmentPath(directory_, number_).c_str());  // too small for the group that comes; zeros only
    }
  }
  HEYI_TRY(file, CreateSegment(directory_, number, size, give_up_));
  return Taken{std::move(file), size};
}

void SegmentPreparer::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return give_up_ || state_ == State::kWanted; });
    if (give_up_) return;
    const uint32_t number = number_;
    const uint64_t size = size_;
    lock.unlock();
    File made;
    try {
      base::Result<File> created = CreateSegment(directory_, number, size, give_up_);
      if (created.ok()) made = std::move(*created);  // else Take tries again and reports
    } catch (...) {  // out of memory: as above
    }
    lock.lock();
    state_ = made.open() ? State::kMade : State::kIdle;
    file_ = std::move(made);
    changed_.notify_all();
  }
}

}  // namespace heyi::store
