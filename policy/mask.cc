#include "policy/mask.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace heyi::policy {
namespace {

constexpr unsigned kMaskCountMax = 64;

std::vector<std::string_view> CharactersOf(std::string_view text) {
  std::vector<std::string_view> characters;
  while (!text.empty()) {
    size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0u) == 0x80u) ++size;
    characters.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return characters;
}

// A value no longer than what would be shown is hidden whole.
std::string Starred(std::string_view text, size_t shown_first, size_t shown_last) {
  const std::vector<std::string_view> characters = CharactersOf(text);
  const bool too_short = characters.size() <= shown_first + shown_last;
  std::string masked;
  for (size_t i = 0; i < characters.size(); ++i) {
    const bool shown = !too_short && (i < shown_first || i >= characters.size() - shown_last);
    masked += shown ? characters[i] : std::string_view("*");
  }
  return masked;
}

// The first 区, 县 or 旗 ends the district; a housing estate (小区), a park (园区) and the like are no districts.
std::string DistrictOf(std::string_view text) {
  constexpr std::string_view kEnds[] = {"区", "县", "旗"};
  constexpr std::string_view kNoDistrict[] = {"小", "社", "园", "校", "厂", "院", "东", "西", "南", "北", "中", "片", "景", "营"};
  std::string district;
  std::string_view before;
  for (std::string_view character : CharactersOf(text)) {
    district += character;
    if (std::find(std::begin(kEnds), std::end(kEnds), character) != std::end(kEnds)) {
      const bool estate = before.empty() || std::find(std::begin(kNoDistrict), std::end(kNoDistrict), before) != std::end(kNoDistrict);
      return estate ? std::string() : district;
    }
    before = character;
  }
  return {};
}

}  // namespace

std::optional<Mask> ParseMask(std::string_view word) {
  constexpr std::pair<std::string_view, Mask::How> kWords[] = {
      {"hidden", Mask::How::kHidden}, {"year", Mask::How::kYear}, {"month", Mask::How::kMonth}, {"district", Mask::How::kDistrict}};
  for (const auto& [name, how] : kWords) {
    if (word == name) return Mask{how, 0};
  }
  const size_t dash = word.find('-');
  uint64_t count = 0;
  if (dash == std::string_view::npos || !base::ParseUnsigned(word.substr(dash + 1), &count) || count == 0 || count > kMaskCountMax) return std::nullopt;
  if (word.substr(0, dash) == "first") return Mask{Mask::How::kFirst, static_cast<unsigned>(count)};
  if (word.substr(0, dash) == "last") return Mask{Mask::How::kLast, static_cast<unsigned>(count)};
  return std::nullopt;
}

bool FitsType(const Mask& mask, const fhir::Type& type) {
  const bool date = mask.how == Mask::How::kYear || mask.how == Mask::How::kMonth;
  return date ? type.name == "date" || type.name == "dateTime" : type.name == "string" || type.name == "markdown";
}

std::string Masked(const Mask& mask, std::string_view text) {
  switch (mask.how) {
    case Mask::How::kNone: return std::string(text);
    case Mask::How::kFirst: return Starred(text, mask.count, 0);
    case Mask::How::kLast: return Starred(text, 0, mask.count);
    case Mask::How::kHidden: return "***";
    case Mask::How::kYear: return std::string(text.substr(0, 4));
    case Mask::How::kMonth: return std::string(text.substr(0, 7));
    case Mask::How::kDistrict: return DistrictOf(text);
  }
  return {};
}

}  // namespace heyi::policy
