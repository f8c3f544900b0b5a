#include "conformance/library/source.h"

#include <algorithm>

#include "base/text.h"

namespace heyi::conformance {
namespace {

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int Sign(int value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }

// Numbers by value, without a bound on their length; text by bytes; a number comes before a text.
int ComparePart(std::string_view a, std::string_view b) {
  if (!IsDigits(a) || !IsDigits(b)) {
    if (IsDigits(a) != IsDigits(b)) return IsDigits(a) ? -1 : 1;
    return Sign(a.compare(b));
  }
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return Sign(a.compare(b));
}

// The part before the next point; takes it off `text`.
std::string_view TakePart(std::string_view& text) {
  const size_t point = text.find('.');
  const std::string_view part = text.substr(0, point);
  text.remove_prefix(point == std::string_view::npos ? text.size() : point + 1);
  return part;
}

int CompareDotted(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (const int order = ComparePart(TakePart(a), TakePart(b)); order != 0) return order;
  }
  return a.empty() ? (b.empty() ? 0 : -1) : 1;
}

bool IsSemantic(std::string_view version) { return version.find('.') != std::string_view::npos; }

}  // namespace

Canonical Canonical::Of(std::string_view text) {
  text = text.substr(0, text.find('#'));
  const size_t bar = text.find('|');
  if (bar == std::string_view::npos) return {text, {}};
  return {text.substr(0, bar), text.substr(bar + 1)};
}

int CompareVersions(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return Sign(static_cast<int>(!a.empty()) - static_cast<int>(!b.empty()));  // none comes before any
  if (!IsSemantic(a) || !IsSemantic(b)) return ComparePart(a, b);
  const size_t label_a = a.find('-');
  const size_t label_b = b.find('-');
  if (const int order = CompareDotted(a.substr(0, label_a), b.substr(0, label_b)); order != 0) return order;
  const bool labelled_a = label_a != std::string_view::npos;
  const bool labelled_b = label_b != std::string_view::npos;
  if (labelled_a != labelled_b) return labelled_a ? -1 : 1;
  return labelled_a ? CompareDotted(a.substr(label_a + 1), b.substr(label_b + 1)) : 0;
}

bool VersionFits(std::string_view asked, std::string_view version) {
  while (!asked.empty() && !version.empty()) {
    const std::string_view want = TakePart(asked);
    const std::string_view have = TakePart(version);
    const bool any = want == "*" || want == "x" || want == "X";
    if (!any && want != have) return false;
  }
  return asked.empty();
}

}  // namespace heyi::conformance
