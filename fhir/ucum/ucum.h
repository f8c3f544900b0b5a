// UCUM: units of measure, read, compared and converted. https://ucum.org/ucum
//
// A unit is a product of powers of base units and a number. Units over the same base units are commensurable. Special
// units (Cel, dB, [pH]) are not multiples of others and convert by a function; arbitrary ones ([iU]) are base units of
// their own. Numbers stay exact (fhir/ucum/exact.h), but for the functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fhir/ucum/atoms.h"
#include "fhir/ucum/exact.h"

namespace heyi::fhir {

inline constexpr std::string_view kUcumSystem = "http://unitsofmeasure.org";

class UcumUnit {
 public:
  static constexpr size_t kBytesMax = 256;
  static constexpr int kDepthMax = 16;
  static constexpr int kExponentMax = 99;

  // A unit's code, case sensitive: "mg/dL", "10*3/uL", "{cells}/[HPF]".
  //   errors  kInvalid ucum.syntax (with the position), ucum.unknown-unit, ucum.too-costly
  static base::Result<UcumUnit> Parse(std::string_view code);
  static UcumUnit One() { return UcumUnit(); }

  // The base units with their powers, in a fixed order: "g.m-1.s-2", "1" where there are none.
  std::string CanonicalCode() const;
  bool special() const { return function_ != UcumFunction::kNone; }
  // Whether more of the unit is more of the thing, in proportion to a point: all but logarithms and the like.
  bool linear() const {
    return !broken_ && (!special() || function_ == UcumFunction::kCel || function_ == UcumFunction::kDegF ||
                        function_ == UcumFunction::kDegRe);
  }

  // Over the same base units.
  static bool Commensurable(const UcumUnit& a, const UcumUnit& b) { return a.powers_ == b.powers_; }

  // `value` of this unit in base units and back; nullopt where the function has no answer, or a special unit stands in
  // a product with others.
  std::optional<Exact> ToBase(const Exact& value) const;
  std::optional<Exact> FromBase(const Exact& value) const;

  // nullopt for special units, which have no products.
  std::optional<UcumUnit> Times(const UcumUnit& other) const { return Combined(other, 1); }
  std::optional<UcumUnit> Over(const UcumUnit& other) const { return Combined(other, -1); }

 private:
  friend class UcumParser;
  friend class UcumAtomTable;
  std::optional<UcumUnit> Combined(const UcumUnit& other, int sign) const;
  std::optional<UcumUnit> Power(int exponent) const;
  // Of base and arbitrary units, by their place in the table, which is their order here.
  struct BasePower {
    int base;
    int power;
    bool operator==(const BasePower&) const = default;
  };

  std::vector<BasePower> powers_;
  Exact factor_ = Exact::Of(1);
  UcumFunction function_ = UcumFunction::kNone;  // applied to value × scale_; its result is in units of factor_
  Exact scale_ = Exact::Of(1);                   // of a special unit: its prefix, and numbers before it
  bool broken_ = false;                          // a special unit in a product: it has a dimension, but no conversion
};

// A quantity in base units: what quantities of commensurable units are compared by.
struct UcumCanonical {
  std::string value;  // a number
  std::string unit;   // "m.s-1"
};
std::optional<UcumCanonical> CanonicalQuantity(std::string_view value, const UcumUnit& unit);

// `value` of one unit in another: 1 [in_i] is 2.54 cm. nullopt where they are not commensurable.
std::optional<std::string> ConvertQuantity(std::string_view value, const UcumUnit& from, const UcumUnit& to);

// -1, 0, 1, exactly; nullopt where they are not commensurable.
std::optional<int> CompareQuantities(std::string_view a, const UcumUnit& unit_a, std::string_view b,
                                     const UcumUnit& unit_b);

// How a unit is read aloud: "(millimeter) / (second ^ 2)". The unit is well-formed.
base::Result<std::string> UcumDisplayName(std::string_view code);

}  // namespace heyi::fhir
