#include "adapters/identifiers.h"

#include "adapters/times.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

constexpr size_t kTextBytesMax = 72;  // 18 full-width characters and some blanks

// The first two digits: provinces, autonomous regions, Taiwan, Hong Kong, Macao. The other four may belong to a
// division that is gone by now and are not looked up.
constexpr std::string_view kProvinces =
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 ";

bool AllDigits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool IsProvince(std::string_view two) {
  const size_t at = kProvinces.find(two);
  return at != std::string_view::npos && at % 3 == 0;
}

constexpr std::string_view kCreditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

}  // namespace

char IdentityCheckCharacter(std::string_view first_17) {
  constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  if (first_17.size() != 17 || !AllDigits(first_17)) return '\0';
  int sum = 0;
  for (size_t i = 0; i < 17; ++i) sum += (first_17[i] - '0') * kWeights[i];
  return "10X98765432"[sum % 11];
}

char CreditCodeCheckCharacter(std::string_view first_17) {
  if (first_17.size() != 17) return '\0';
  size_t weight = 1, sum = 0;  // the weights are the powers of 3 modulo 31
  for (char c : first_17) {
    const size_t value = kCreditAlphabet.find(c);
    if (value == std::string_view::npos) return '\0';
    sum += value * weight;
    weight = weight * 3 % 31;
  }
  return kCreditAlphabet[(31 - sum % 31) % 31];
}

std::optional<IdentityNumber> ParseIdentityNumber(std::string_view text) {
  if (text.size() > kTextBytesMax) return std::nullopt;
  std::string number = base::NormalizeWidth(text);
  if (number.size() == 15 && AllDigits(number)) {  // before 1999: two digits of the year, no check character
    number.insert(6, "19");
    number += IdentityCheckCharacter(number);
  }
  if (number.size() != 18 || !AllDigits(std::string_view(number).substr(0, 17))) return std::nullopt;
  if (number[17] == 'x') number[17] = 'X';
  if (!IsProvince(std::string_view(number).substr(0, 2))) return std::nullopt;
  std::string birth_date = number.substr(6, 4) + "-" + number.substr(10, 2) + "-" + number.substr(12, 2);
  if (!IsDate(birth_date) || birth_date > "2199-12-31") return std::nullopt;
  if (number[17] != IdentityCheckCharacter(std::string_view(number).substr(0, 17))) return std::nullopt;
  const bool male = (number[16] - '0') % 2 == 1;
  return IdentityNumber{std::move(number), std::move(birth_date), male};
}

bool IsCreditCode(std::string_view text) {
  return text.size() == 18 && text[17] == CreditCodeCheckCharacter(text.substr(0, 17));
}

}  // namespace heyi::adapters
