#include "fhir/search/ordered.h"

#include <bit>
#include <charconv>
#include <limits>

namespace heyi::fhir {

uint64_t OrderedDouble(double value) {
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  return (bits >> 63) != 0 ? ~bits : bits | (1ull << 63);
}

double DoubleOfOrdered(uint64_t ordered) {
  return std::bit_cast<double>((ordered >> 63) != 0 ? ordered & ~(1ull << 63) : ~ordered);
}

double DoubleOf(std::string_view decimal) {
  if (decimal.starts_with('+')) decimal.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  const size_t exponent = decimal.find_first_of("eE");
  if (exponent != std::string_view::npos && decimal.substr(exponent + 1).starts_with('-')) return 0;
  const double infinity = std::numeric_limits<double>::infinity();
  return decimal.starts_with('-') ? -infinity : infinity;
}

}  // namespace heyi::fhir
