// When was anything under this posting, or of this type, last changed? Answers for the recent past from memory, which
// is all that a search condition needs: whoever planned on an older snapshot plans again.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "store/store.h"

namespace heyi::store {

// One thread.
class ChangeWatch {
 public:
  // Nothing is known of changes up to `floor_t`.
  explicit ChangeWatch(uint64_t floor_t) : older_floor_t_(floor_t), floor_t_(floor_t) {}

  void Note(const PreparedWrite& write, uint64_t t);
  // Could the answer of the search have changed since? Says yes where it does not know.
  bool ChangedSince(const SearchCondition& condition) const;

 private:
  void NotePosting(std::string_view posting, uint64_t t);

  // Two generations: when the younger is full the older one is dropped, and with it what was known before it began.
  std::unordered_map<uint64_t, uint64_t> older_, younger_;  // hash of a posting -> last t
  uint64_t older_floor_t_;
  uint64_t floor_t_;  // the younger one knows all changes above it
  uint64_t newest_t_ = 0;
  std::array<uint64_t, 256> types_{};  // last t by type number, since the start
};

}  // namespace heyi::store
