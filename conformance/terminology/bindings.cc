// Membership for bindings: the same facts as $validate-code, without its words.
#include <algorithm>
#include <set>

#include "conformance/terminology/displays.h"
#include "conformance/terminology/grammar_systems.h"
#include "conformance/terminology/resolve.h"
#include "conformance/terminology/terminology.h"

namespace heyi::conformance {
namespace {

using Membership = Terminology::Membership;
using Kind = Membership::Kind;
using Why = Membership::Why;

Membership Unknown(Why why, std::string_view detail) {
  Membership membership;
  membership.why = why;
  membership.detail = detail;
  return membership;
}

void TellConcept(const CodeSystem* system, uint32_t at, const ValueSetDefinition::Listed* listed, std::string_view given, Membership& out) {
  const std::vector<Display> displays = DisplaysOf(system, at, listed);
  if (const Display* best = BestDisplay(displays, {})) out.display = best->value;
  const bool known = std::any_of(displays.begin(), displays.end(), [](const Display& display) { return display.name; });
  out.display_wrong = !given.empty() && known && !HasDisplay(displays, given);
  out.inactive = system != nullptr && at != CodeSystem::kNone && system->inactive(at);
}

// A code system that the value set is about as a whole, and which is not here; empty where there is none.
std::string MissingSystem(const ResolvedValueSet& value_set, std::string_view system, std::set<const ResolvedValueSet*>& seen) {
  if (!seen.insert(&value_set).second) return {};
  for (const ResolvedInclude& include : value_set.include) {
    const std::string& own = include.definition->system;
    if (include.missing && include.definition->listed.empty() && (system.empty() || own == system)) return own;
    // What a fragment lacks may still be right.
    const bool part = include.system != nullptr && include.system->content() != ContentMode::kComplete && include.definition->listed.empty();
    if (part && (system.empty() || own == system)) return own;
    for (const auto& import : include.imports) {
      if (std::string found = MissingSystem(*import, system, seen); !found.empty()) return found;
    }
  }
  return {};
}

}  // namespace

Terminology::Membership Terminology::InValueSet(std::string_view value_set, std::string_view system, std::string_view version, std::string_view code,
                                                std::string_view display) const {
  const Canonical canonical = Canonical::Of(value_set);
  TxCoding coding{std::string(system), std::string(version), std::string(code), std::string(display)};
  auto resolved = Resolve({std::string(canonical.url), std::string(canonical.version), nullptr}, {}, &coding);
  if (!resolved.ok()) {
    const std::string_view kind = resolved.failure->issue.kind;
    if (resolved.failure->kind == base::ErrorKind::kNotFound) return Unknown(Why::kValueSetUnknown, value_set);
    return Unknown(kind == "too-costly" ? Why::kTooCostly : Why::kBroken, resolved.failure->issue.text);
  }
  const ResolvedValueSet& set = **resolved.value;
  MembershipSearch search(MembershipSearch::Inactive::kAsDefined);
  const std::vector<Hit> hits = search.Find(set, system, code);
  if (search.too_costly()) return Unknown(Why::kTooCostly, value_set);
  if (hits.empty()) {
    if (!set.missing_value_sets.empty()) return Unknown(Why::kValueSetUnknown, *set.missing_value_sets.begin());
    std::set<const ResolvedValueSet*> seen;
    if (const std::string missing = MissingSystem(set, system, seen); !missing.empty()) return Unknown(Why::kCodeSystemUnknown, missing);
    Membership out;
    out.kind = Kind::kNotIn;
    if (const std::shared_ptr<const CodeSystem> of = system.empty() ? nullptr : System(system, version)) {
      const uint32_t at = of->Find(code);
      if (at == CodeSystem::kNone) out.why = Why::kCodeUnknown;
      else TellConcept(of.get(), at, nullptr, display, out);
    }
    return out;
  }
  Membership out;
  out.kind = Kind::kIn;
  out.display_wrong = true;
  for (const Hit& hit : hits) {  // of several versions one with the right display will do
    Membership one;
    TellConcept(hit.include->system.get(), hit.entry.concept_, hit.entry.listed, display, one);
    if (!out.display_wrong) continue;
    out.display_wrong = one.display_wrong;
    out.display = std::move(one.display);
    out.inactive = one.inactive;
  }
  return out;
}

Terminology::Membership Terminology::InCodeSystem(std::string_view system, std::string_view version, std::string_view code,
                                                  std::string_view display) const {
  Membership out;
  std::shared_ptr<const CodeSystem> found = System(system, version);
  if ((found == nullptr || found->size() == 0) && IsGrammarSystem(system)) {
    out.kind = FitsGrammar(system, code) ? Kind::kIn : Kind::kNotIn;
    if (out.kind == Kind::kNotIn) out.why = Why::kCodeUnknown;
    return out;
  }
  if (found == nullptr) return Unknown(Why::kCodeSystemUnknown, system);
  const uint32_t at = found->Find(code);
  if (at == CodeSystem::kNone) {
    if (found->content() != ContentMode::kComplete) return Unknown(Why::kCodeSystemUnknown, system);
    out.kind = Kind::kNotIn;
    out.why = Why::kCodeUnknown;
    return out;
  }
  out.kind = Kind::kIn;
  TellConcept(found.get(), at, nullptr, display, out);
  return out;
}

}  // namespace heyi::conformance
