// What has been compiled, kept as long as the source does not change and within bounds; the longest unused goes first.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "conformance/limits.h"
#include "conformance/terminology/answers.h"
#include "conformance/terminology/code_system.h"
#include "conformance/terminology/resolve.h"

namespace heyi::conformance {

// Values by key; each has a weight and all together no more than `weight_max`. Not safe by itself.
template <typename T>
class WeightedCache {
 public:
  explicit WeightedCache(size_t weight_max) : weight_max_(weight_max) {}

  std::shared_ptr<const T> Find(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second.place);
    return found->second.value;
  }

  void Keep(const std::string& key, std::shared_ptr<const T> value, size_t weight) {
    Drop(key);
    order_.push_front(key);
    entries_[key] = {std::move(value), weight, order_.begin()};
    weight_ += weight;
    while (weight_ > weight_max_ && order_.size() > 1) Drop(std::string(order_.back()));
  }

  void Clear() {
    entries_.clear();
    order_.clear();
    weight_ = 0;
  }

 private:
  struct Entry {
    std::shared_ptr<const T> value;
    size_t weight;
    std::list<std::string>::iterator place;
  };

  void Drop(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    weight_ -= found->second.weight;
    order_.erase(found->second.place);
    entries_.erase(found);
  }

  const size_t weight_max_;
  size_t weight_ = 0;
  std::list<std::string> order_;  // the last used first
  std::unordered_map<std::string, Entry> entries_;
};

class TerminologyCache {
 public:
  std::mutex mutex;
  uint64_t generation = 0;
  WeightedCache<CodeSystem> systems{kCachedSystemBytesMax};
  WeightedCache<ResolvedValueSet> value_sets{kCachedValueSetBytesMax};
  WeightedCache<Expansion> expansions{kCachedExpansionCodesMax};
  WeightedCache<base::JsonValue> maps{kCachedMapElementsMax};

  // To be called with the mutex held, before anything is looked up.
  void Renew(uint64_t now) {
    if (now == generation) return;
    generation = now;
    systems.Clear();
    value_sets.Clear();
    expansions.Clear();
    maps.Clear();
  }
};

}  // namespace heyi::conformance
