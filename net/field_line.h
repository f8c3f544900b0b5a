// Lines of a message head and of trailers: where they end, how long they may get, and what a header line is.
// https://www.rfc-editor.org/rfc/rfc9112#section-5
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "net/http.h"
#include "net/limits.h"

namespace heyi::net {

struct Field {
  std::string_view name, value;
};

// A line without its end → name and trimmed value. Null, or why it is no header line.
const char* ParseField(std::string_view line, Field* field);

// Keeps the bounds of a block of header lines. The verdict depends on the bytes alone, not on how they were cut.
class FieldBudget {
 public:
  explicit FieldBudget(const Limits& limits) : limits_(limits) {}
  void Reset() { bytes_ = count_ = 0; }

  // `seen` bytes of the line at hand are there, perhaps with its end. Null, or which bound it breaks.
  const char* Check(size_t seen) const {
    const size_t line_max = size_t{limits_.header_bytes_max} + 2;  // with CR LF
    const size_t rest = limits_.head_bytes_max - bytes_;
    if (seen <= line_max && seen <= rest) return nullptr;
    return line_max <= rest ? "one of them" : "all of them together";
  }

  // Counts a whole line of `size` bytes, its end included, for which Check() has passed.
  const char* Count(size_t size) {
    bytes_ += size;
    return ++count_ > limits_.headers_max ? "their number" : nullptr;
  }

 private:
  const Limits& limits_;
  size_t bytes_ = 0;
  size_t count_ = 0;
};

FramingError FieldTooLong(const char* why);

}  // namespace heyi::net
