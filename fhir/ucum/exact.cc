#include "fhir/ucum/exact.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace heyi::fhir {
namespace {

constexpr int64_t kPlacesMax = 60;     // behind the point; smaller numbers are written with an exponent
constexpr int64_t kTensMax = 100'000;  // powers of ten beyond which nothing is asked
constexpr std::string_view kPiDigits = "3141592653589793238462643383279502884197169399375105820974944592";

}  // namespace

// ---- BigWhole ----

BigWhole::BigWhole(uint32_t value) {
  if (value != 0) limbs_.push_back(value);
}

std::optional<BigWhole> BigWhole::OfDigits(std::string_view digits) {
  if (digits.size() > kDigitsMax) return std::nullopt;
  BigWhole whole;
  while (!digits.empty()) {
    const size_t count = std::min<size_t>(9, digits.size());
    uint32_t limb = 0;
    for (const char c : digits.substr(digits.size() - count)) limb = limb * 10 + static_cast<uint32_t>(c - '0');
    whole.limbs_.push_back(limb);
    digits.remove_suffix(count);
  }
  whole.Trim();
  return whole;
}

void BigWhole::Trim() {
  while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
}

size_t BigWhole::DigitCount() const {
  if (limbs_.empty()) return 0;
  size_t digits = (limbs_.size() - 1) * 9;
  for (uint32_t top = limbs_.back(); top != 0; top /= 10) ++digits;
  return digits;
}

std::string BigWhole::Digits() const {
  std::string digits;
  for (size_t i = limbs_.size(); i-- > 0;) {
    digits += digits.empty() ? std::to_string(limbs_[i]) : fmt::format("{:09}", limbs_[i]);
  }
  return digits;
}

std::optional<BigWhole> BigWhole::Times(const BigWhole& other) const {
  if (DigitCount() + other.DigitCount() > kDigitsMax) return std::nullopt;
  BigWhole product;
  product.limbs_.assign(limbs_.size() + other.limbs_.size(), 0);
  for (size_t i = 0; i < limbs_.size(); ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < other.limbs_.size() || carry != 0; ++j) {
      const uint64_t factor = j < other.limbs_.size() ? other.limbs_[j] : 0;
      const uint64_t sum = product.limbs_[i + j] + uint64_t{limbs_[i]} * factor + carry;
      product.limbs_[i + j] = static_cast<uint32_t>(sum % kLimb);
      carry = sum / kLimb;
    }
  }
  product.Trim();
  return product;
}

std::optional<BigWhole> BigWhole::TimesPowerOfTen(uint64_t exponent) const {
  if (is_zero()) return *this;
  if (DigitCount() + exponent > kDigitsMax) return std::nullopt;
  uint32_t rest = 1;
  for (uint64_t i = 0; i < exponent % 9; ++i) rest *= 10;
  std::optional<BigWhole> product = Times(BigWhole(rest));
  if (product) product->limbs_.insert(product->limbs_.begin(), exponent / 9, 0);
  return product;
}

BigWhole BigWhole::Plus(const BigWhole& other) const {
  BigWhole sum;
  uint32_t carry = 0;
  for (size_t i = 0; i < limbs_.size() || i < other.limbs_.size() || carry != 0; ++i) {
    const uint32_t limb = (i < limbs_.size() ? limbs_[i] : 0) + (i < other.limbs_.size() ? other.limbs_[i] : 0) + carry;
    sum.limbs_.push_back(limb % kLimb);
    carry = limb / kLimb;
  }
  return sum;
}

BigWhole BigWhole::Minus(const BigWhole& other) const {
  BigWhole difference = *this;
  int64_t borrow = 0;
  for (size_t i = 0; i < limbs_.size(); ++i) {
    int64_t limb = int64_t{limbs_[i]} - (i < other.limbs_.size() ? int64_t{other.limbs_[i]} : 0) - borrow;
    borrow = limb < 0 ? 1 : 0;
    if (limb < 0) limb += kLimb;
    difference.limbs_[i] = static_cast<uint32_t>(limb);
  }
  difference.Trim();
  return difference;
}

int64_t BigWhole::TakePowersOfTen() {
  if (is_zero()) return 0;
  size_t empty = 0;
  while (limbs_[empty] == 0) ++empty;
  limbs_.erase(limbs_.begin(), limbs_.begin() + static_cast<ptrdiff_t>(empty));
  int64_t tens = static_cast<int64_t>(empty) * 9;
  while (limbs_[0] % 10 == 0) {
    uint64_t rest = 0;
    for (size_t i = limbs_.size(); i-- > 0;) {
      const uint64_t value = rest * kLimb + limbs_[i];
      limbs_[i] = static_cast<uint32_t>(value / 10);
      rest = value % 10;
    }
    ++tens;
  }
  Trim();
  return tens;
}

int Compare(const BigWhole& a, const BigWhole& b) {
  if (a.limbs_.size() != b.limbs_.size()) return a.limbs_.size() < b.limbs_.size() ? -1 : 1;
  for (size_t i = a.limbs_.size(); i-- > 0;) {
    if (a.limbs_[i] != b.limbs_[i]) return a.limbs_[i] < b.limbs_[i] ? -1 : 1;
  }
  return 0;
}

// ---- Exact ----

Exact Exact::Of(uint32_t value) {
  Exact number;
  number.above_ = BigWhole(value);
  return number;
}

std::optional<Exact> Exact::Parse(std::string_view text) {
  Exact number;
  if (text.starts_with('-') || text.starts_with('+')) {
    number.negative_ = text.front() == '-';
    text.remove_prefix(1);
  }
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  if (e < text.size()) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), number.tens_);
    if (error != std::errc() || end != power.data() + power.size() || power.empty()) return std::nullopt;
    if (number.tens_ > kTensMax || number.tens_ < -kTensMax) return std::nullopt;
  }
  std::string digits(text.substr(0, e));
  if (const size_t point = digits.find('.'); point != std::string::npos) {
    if (point == 0 || point + 1 == digits.size()) return std::nullopt;
    number.tens_ -= static_cast<int64_t>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const std::optional<BigWhole> whole = BigWhole::OfDigits(digits);
  if (!whole) return std::nullopt;
  number.above_ = *whole;
  number.Normalize();
  return number;
}

std::optional<Exact> Exact::OfDouble(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  return Parse(fmt::format("{:.15g}", value));
}

Exact Exact::PowerOfTen(int64_t exponent) {
  Exact number = Of(1);
  number.tens_ = exponent;
  return number;
}

Exact Exact::Pi() {
  Exact number = Of(1);
  number.pi_ = 1;
  return number;
}

void Exact::Normalize() {
  if (above_.is_zero()) {
    *this = Exact();
    return;
  }
  tens_ += above_.TakePowersOfTen();
  tens_ -= below_.TakePowersOfTen();
}

Exact Exact::Negated() const {
  Exact number = *this;
  number.negative_ = !is_zero() && !negative_;
  return number;
}

std::optional<Exact> Exact::Times(const Exact& other) const {
  const std::optional<BigWhole> above = above_.Times(other.above_);
  const std::optional<BigWhole> below = below_.Times(other.below_);
  if (!above || !below) return std::nullopt;
  Exact product;
  product.negative_ = negative_ != other.negative_;
  product.above_ = *above;
  product.below_ = *below;
  product.tens_ = tens_ + other.tens_;
  product.pi_ = pi_ + other.pi_;
  if (product.tens_ > kTensMax || product.tens_ < -kTensMax) return std::nullopt;
  product.Normalize();
  return product;
}

std::optional<Exact> Exact::Over(const Exact& other) const {
  if (other.is_zero()) return std::nullopt;
  Exact inverse = other;
  std::swap(inverse.above_, inverse.below_);
  inverse.tens_ = -other.tens_;
  inverse.pi_ = -other.pi_;
  return Times(inverse);
}

std::optional<Exact> Exact::Power(int exponent) const {
  Exact result = Of(1);
  if (above_.DigitCount() == 1 && fhir::Compare(above_, BigWhole(1)) == 0 && fhir::Compare(below_, BigWhole(1)) == 0 && pi_ == 0) {
    result.tens_ = tens_ * exponent;  // 10*-23, however large
    result.negative_ = negative_ && exponent % 2 != 0;
    return std::abs(result.tens_) > kTensMax ? std::nullopt : std::optional(result);
  }
  for (int i = 0; i < std::abs(exponent); ++i) {
    const std::optional<Exact> next = exponent > 0 ? result.Times(*this) : result.Over(*this);
    if (!next) return std::nullopt;
    result = *next;
  }
  return result;
}

std::optional<Exact> Exact::WithoutPi() const {
  if (pi_ == 0) return *this;
  Exact plain = *this;
  plain.pi_ = 0;
  Exact pi = Of(0);
  pi.above_ = *BigWhole::OfDigits(kPiDigits);
  pi.tens_ = 1 - static_cast<int64_t>(kPiDigits.size());
  const std::optional<Exact> power = pi.Power(pi_);
  return power ? plain.Times(*power) : std::nullopt;
}

std::optional<Exact> Exact::Plus(const Exact& other) const {
  if (other.is_zero()) return *this;
  if (is_zero()) return other;
  if (pi_ != other.pi_) {
    const std::optional<Exact> a = WithoutPi();
    const std::optional<Exact> b = other.WithoutPi();
    return a && b ? a->Plus(*b) : std::nullopt;
  }
  Exact sum;
  sum.tens_ = std::min(tens_, other.tens_);
  sum.pi_ = pi_;
  const auto scaled = [&](const Exact& number, const BigWhole& below) -> std::optional<BigWhole> {
    const std::optional<BigWhole> above = number.above_.Times(below);
    return above ? above->TimesPowerOfTen(static_cast<uint64_t>(number.tens_ - sum.tens_)) : std::nullopt;
  };
  const std::optional<BigWhole> a = scaled(*this, other.below_);
  const std::optional<BigWhole> b = scaled(other, below_);
  const std::optional<BigWhole> below = below_.Times(other.below_);
  if (!a || !b || !below) return std::nullopt;
  sum.below_ = *below;
  const bool a_larger = fhir::Compare(*a, *b) >= 0;
  if (negative_ == other.negative_) {
    sum.above_ = a->Plus(*b);
    sum.negative_ = negative_;
  } else {
    sum.above_ = a_larger ? a->Minus(*b) : b->Minus(*a);
    sum.negative_ = a_larger ? negative_ : other.negative_;
  }
  sum.Normalize();
  return sum;
}

std::optional<int> Exact::Compare(const Exact& a, const Exact& b) {
  const std::optional<Exact> difference = a.Plus(b.Negated());
  if (!difference) {
    // Too far apart to be put over each other.
    const double x = a.ToDouble();
    const double y = b.ToDouble();
    return x < y ? std::optional(-1) : x > y ? std::optional(1) : std::nullopt;
  }
  return difference->is_zero() ? 0 : difference->negative_ ? -1 : 1;
}

namespace {

// DIGITS × 10^exponent with the point behind the first digit, rounded to kTextDigits.
std::string Written(bool negative, std::string digits, int64_t exponent) {
  if (digits.size() > Exact::kTextDigits) {
    const bool up = digits[Exact::kTextDigits] >= '5';
    digits.resize(Exact::kTextDigits);
    size_t at = digits.size();
    while (up && at > 0 && digits[at - 1] == '9') digits[--at] = '0';
    if (up && at > 0) ++digits[at - 1];
    if (up && at == 0) {
      digits.insert(0, 1, '1');
      ++exponent;
    }
  }
  digits.erase(digits.find_last_not_of('0') + 1);
  const std::string sign = negative ? "-" : "";
  const auto count = static_cast<int64_t>(digits.size());
  if (exponent >= Exact::kTextDigits || exponent - count + 1 < -kPlacesMax) {
    const std::string behind = count > 1 ? "." + digits.substr(1) : "";
    return fmt::format("{}{}{}e{}", sign, digits[0], behind, exponent);
  }
  if (exponent < 0) return sign + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  if (count <= exponent + 1) return sign + digits + std::string(static_cast<size_t>(exponent + 1 - count), '0');
  const auto whole = static_cast<size_t>(exponent + 1);
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace

std::string Exact::ToText() const {
  const std::optional<Exact> plain = WithoutPi();
  if (!plain || plain->is_zero()) return "0";
  if (fhir::Compare(plain->below_, BigWhole(1)) == 0) {
    std::string all = plain->above_.Digits();
    const int64_t first = plain->tens_ + static_cast<int64_t>(all.size()) - 1;
    return Written(plain->negative_, std::move(all), first);
  }
  // Long division, one digit at a time, beginning with the first that is not 0.
  BigWhole rest = plain->above_;
  BigWhole by = plain->below_;
  int64_t exponent = plain->tens_ + static_cast<int64_t>(rest.DigitCount()) - static_cast<int64_t>(by.DigitCount());
  const auto shift = static_cast<int64_t>(by.DigitCount()) - static_cast<int64_t>(rest.DigitCount());
  std::optional<BigWhole> same_size =
      shift >= 0 ? rest.TimesPowerOfTen(static_cast<uint64_t>(shift)) : by.TimesPowerOfTen(static_cast<uint64_t>(-shift));
  if (!same_size) return "0";
  (shift >= 0 ? rest : by) = *same_size;
  std::string digits;
  while (!rest.is_zero() && digits.size() <= kTextDigits) {
    char digit = '0';
    while (fhir::Compare(rest, by) >= 0) {
      rest = rest.Minus(by);
      ++digit;
    }
    if (digits.empty() && digit == '0') {
      --exponent;
    } else {
      digits += digit;
    }
    const std::optional<BigWhole> next = rest.TimesPowerOfTen(1);
    if (!next) break;
    rest = *next;
  }
  return Written(plain->negative_, std::move(digits), exponent);
}

double Exact::ToDouble() const { return std::strtod(ToText().c_str(), nullptr); }

}  // namespace heyi::fhir
