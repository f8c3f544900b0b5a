#include "conformance/terminology/code_system.h"

#include <algorithm>

#include "base/text.h"

namespace heyi::conformance {
namespace {

constexpr std::string_view kStandardsStatus = "http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status";

}  // namespace

Standing Standing::Of(const base::JsonValue& resource) {
  Standing standing;
  standing.draft = resource.StringAt("status") == "draft";
  standing.experimental = resource["experimental"].is_true();
  for (const base::JsonValue& extension : resource["extension"].items()) {
    if (extension.StringAt("url") != kStandardsStatus) continue;
    standing.deprecated = extension.StringAt("valueCode") == "deprecated";
    standing.withdrawn = extension.StringAt("valueCode") == "withdrawn";
  }
  return standing;
}

uint32_t CodeSystem::Find(std::string_view code) const {
  const auto key = [this](uint32_t at) {
    if (case_sensitive_) return Of(concepts_[at].code);
    return std::string_view(folded_).substr(folded_codes_[at].begin, folded_codes_[at].size);
  };
  std::string folded;
  if (!case_sensitive_) {
    folded = base::AsciiLower(code);
    code = folded;
  }
  const auto found = std::lower_bound(by_code_.begin(), by_code_.end(), code, [&](uint32_t at, std::string_view want) { return key(at) < want; });
  return found == by_code_.end() || key(*found) != code ? kNone : *found;
}

namespace {

// The part of `all` from `begin` of one to `begin` of the next.
template <typename T>
std::span<const T> Part(const std::vector<T>& all, uint32_t begin, uint32_t end) {
  return std::span<const T>(all).subspan(begin, end - begin);
}

}  // namespace

std::span<const CodeSystem::Designation> CodeSystem::designations(uint32_t at) const {
  const size_t end = at + 1 < concepts_.size() ? concepts_[at + 1].designations : designations_.size();
  return Part(designations_, concepts_[at].designations, static_cast<uint32_t>(end));
}

std::span<const CodeSystem::Property> CodeSystem::properties(uint32_t at) const {
  const size_t end = at + 1 < concepts_.size() ? concepts_[at + 1].properties : properties_.size();
  return Part(properties_, concepts_[at].properties, static_cast<uint32_t>(end));
}

std::span<const uint32_t> CodeSystem::parents(uint32_t at) const {
  const size_t end = at + 1 < concepts_.size() ? concepts_[at + 1].parents : parents_.size();
  return Part(parents_, concepts_[at].parents, static_cast<uint32_t>(end));
}

std::span<const uint32_t> CodeSystem::children(uint32_t at) const {
  const size_t end = at + 1 < concepts_.size() ? concepts_[at + 1].children : children_.size();
  return Part(children_, concepts_[at].children, static_cast<uint32_t>(end));
}

void CodeSystem::Mark(uint32_t at, std::span<const uint32_t> (CodeSystem::*next)(uint32_t) const, std::vector<bool>& marks) const {
  std::vector<uint32_t> open{at};
  marks[at] = true;
  while (!open.empty()) {
    const uint32_t current = open.back();
    open.pop_back();
    for (uint32_t other : (this->*next)(current)) {
      if (marks[other]) continue;
      marks[other] = true;
      open.push_back(other);
    }
  }
}

bool CodeSystem::IsBelow(uint32_t at, uint32_t ancestor) const {
  std::vector<bool> marks(size());
  MarkAbove(at, marks);
  return marks[ancestor];
}

std::string CodeSystem::FoldedForSearch(std::string_view text) { return base::IsAscii(text) ? base::AsciiLower(text) : base::FoldForSearch(text); }

std::string_view CodeSystem::SearchText(uint32_t at) const {
  std::call_once(search_once_, [this] {
    search_ends_.reserve(size());
    for (uint32_t i = 0; i < size() && search_text_.size() < UINT32_MAX / 2; ++i) {
      search_text_.append(FoldedForSearch(code(i))).append("\n").append(FoldedForSearch(display(i)));
      for (const Designation& designation : designations(i)) search_text_.append("\n").append(FoldedForSearch(Of(designation.value)));
      search_ends_.push_back(static_cast<uint32_t>(search_text_.size()));
    }
  });
  if (at >= search_ends_.size()) return {};
  const uint32_t begin = at == 0 ? 0 : search_ends_[at - 1];
  return std::string_view(search_text_).substr(begin, search_ends_[at] - begin);
}

size_t CodeSystem::bytes() const {
  // Twice the arena: most systems are looked through sooner or later.
  return 2 * arena_.size() + folded_.size() + concepts_.size() * (sizeof(Concept) + sizeof(uint32_t) + (case_sensitive_ ? 0 : sizeof(Text))) +
         designations_.size() * sizeof(Designation) + properties_.size() * sizeof(Property) + (parents_.size() + children_.size()) * sizeof(uint32_t);
}

std::string CanonicalOf(const base::JsonValue& resource) {
  std::string canonical(resource.StringAt("url"));
  if (const std::string_view version = resource.StringAt("version"); !version.empty()) canonical.append("|").append(version);
  return canonical;
}

std::string_view ExtensionName(const base::JsonValue& extension) {
  constexpr std::string_view kHl7 = "http://hl7.org/fhir/StructureDefinition/";
  const std::string_view url = extension.StringAt("url");
  return url.starts_with(kHl7) ? url.substr(kHl7.size()) : std::string_view();
}

}  // namespace heyi::conformance
