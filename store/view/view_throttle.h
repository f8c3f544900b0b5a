// Slows writing a little, and early, when LevelDB's compaction falls behind, so that it never has to stop it for
// seconds: its own brakes are one millisecond a batch at 8 files of level 0 and a full stop at 12.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "store/view/view_db.h"

namespace heyi::store {

class ViewThrottle {
 public:
  explicit ViewThrottle(const ViewDb& db) : db_(db) {}

  // Before a batch of that size is written.
  void Pause(size_t batch_bytes) {
    written_ += batch_bytes;
    if (written_ >= kLookEveryBytes) {
      written_ = 0;
      files_ = db_.Level0Files();
    }
    if (files_ < kBrakeAtFiles) return;
    // Each file beyond the brake halves the rate that is let through.
    const int beyond = std::min(files_ - kBrakeAtFiles, 5);
    const uint64_t us = batch_bytes * (1u << beyond) / kBytesPerUsAtBrake;
    std::this_thread::sleep_for(std::chrono::microseconds(std::min<uint64_t>(us, kPauseUsMax)));
  }

 private:
  static constexpr size_t kLookEveryBytes = 64u << 10;
  static constexpr int kBrakeAtFiles = 6;
  static constexpr uint64_t kBytesPerUsAtBrake = 16;  // 16 MB/s
  static constexpr uint64_t kPauseUsMax = 100'000;

  const ViewDb& db_;
  size_t written_ = kLookEveryBytes;
  int files_ = 0;
};

}  // namespace heyi::store
