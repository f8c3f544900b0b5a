#include "fhir/search/search_number.h"

#include <algorithm>

namespace heyi::fhir {
namespace {

bool IsDecimalDigit(char c) { return c >= '0' && c <= '9'; }

void DropLeadingZeros(std::string& digits) { digits.erase(0, digits.find_first_not_of('0')); }

// digits × factor, factor < 100.
std::string Times(const std::string& digits, int factor) {
  std::string product(digits.size() + 2, '0');
  int carry = 0;
  for (size_t i = digits.size(); i-- > 0;) {
    const int sum = (digits[i] - '0') * factor + carry;
    product[i + 2] = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  product[1] = static_cast<char>('0' + carry % 10);
  product[0] = static_cast<char>('0' + carry / 10);
  DropLeadingZeros(product);
  return product;
}

// digits - 1; digits is not zero.
std::string OneLess(std::string digits) {
  size_t i = digits.size() - 1;
  for (; digits[i] == '0'; --i) digits[i] = '9';
  --digits[i];
  DropLeadingZeros(digits);
  return digits;
}

}  // namespace

std::optional<SearchNumber> SearchNumber::Parse(std::string_view text, int64_t exponent_max) {
  SearchNumber out;
  size_t at = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) out.negative_ = text[at++] == '-';
  const size_t whole = at;
  for (; at < text.size() && IsDecimalDigit(text[at]); ++at) out.digits_ += text[at];
  if (at == whole || (text[whole] == '0' && at - whole > 1)) return std::nullopt;
  bool point = false;
  if (at < text.size() && text[at] == '.') {
    point = true;
    const size_t fraction = ++at;
    for (; at < text.size() && IsDecimalDigit(text[at]); ++at) out.digits_ += text[at];
    if (at == fraction) return std::nullopt;
    out.exponent_ = -static_cast<int64_t>(at - fraction);
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    bool down = false;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) down = text[at++] == '-';
    const size_t begin = at;
    int64_t exponent = 0;
    for (; at < text.size() && IsDecimalDigit(text[at]); ++at) {
      exponent = exponent * 10 + (text[at] - '0');
      if (exponent > exponent_max) return std::nullopt;
    }
    if (at == begin) return std::nullopt;
    out.exponent_ += down ? -exponent : exponent;
    out.short_mantissa_ = !point;
  }
  if (at != text.size()) return std::nullopt;
  DropLeadingZeros(out.digits_);
  return out;
}

std::string SearchNumber::Text() const {
  if (digits_.empty()) return "0";
  return (negative_ ? "-" : "") + digits_ + "e" + std::to_string(exponent_);
}

std::pair<SearchNumber, SearchNumber> SearchNumber::ImplicitRange() const {
  SearchNumber nearer = *this;   // to zero
  SearchNumber farther = *this;
  // The specification reads 1e2 as [95, 105), as if it said 1.0e2.
  const std::string digits = short_mantissa_ ? digits_ + "0" : digits_;
  farther.exponent_ = nearer.exponent_ = exponent_ - (short_mantissa_ ? 2 : 1);
  farther.digits_ = digits + "5";
  if (digits_.empty()) {
    nearer.digits_ = farther.digits_ = "5";
    nearer.negative_ = true;
    farther.negative_ = false;
    return {nearer, farther};
  }
  nearer.digits_ = OneLess(digits) + "5";
  return negative_ ? std::pair(farther, nearer) : std::pair(nearer, farther);
}

std::pair<SearchNumber, SearchNumber> SearchNumber::TenthAround() const {
  SearchNumber nearer = *this;
  SearchNumber farther = *this;
  nearer.digits_ = Times(digits_, 9);
  farther.digits_ = Times(digits_, 11);
  --nearer.exponent_;
  --farther.exponent_;
  return negative_ ? std::pair(farther, nearer) : std::pair(nearer, farther);
}

int Compare(const SearchNumber& a, const SearchNumber& b) {
  const auto sign = [](const SearchNumber& d) { return d.digits_.empty() ? 0 : d.negative_ ? -1 : 1; };
  if (sign(a) != sign(b)) return sign(a) < sign(b) ? -1 : 1;
  if (sign(a) == 0) return 0;
  const int64_t a_size = static_cast<int64_t>(a.digits_.size()) + a.exponent_;
  const int64_t b_size = static_cast<int64_t>(b.digits_.size()) + b.exponent_;
  int magnitude = 0;
  if (a_size != b_size) {
    magnitude = a_size < b_size ? -1 : 1;
  } else {
    const size_t length = std::max(a.digits_.size(), b.digits_.size());
    for (size_t i = 0; i < length && magnitude == 0; ++i) {
      const char x = i < a.digits_.size() ? a.digits_[i] : '0';
      const char y = i < b.digits_.size() ? b.digits_[i] : '0';
      if (x != y) magnitude = x < y ? -1 : 1;
    }
  }
  return sign(a) * magnitude;
}

}  // namespace heyi::fhir
