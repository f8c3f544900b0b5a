// What an evaluation may still spend: the end of what would not end.
#pragma once

#include <cstdint>

namespace heyi::fhir {

// Text costs too: expressions can double it again and again.
inline constexpr uint64_t kTextBytesPerStep = 64;
inline constexpr uint64_t kTextMax = 1 << 20;  // of one computed text

class Budget {
 public:
  explicit Budget(uint64_t steps) : left_(steps) {}

  // Takes `steps`; false once they are used up, and from then on. Whoever loops stops then, and the evaluator turns
  // `exhausted()` into path.too-costly.
  bool Spend(uint64_t steps) {
    if (steps > left_) {
      left_ = 0;
      exhausted_ = true;
    } else {
      left_ -= steps;
    }
    return !exhausted_;
  }
  bool exhausted() const { return exhausted_; }
  uint64_t left() const { return left_; }

 private:
  uint64_t left_;
  bool exhausted_ = false;
};

}  // namespace heyi::fhir
