// Numbers as searches compare them: exactly, at any length, with the precision they were written in. (FHIRPath
// calculates with 38 digits, path/decimal.h; a search only compares, and never overflows.)
// https://hl7.org/fhir/R4/search.html#number
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace heyi::fhir {

// digits × 10^exponent; digits without leading zeros, empty for zero.
class SearchNumber {
 public:
  // As JSON writes numbers, also with a leading `+`. nullopt for anything else or an exponent beyond ±exponent_max.
  static std::optional<SearchNumber> Parse(std::string_view text, int64_t exponent_max);

  std::string Text() const;  // parses back to the same value

  // The range of numbers that the text may stand for, [low, high): 100 -> 99.5, 100.5; 1e2 -> 95, 105.
  std::pair<SearchNumber, SearchNumber> ImplicitRange() const;
  // A tenth of the value to either side, low first.
  std::pair<SearchNumber, SearchNumber> TenthAround() const;

  friend int Compare(const SearchNumber& a, const SearchNumber& b);  // < 0, 0, > 0

 private:
  bool negative_ = false;
  bool short_mantissa_ = false;  // 1e2: an exponent behind a mantissa without point
  std::string digits_;
  int64_t exponent_ = 0;
};

int Compare(const SearchNumber& a, const SearchNumber& b);

inline constexpr int64_t kAskedExponentMax = 308;        // in a query
inline constexpr int64_t kStoredExponentMax = 1'000'000'000;  // in a resource

}  // namespace heyi::fhir
