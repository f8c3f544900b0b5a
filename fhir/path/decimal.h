// Exact decimals: what FHIRPath calculates with. Up to 38 digits; more is "overflow", which the specification answers
// with an empty collection. https://hl7.org/fhirpath/N1/#decimal
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace heyi::fhir {

class Decimal {
 public:
  __extension__ using Int = __int128;

  static constexpr int kScaleMax = 28;         // places a calculation keeps
  static constexpr int kDivisionPlaces = 16;   // of a quotient that does not end

  // A JSON number ("-1.50e3") or FHIRPath number; nullopt where it is none or does not fit.
  static std::optional<Decimal> Parse(std::string_view text);
  static Decimal OfInteger(int64_t value) { return Decimal(value, 0); }
  static std::optional<Decimal> OfDouble(double value);  // 15 significant digits

  std::optional<Decimal> Plus(const Decimal& other) const;
  std::optional<Decimal> Minus(const Decimal& other) const { return Plus(other.Negated()); }
  std::optional<Decimal> Times(const Decimal& other) const;
  std::optional<Decimal> DividedBy(const Decimal& other) const;  // nullopt also for division by zero
  Decimal Negated() const { return Decimal(-units_, scale_); }
  Decimal Truncated() const;  // towards zero, to an integer
  Decimal Floor() const;
  Decimal Ceiling() const;
  std::optional<Decimal> Rounded(int places) const;  // half away from zero
  // With exactly so many places: zeros are added, or what does not fit is rounded towards -infinity / +infinity.
  std::optional<Decimal> AtPlaces(int places, bool up) const;
  static Decimal HalfUnit(int scale) { return Decimal(5, scale + 1); }  // 0.5 × 10^-scale

  bool is_zero() const { return units_ == 0; }
  bool is_negative() const { return units_ < 0; }
  int scale() const { return scale_; }
  Decimal Normalized() const;  // without trailing zeros behind the point
  std::optional<int64_t> ToInteger() const;  // exact, else nullopt
  double ToDouble() const;
  std::string ToString() const;

 private:
  Decimal(Int units, int scale) : units_(units), scale_(scale) {}
  bool Rescale(int scale);  // to more places; false on overflow, then to as many as fit

  Int units_ = 0;  // value = units / 10^scale
  int scale_ = 0;
};

// The order of two number texts of any length, by value: "1.0" equals "1.00"; -1, 0, 1. Both are numbers.
int CompareNumberTexts(std::string_view a, std::string_view b);

// One text for all texts of the same value, for hashing: "-0.15e3".
std::string NormalNumberText(std::string_view text);

}  // namespace heyi::fhir
