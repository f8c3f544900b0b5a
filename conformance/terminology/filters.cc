#include "conformance/terminology/filters.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "conformance/limits.h"
#include "conformance/terminology/issues.h"

namespace heyi::conformance {
namespace {

using Filter = ValueSetDefinition::Filter;
using Marks = std::vector<bool>;


bool IsConcept(std::string_view property) { return property == "concept" || property == "code"; }

// One filter over one code system.
class FilterRun {
 public:
  FilterRun(const CodeSystem& system, const Filter& filter) : system_(system), filter_(filter) { FindProperty(); }

  // Empty where the system does not know what is asked.
  std::optional<Marks> Run() {
    const std::string& op = filter_.op;
    if (op == "is-a" || op == "descendent-of" || op == "is-not-a" || op == "generalizes" || op == "child-of" || op == "descendent-leaf") {
      if (!IsConcept(filter_.property) && !Hierarchical()) return std::nullopt;
      return Hierarchy();
    }
    if (!IsConcept(filter_.property) && filter_.property != "display" && filter_.property != "definition" && !known_) return std::nullopt;
    if (op == "=") return Values([this](std::string_view value) { return Same(value, filter_.value); });
    if (op == "in" || op == "not-in") return InList(op == "in");
    if (op == "exists") return Exists();
    if (op == "regex") return Regex();
    return std::nullopt;
  }

 private:
  void FindProperty() {
    const auto& all = system_.property_definitions();
    for (size_t i = 0; i < all.size(); ++i) {
      const bool same = all[i].code == filter_.property || (all[i].uri == std::string(kConceptProperties).append(filter_.property));
      if (same) definitions_.insert(static_cast<uint16_t>(i));
    }
    known_ = !definitions_.empty() || filter_.property == "parent" || filter_.property == "child" || filter_.property == "inactive" ||
             filter_.property == "notSelectable" || filter_.property == "status";
  }

  bool Hierarchical() const { return known_ && (filter_.property == "parent" || filter_.property == "child" || filter_.property == "subsumedBy"); }

  Marks None() const { return Marks(system_.size()); }

  Marks Hierarchy() const {
    Marks marks = None();
    const uint32_t at = system_.Find(filter_.value);
    const std::string& op = filter_.op;
    if (at == CodeSystem::kNone) {
      if (op == "is-not-a") marks.flip();
      return marks;
    }
    if (op == "child-of") {
      for (uint32_t child : system_.children(at)) marks[child] = true;
      return marks;
    }
    if (op == "generalizes") {
      system_.MarkAbove(at, marks);
      return marks;
    }
    system_.MarkBelow(at, marks);
    if (op == "is-not-a") marks.flip();
    if (op == "descendent-of" || op == "descendent-leaf") marks[at] = false;
    if (op == "descendent-leaf") {
      for (uint32_t i = 0; i < system_.size(); ++i) marks[i] = marks[i] && system_.children(i).empty();
    }
    return marks;
  }

  bool Same(std::string_view a, std::string_view b) const {
    if (a == b) return true;
    return IsConcept(filter_.property) && !system_.case_sensitive() && base::AsciiLower(a) == base::AsciiLower(b);
  }

  // The concepts with a value of the property for which `fits` holds.
  template <typename Fits>
  Marks Values(const Fits& fits) const {
    Marks marks = None();
    for (uint32_t i = 0; i < system_.size(); ++i) marks[i] = HasValue(i, fits);
    return marks;
  }

  template <typename Fits>
  bool HasValue(uint32_t at, const Fits& fits) const {
    if (IsConcept(filter_.property)) return fits(system_.code(at));
    if (filter_.property == "display") return !system_.display(at).empty() && fits(system_.display(at));
    if (filter_.property == "definition") return !system_.definition(at).empty() && fits(system_.definition(at));
    if (filter_.property == "parent") return AnyCode(system_.parents(at), fits);
    if (filter_.property == "child") return AnyCode(system_.children(at), fits);
    if (filter_.property == "inactive" && definitions_.empty()) return fits(system_.inactive(at) ? "true" : "false");
    for (const CodeSystem::Property& property : system_.properties(at)) {
      if (definitions_.contains(property.definition) && fits(system_.Of(property.value))) return true;
    }
    return false;
  }

  template <typename Fits>
  bool AnyCode(std::span<const uint32_t> concepts, const Fits& fits) const {
    return std::any_of(concepts.begin(), concepts.end(), [&](uint32_t at) { return fits(system_.code(at)); });
  }

  Marks InList(bool in) const {
    std::set<std::string, std::less<>> wanted;
    for (std::string_view value : base::Split(filter_.value, ',')) wanted.emplace(base::Trim(value));
    Marks marks = Values([&](std::string_view value) { return wanted.contains(value); });
    if (!in) marks.flip();
    return marks;
  }

  Marks Exists() const {
    Marks marks = Values([](std::string_view) { return true; });
    if (filter_.value == "false") marks.flip();
    return marks;
  }

  std::optional<Marks> Regex() const {
    if (filter_.value.size() > kRegexBytesMax) return std::nullopt;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kRegexMemoryMax);
    const RE2 pattern(filter_.value, options);
    if (!pattern.ok()) return std::nullopt;
    return Values([&](std::string_view value) { return RE2::FullMatch(re2::StringPiece(value.data(), value.size()), pattern); });
  }

  const CodeSystem& system_;
  const Filter& filter_;
  std::set<uint16_t> definitions_;
  bool known_ = false;
};

}  // namespace

std::optional<TxFailure> CheckFilters(const ValueSetDefinition::Include& include) {
  for (size_t i = 0; i < include.filters.size(); ++i) {
    const Filter& filter = include.filters[i];
    if (!filter.has_value) return issues::FilterWithoutValue(include.system, filter.property, filter.op, fmt::format("{}.filter[{}]", include.place, i));
  }
  return std::nullopt;
}

TxAnswer<Marks> FilteredConcepts(const CodeSystem& system, const ValueSetDefinition::Include& include, size_t& work) {
  Marks marks(system.size(), true);
  for (size_t i = 0; i < include.filters.size(); ++i) {
    const Filter& filter = include.filters[i];
    work += system.size() * (filter.op == "regex" ? kRegexWork : 1);
    if (work > kFilterWorkMax) return issues::TooCostly(system.url(), kFilterWorkMax);
    const std::optional<Marks> passed = FilterRun(system, filter).Run();
    if (!passed) {
      return issues::FilterNotUnderstood(include.system, filter.property, filter.op, base::ClipUtf8(filter.value, 100),
                                         fmt::format("{}.filter[{}]", include.place, i));
    }
    for (size_t at = 0; at < marks.size(); ++at) marks[at] = marks[at] && (*passed)[at];
  }
  return marks;
}

}  // namespace heyi::conformance
