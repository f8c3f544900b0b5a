// Exact numbers for units: a ratio of whole numbers, a power of ten and a power of pi. One inch is 2.54 cm, and three
// thirds are one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heyi::fhir {

// A whole number >= 0 of any size up to kDigitsMax.
class BigWhole {
 public:
  static constexpr size_t kDigitsMax = 600;

  BigWhole() = default;  // 0
  explicit BigWhole(uint32_t value);  // below 10^9
  static std::optional<BigWhole> OfDigits(std::string_view digits);

  bool is_zero() const { return limbs_.empty(); }
  std::optional<BigWhole> Times(const BigWhole& other) const;
  std::optional<BigWhole> TimesPowerOfTen(uint64_t exponent) const;
  BigWhole Plus(const BigWhole& other) const;
  BigWhole Minus(const BigWhole& other) const;  // other <= *this
  int64_t TakePowersOfTen();                    // divides them out, and says how many there were
  size_t DigitCount() const;
  std::string Digits() const;  // empty for 0
  friend int Compare(const BigWhole& a, const BigWhole& b);

 private:
  void Trim();
  static constexpr uint32_t kLimb = 1'000'000'000;
  std::vector<uint32_t> limbs_;  // least first, to the base 10^9
};

class Exact {
 public:
  static constexpr int kTextDigits = 34;

  static Exact Of(uint32_t value);  // below 10^9
  static std::optional<Exact> Parse(std::string_view number);  // as JSON writes it
  static std::optional<Exact> OfDouble(double value);
  static Exact PowerOfTen(int64_t exponent);
  static Exact Pi();

  // nullopt where a number gets too large, or for division by zero.
  std::optional<Exact> Times(const Exact& other) const;
  std::optional<Exact> Over(const Exact& other) const;
  std::optional<Exact> Plus(const Exact& other) const;
  std::optional<Exact> Power(int exponent) const;
  Exact Negated() const;

  bool is_zero() const { return above_.is_zero(); }
  std::string ToText() const;  // exact where kTextDigits digits are enough, else rounded
  double ToDouble() const;

  // -1, 0, 1. Exact, unless the powers of pi differ.
  static std::optional<int> Compare(const Exact& a, const Exact& b);

 private:
  void Normalize();
  std::optional<Exact> WithoutPi() const;

  bool negative_ = false;
  BigWhole above_;
  BigWhole below_{1};
  int64_t tens_ = 0;
  int pi_ = 0;
};

}  // namespace heyi::fhir
