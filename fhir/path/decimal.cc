#include "fhir/path/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace heyi::fhir {
namespace {

Decimal::Int PowerOfTen(int exponent) {
  Decimal::Int power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// A number as sign, significant digits and exponent: value = 0.DIGITS * 10^exponent. Zero has no digits.
struct Parts {
  bool negative = false;
  std::string digits;
  int64_t exponent = 0;
};

Parts PartsOf(std::string_view text) {
  Parts parts;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    parts.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  int64_t exponent = 0;
  if (const size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    const auto read = std::from_chars(power.data(), power.data() + power.size(), exponent);
    constexpr int64_t kFar = 1'000'000'000'000;
    if (read.ec == std::errc::result_out_of_range) exponent = power.starts_with('-') ? -kFar : kFar;
    exponent = std::clamp(exponent, -kFar, kFar);
    text = text.substr(0, e);
  }
  size_t point = text.find('.');
  if (point == std::string_view::npos) point = text.size();
  parts.digits.reserve(text.size());
  for (const char c : text) {
    if (c != '.') parts.digits += c;
  }
  const size_t first = std::min(parts.digits.find_first_not_of('0'), parts.digits.size());
  parts.exponent = exponent + static_cast<int64_t>(point) - static_cast<int64_t>(first);
  parts.digits.erase(0, first);
  parts.digits.erase(parts.digits.find_last_not_of('0') + 1);
  if (parts.digits.empty()) parts = {};
  return parts;
}

bool IsNumber(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t begin = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i > begin;
  };
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  if (!digits()) return false;
  if (i < text.size() && text[i] == '.' && (++i, !digits())) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

}  // namespace

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  if (!IsNumber(text)) return std::nullopt;
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  int64_t exponent = 0;
  if (e < text.size()) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    if (std::from_chars(power.data(), power.data() + power.size(), exponent).ec != std::errc()) return std::nullopt;
  }
  Int units = 0;
  int64_t scale = -exponent;
  bool behind_point = false;
  for (const char c : text.substr(0, e)) {
    if (c == '.') {
      behind_point = true;
    } else if (c >= '0' && c <= '9') {
      if (__builtin_mul_overflow(units, Int{10}, &units)) return std::nullopt;
      if (__builtin_add_overflow(units, Int{c - '0'}, &units)) return std::nullopt;
      if (behind_point) ++scale;
    }
  }
  if (units == 0) scale = std::clamp<int64_t>(scale, 0, kScaleMax);
  for (; scale < 0; ++scale) {
    if (__builtin_mul_overflow(units, Int{10}, &units)) return std::nullopt;
  }
  if (scale > 38) return std::nullopt;
  return Decimal(text.starts_with('-') ? -units : units, static_cast<int>(scale));
}

std::optional<Decimal> Decimal::OfDouble(double value) {
  if (!std::isfinite(value) || std::fabs(value) > 1e30) return std::nullopt;
  std::string text = fmt::format("{:.15g}", value);
  std::optional<Decimal> parsed = Parse(text);
  if (!parsed && std::fabs(value) < 1) return OfInteger(0);  // below what the scale can hold
  return parsed;
}

bool Decimal::Rescale(int scale) {
  for (; scale_ < scale; ++scale_) {
    Int more = 0;
    if (__builtin_mul_overflow(units_, Int{10}, &more)) return false;
    units_ = more;
  }
  return true;
}

std::optional<Decimal> Decimal::Plus(const Decimal& other) const {
  Decimal a = *this;
  Decimal b = other;
  Int sum = 0;
  if (!a.Rescale(b.scale_) || !b.Rescale(a.scale_)) return std::nullopt;
  if (__builtin_add_overflow(a.units_, b.units_, &sum)) return std::nullopt;
  return Decimal(sum, a.scale_);
}

std::optional<Decimal> Decimal::Times(const Decimal& other) const {
  Int product = 0;
  if (!__builtin_mul_overflow(units_, other.units_, &product)) {
    Decimal result(product, scale_ + other.scale_);
    return result.scale_ > kScaleMax ? result.Rounded(kScaleMax) : result;
  }
  const Decimal a = Normalized();
  const Decimal b = other.Normalized();
  if (__builtin_mul_overflow(a.units_, b.units_, &product)) return std::nullopt;
  return Decimal(product, a.scale_ + b.scale_).Rounded(kScaleMax);
}

std::optional<Decimal> Decimal::DividedBy(const Decimal& other) const {
  if (other.is_zero()) return std::nullopt;
  // Long division: whole part, then one place at a time until it ends or has enough places.
  Decimal a = *this;
  Decimal b = other;
  while (!a.Rescale(b.scale_) || !b.Rescale(a.scale_)) {  // one is too long to be brought to the other's places: its last ones go
    Decimal& longer = a.scale_ > b.scale_ ? a : b;
    longer = *longer.Rounded(longer.scale_ - 1);
    if (b.is_zero()) return std::nullopt;
  }
  const bool negative = (a.units_ < 0) != (b.units_ < 0);
  Int divisor = b.units_ < 0 ? -b.units_ : b.units_;
  Int rest = a.units_ < 0 ? -a.units_ : a.units_;
  Int quotient = rest / divisor;
  rest %= divisor;
  int scale = 0;
  while (rest != 0 && scale < kDivisionPlaces) {
    Int next_rest = 0, next = 0;  // an overflow leaves its target wrapped
    if (__builtin_mul_overflow(quotient, Int{10}, &next)) break;
    if (__builtin_mul_overflow(rest, Int{10}, &next_rest)) {  // then the divisor has 37 digits, and one less is as good
      next_rest = rest;
      divisor /= 10;
    }
    quotient = next + next_rest / divisor;
    rest = next_rest % divisor;
    ++scale;
  }
  if (rest != 0 && rest >= divisor - rest) quotient += 1;
  return Decimal(negative ? -quotient : quotient, scale);
}

Decimal Decimal::Truncated() const { return Decimal(units_ / PowerOfTen(scale_), 0); }

Decimal Decimal::Floor() const {
  const Decimal whole = Truncated();
  return is_negative() && units_ % PowerOfTen(scale_) != 0 ? Decimal(whole.units_ - 1, 0) : whole;
}

Decimal Decimal::Ceiling() const { return Negated().Floor().Negated(); }

std::optional<Decimal> Decimal::Rounded(int places) const {
  if (places < 0) return std::nullopt;
  if (places >= scale_) return *this;
  const Int unit = PowerOfTen(scale_ - places);
  Int quotient = units_ / unit;
  const Int rest = units_ % unit;
  const Int magnitude = rest < 0 ? -rest : rest;
  if (magnitude >= unit - magnitude) quotient += units_ < 0 ? -1 : 1;
  return Decimal(quotient, places);
}

std::optional<Decimal> Decimal::AtPlaces(int places, bool up) const {
  if (places < 0) return std::nullopt;
  Decimal result = *this;
  if (places >= scale_) return result.Rescale(places) ? std::optional(result) : std::nullopt;
  const Int unit = PowerOfTen(scale_ - places);
  result.units_ = units_ / unit;
  result.scale_ = places;
  const Int rest = units_ % unit;
  if (up && rest > 0) result.units_ += 1;
  if (!up && rest < 0) result.units_ -= 1;
  return result;
}

Decimal Decimal::Normalized() const {
  Decimal normal = *this;
  while (normal.scale_ > 0 && normal.units_ % 10 == 0) {
    normal.units_ /= 10;
    --normal.scale_;
  }
  return normal;
}

std::optional<int64_t> Decimal::ToInteger() const {
  const Decimal normal = Normalized();
  if (normal.scale_ != 0 || normal.units_ > INT64_MAX || normal.units_ < INT64_MIN) return std::nullopt;
  return static_cast<int64_t>(normal.units_);
}

double Decimal::ToDouble() const { return std::strtod(ToString().c_str(), nullptr); }

std::string Decimal::ToString() const {
  std::string digits;
  for (Int rest = units_ < 0 ? -units_ : units_; rest != 0; rest /= 10) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  while (static_cast<int>(digits.size()) <= scale_) digits += '0';
  std::reverse(digits.begin(), digits.end());
  if (scale_ > 0) digits.insert(digits.size() - static_cast<size_t>(scale_), 1, '.');
  return units_ < 0 ? "-" + digits : digits;
}

int CompareNumberTexts(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  const Parts x = PartsOf(a);
  const Parts y = PartsOf(b);
  const auto sign = [](const Parts& p) { return p.digits.empty() ? 0 : p.negative ? -1 : 1; };
  if (sign(x) != sign(y)) return sign(x) < sign(y) ? -1 : 1;
  int order = x.exponent != y.exponent ? (x.exponent < y.exponent ? -1 : 1) : x.digits.compare(y.digits);
  order = order < 0 ? -1 : order > 0 ? 1 : 0;
  return x.negative ? -order : order;
}

std::string NormalNumberText(std::string_view text) {
  const Parts parts = PartsOf(text);
  if (parts.digits.empty()) return "0";
  return fmt::format("{}0.{}e{}", parts.negative ? "-" : "", parts.digits, parts.exponent);
}

}  // namespace heyi::fhir
