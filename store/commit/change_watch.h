// When was anything under this posting, or of this type, last changed? A table of buckets, each with the t of the last
// change of any posting that falls into it: all that a search condition needs. Two postings in one bucket only make
// somebody plan again who need not have.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace heyi::store {

// One thread.
class ChangeWatch {
 public:
  // Nothing is known of changes up to `floor_t`.
  explicit ChangeWatch(uint64_t floor_t);

  void Note(const PreparedWrite& write, uint64_t t);
  // Could the answer of the search have changed since? Says yes where it does not know.
  bool ChangedSince(const SearchCondition& condition) const;

 private:
  void NotePosting(std::string_view posting, uint64_t t);

  uint64_t floor_t_;
  std::vector<uint64_t> buckets_;
  std::array<uint64_t, 256> types_{};  // by type number
};

}  // namespace heyi::store
