#include "conformance/terminology/displays.h"

#include <algorithm>

#include "base/text.h"
#include "conformance/terminology/issues.h"

namespace heyi::conformance {
namespace {

// Uses whose texts are displays: https://hl7.org/fhir/R4/valueset-designation-use.html and SNOMED's synonym.
bool IsName(std::string_view use_code) {
  return use_code.empty() || use_code == "display" || use_code == "preferredForLanguage" || use_code == "900000000000013009";
}

bool Same(std::string_view a, std::string_view b) { return a == b || base::AsciiLower(a) == base::AsciiLower(b); }

// Runs of white space as one blank, none at the ends.
std::string Collapsed(std::string_view text) {
  std::string out;
  for (char c : base::Trim(text)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (blank && !out.empty() && out.back() == ' ') continue;
    out.push_back(blank ? ' ' : c);
  }
  return base::AsciiLower(out);
}

// How well a display fits the languages; the base display of a code system without language fits any a little.
int Fit(const Display& display, const Languages& languages) { return display.language.empty() ? 0 : languages.Fit(display.language); }

}  // namespace

std::vector<Display> DisplaysOf(const CodeSystem* system, uint32_t at, const ValueSetDefinition::Listed* listed) {
  std::vector<Display> displays;
  const bool known = system != nullptr && at != CodeSystem::kNone;
  const std::string_view language = known ? std::string_view(system->language()) : std::string_view();
  if (listed != nullptr && !listed->display.empty()) displays.push_back({listed->display, language, true, true, false, -1});
  if (known && !system->display(at).empty() && (displays.empty() || displays.front().value != system->display(at))) {
    displays.push_back({system->display(at), language, displays.empty(), true, false, -1});
  }
  if (known) {
    int number = 0;
    for (const CodeSystem::Designation& one : system->designations(at)) {
      displays.push_back({system->Of(one.value), system->Of(one.language), false, IsName(system->Of(one.use_code)), one.outdated, number++});
    }
  }
  if (listed != nullptr) {
    for (size_t i = 0; i < listed->designations.size(); ++i) {
      const ExpandedDesignation& one = listed->designations[i];
      displays.push_back({one.value, one.language, false, IsName(one.use_code), false, kListedFrom + static_cast<int>(i)});
    }
  }
  return displays;
}

const Display* BestDisplay(const std::vector<Display>& displays, const Languages& languages) {
  const Display* best = nullptr;
  int best_fit = 0;
  const Display* fallback = nullptr;
  for (const Display& display : displays) {
    if (display.base) fallback = &display;
    if (languages.any() || !display.name || display.outdated) continue;
    const int fit = Fit(display, languages);
    if (fit <= best_fit) continue;
    best = &display;
    best_fit = fit;
  }
  if (best != nullptr) return best;
  const bool any_language = fallback != nullptr && fallback->language.empty();
  return languages.any() || languages.others_too() || any_language ? fallback : nullptr;
}

bool HasDisplay(const std::vector<Display>& displays, std::string_view given) {
  return std::any_of(displays.begin(), displays.end(), [&](const Display& display) { return !display.outdated && Same(display.value, given); });
}

std::optional<TxIssue> CheckDisplay(const std::vector<Display>& displays, const TxCoding& coding, const Languages& languages, bool lenient,
                                    const std::string& place) {
  if (coding.display.empty() || displays.empty()) return std::nullopt;
  const Display* base = nullptr;
  bool in_language = false;      // is there a display in a language asked for
  bool of_default = false;       // is the given one of the code system's own language
  bool outdated = false;
  bool by_white_space = false;
  std::vector<issues::RightDisplay> right;
  for (const Display& display : displays) {
    if (display.base) base = &display;
    const bool fits = languages.any() || Fit(display, languages) > 0 || (display.base && display.language.empty());
    const bool same = Same(display.value, coding.display);
    if (display.outdated) {
      outdated = outdated || same;
      continue;
    }
    if (fits && same) return std::nullopt;
    in_language = in_language || (fits && display.name);
    of_default = of_default || (same && (base == nullptr || display.language.empty() || display.language == base->language));
    if (!fits || !display.name) continue;
    by_white_space = by_white_space || Collapsed(display.value) == Collapsed(coding.display);
    right.push_back({std::string(display.value), std::string(display.language)});
  }
  const std::string_view own = base == nullptr ? std::string_view() : base->value;
  if (outdated) return issues::OutdatedDisplay(coding, own, place);
  if (!languages.any() && !in_language) {
    if (of_default) return issues::DisplayOfDefaultLanguage(coding, languages, place);
    return issues::NoDisplayInLanguage(coding, own, languages, lenient, place);
  }
  if (right.empty()) return std::nullopt;  // it has designations for other uses only
  return issues::WrongDisplay(coding, right, languages, by_white_space, lenient, place);
}

}  // namespace heyi::conformance
