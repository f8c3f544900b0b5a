// Names of variables while a map is compiled.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapping/fml/program.h"

namespace heyi::mapping {

// The variables in scope of a place in a group, and their slots.
struct NameScope {
  std::vector<std::pair<std::string, size_t>> names;
  size_t* slots = nullptr;  // how many the group has so far

  size_t Find(std::string_view name) const {
    for (size_t i = names.size(); i-- > 0;) {
      if (names[i].first == name) return names[i].second;
    }
    return kNoSlot;
  }
  size_t Add(const std::string& name) {
    names.emplace_back(name, *slots);
    return (*slots)++;
  }
};

}  // namespace heyi::mapping
