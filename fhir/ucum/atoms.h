// UCUM's table of units and prefixes. https://ucum.org/ucum
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace heyi::fhir {

// How a special unit's number comes from a quantity in its reference unit (value × unit of the row). § 21
enum class UcumFunction : uint8_t {
  kNone, kCel, kDegF, kDegRe, kTan100, kMinusLg, kMinusLg100, kMinusLg1000, kMinusLg50000, kLn, kLg, kLgTimes2, kSqrt, kLd,
};

struct UcumAtom {
  enum class Kind : uint8_t {
    kBase,             // m, s, g, rad, K, C, cd
    kPlain, kMetric,   // so many of another unit; metric ones take prefixes
    kArbitrary, kMetricArbitrary,  // [arb'U]: commensurable with nothing but itself. § 24
    kSpecial, kMetricSpecial,      // Cel, B[W]: not a multiple of another unit
  };

  std::string_view code;  // case sensitive
  std::string_view name;
  Kind kind;
  std::string_view value;  // a number
  std::string_view unit;   // of which it is so many
  UcumFunction function = UcumFunction::kNone;

  // rad too is a base unit, and g, not kg.
  bool metric() const {
    return kind == Kind::kBase || kind == Kind::kMetric || kind == Kind::kMetricArbitrary || kind == Kind::kMetricSpecial;
  }
  bool arbitrary() const { return kind == Kind::kArbitrary || kind == Kind::kMetricArbitrary; }
  bool special() const { return kind == Kind::kSpecial || kind == Kind::kMetricSpecial; }
};

struct UcumPrefix {
  std::string_view code;
  std::string_view name;
  std::string_view value;
};

std::span<const UcumAtom> UcumAtoms();
std::span<const UcumPrefix> UcumPrefixes();
const UcumAtom* FindUcumAtom(std::string_view code);  // nullptr where there is none

}  // namespace heyi::fhir
