#include "conformance/terminology/languages.h"

#include <algorithm>

#include "base/text.h"
#include "conformance/limits.h"

namespace heyi::conformance {
namespace {

// "0.5" in thousandths; what is no weight counts as 1.
int Weight(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 1000;
  int thousandths = text[0] == '1' ? 1000 : 0;
  int unit = 100;
  for (size_t i = 2; i < text.size() && unit > 0 && text[i] >= '0' && text[i] <= '9'; ++i, unit /= 10) thousandths += (text[i] - '0') * unit;
  return std::min(thousandths, 1000);
}

bool IsTag(std::string_view text) {
  return !text.empty() && text.size() <= 35 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

bool StartsWithPart(std::string_view text, std::string_view part) {
  return text.size() > part.size() && text.starts_with(part) && (text[part.size()] == '-' || text[part.size()] == '_');
}

}  // namespace

Languages Languages::Parse(std::string_view text) {
  Languages languages;
  languages.text_ = base::Trim(text);
  std::vector<std::pair<int, std::string>> weighted;
  for (std::string_view part : base::Split(text, ',')) {
    const size_t mark = part.find(';');
    const std::string_view tag = base::Trim(part.substr(0, mark));
    int weight = 1000;
    if (mark != std::string_view::npos) {
      const std::string_view rest = part.substr(mark + 1);
      const size_t equals = rest.find('=');
      if (equals != std::string_view::npos) weight = Weight(base::Trim(rest.substr(equals + 1)));
    }
    if (tag == "*") {
      languages.others_ = weight > 0;
      continue;
    }
    if (weight == 0 || !IsTag(tag) || weighted.size() >= kLanguagesMax) continue;
    weighted.emplace_back(weight, std::string(tag));
  }
  std::stable_sort(weighted.begin(), weighted.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (auto& [weight, tag] : weighted) languages.tags_.push_back(std::move(tag));
  return languages;
}

std::string Languages::Summary() const {
  if (tags_.empty()) return "--";
  std::string text;
  for (const std::string& tag : tags_) text.append(text.empty() ? "" : ", ").append(tag);
  return text;
}

int Languages::Fit(std::string_view tag) const {
  if (tag.empty()) return 0;
  const std::string have = base::AsciiLower(tag);
  int best = 0;
  for (size_t i = 0; i < tags_.size(); ++i) {
    const std::string want = base::AsciiLower(tags_[i]);
    const int how = want == have ? 3 : StartsWithPart(have, want) ? 2 : StartsWithPart(want, have) ? 1 : 0;
    if (how > 0) best = std::max(best, static_cast<int>(tags_.size() - i) * 4 + how);
  }
  return best;
}

}  // namespace heyi::conformance
