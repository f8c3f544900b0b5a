// Where groups begin, sparsely, so that a walk from some t need not begin at the head of its segment. In memory only:
// filled as groups are appended and as walks pass them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

namespace heyi::store {

class PlaceIndex {
 public:
  struct Place {
    uint64_t t = 0;       // of the group's first entry
    uint32_t segment = 0;
    uint64_t offset = 0;
  };

  // A group that begins there; kept where none is kept within kApartBytes before it in its segment.
  void Note(const Place& place) {
    std::lock_guard lock(mutex_);
    const auto after = places_.upper_bound(place.t);
    if (after != places_.begin()) {
      const Place& before = std::prev(after)->second;
      if (before.segment == place.segment && place.offset < before.offset + kApartBytes) return;
    }
    places_.insert_or_assign(place.t, place);
  }

  std::optional<Place> NewestUpTo(uint64_t t) const {
    std::lock_guard lock(mutex_);
    const auto after = places_.upper_bound(t);
    return after == places_.begin() ? std::nullopt : std::optional(std::prev(after)->second);
  }

 private:
  static constexpr uint64_t kApartBytes = 256 << 10;

  mutable std::mutex mutex_;
  std::map<uint64_t, Place> places_;  // by t
};

}  // namespace heyi::store
