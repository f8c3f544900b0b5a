// What a patch may cost. A patch comes from outside and can ask for much with few bytes: a hundred copies double what
// was there a hundred times.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/json/reader.h"

namespace heyi::fhir {

struct PatchLimits {
  size_t operations_max = 10'000;           // of a JSON or XML Patch
  size_t path_operations_max = 1'000;       // of a FHIRPath Patch, each an expression on the whole resource
  size_t result_bytes_max = size_t{16} << 20;
  uint32_t depth_max = base::JsonLimits{}.depth_max;
  uint64_t values_max = 2'000'000;          // of the document and all that is added to it
  uint64_t xml_nodes_max = 1'000'000;       // of an XML document and all that is added to it; of an XML Patch
  size_t xml_selector_bytes_max = 4'096;
  uint64_t work_max = 20'000'000;           // values looked at, compared, copied or moved along
  uint64_t path_steps_max = 20'000'000;     // of all expressions together
};

// What is left of `work_max`.
class PatchWork {
 public:
  explicit PatchWork(uint64_t max) : left_(max) {}
  bool Spend(uint64_t amount) {
    if (amount > left_) return false;
    left_ -= amount;
    return true;
  }

 private:
  uint64_t left_;
};

}  // namespace heyi::fhir
