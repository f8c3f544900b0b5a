// Makes the next segment on a thread of its own before it is needed, so that no append waits for 64 MiB of zeros.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "store/journal/segment.h"

namespace heyi::store {

class SegmentPreparer {
 public:
  explicit SegmentPreparer(std::string directory);
  ~SegmentPreparer();  // gives up what is under way; a segment that was made and not taken is removed

  // Begins to make segment `number`; nothing where one is under way or made.
  void Request(uint32_t number, uint64_t size);

  // Segment `number` of at least `size` bytes: the one made, or else, also where making it failed, made now.
  struct Taken {
    File file;
    uint64_t size = 0;
  };
  base::Result<Taken> Take(uint32_t number, uint64_t size);

 private:
  void Run();

  const std::string directory_;
  std::atomic<bool> give_up_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  enum class State : uint8_t { kIdle, kWanted, kMade } state_ = State::kIdle;
  uint32_t number_ = 0;
  uint64_t size_ = 0;
  File file_;
  std::thread thread_;
};

}  // namespace heyi::store
