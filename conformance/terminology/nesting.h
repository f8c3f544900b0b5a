// An expansion's hierarchy: which codes stand below which.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "conformance/limits.h"
#include "conformance/terminology/expansion_list.h"

namespace heyi::conformance {

// Puts codes below those of their ancestors that are there too. `list` is in document order; parents come out first.
class Nesting {
 public:
  explicit Nesting(const std::vector<ListedCode>& list) : list_(list), below_(list.size()) {
    for (size_t i = 0; i < list.size(); ++i) {
      if (list[i].nests) places_[{list[i].include->system.get(), list[i].concept_}] = i;
    }
    for (size_t i = 0; i < list.size(); ++i) {
      const size_t parent = list[i].nests ? ParentOf(i) : kNowhere;
      if (parent == kNowhere) roots_.push_back(i);
      else below_[parent].push_back(i);
    }
  }

  // (which of the list, depth), each once.
  std::vector<std::pair<size_t, uint32_t>> Order() const {
    std::vector<std::pair<size_t, uint32_t>> order;
    std::vector<bool> done(list_.size());
    std::vector<std::pair<size_t, uint32_t>> open;
    for (auto root = roots_.rbegin(); root != roots_.rend(); ++root) open.emplace_back(*root, 0);
    while (!open.empty()) {
      const auto [at, depth] = open.back();
      open.pop_back();
      if (done[at]) continue;
      done[at] = true;
      order.emplace_back(at, depth);
      for (auto child = below_[at].rbegin(); child != below_[at].rend(); ++child) open.emplace_back(*child, std::min(depth + 1, kNestedDepthMax));
    }
    for (size_t i = 0; i < list_.size(); ++i) {
      if (!done[i]) order.emplace_back(i, 0);  // in a circle
    }
    return order;
  }

 private:
  static constexpr size_t kNowhere = ~size_t{0};

  // The nearest ancestor that is in the list.
  size_t ParentOf(size_t at) {
    const CodeSystem& system = *list_[at].include->system;
    std::vector<uint32_t> open(system.parents(list_[at].concept_).begin(), system.parents(list_[at].concept_).end());
    std::set<uint32_t> seen(open.begin(), open.end());
    for (size_t next = 0; next < open.size(); ++next) {
      const auto found = places_.find({&system, open[next]});
      if (found != places_.end() && found->second != at) return found->second;
      for (uint32_t parent : system.parents(open[next])) {
        if (++steps_ <= kNestingStepsMax && seen.insert(parent).second) open.push_back(parent);
      }
    }
    return kNowhere;
  }

  const std::vector<ListedCode>& list_;
  std::map<std::pair<const CodeSystem*, uint32_t>, size_t> places_;
  std::vector<size_t> roots_;
  std::vector<std::vector<size_t>> below_;
  size_t steps_ = 0;
};

}  // namespace heyi::conformance
