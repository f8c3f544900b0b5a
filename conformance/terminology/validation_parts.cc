#include "conformance/terminology/validation_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "conformance/terminology/displays.h"

namespace heyi::conformance {
namespace {

using Form = ValidateRequest::Form;

void Gather(const ResolvedValueSet& value_set, std::string_view system, std::set<const ResolvedValueSet*>& seen,
            std::vector<const ResolvedInclude*>& out) {
  if (!seen.insert(&value_set).second) return;
  for (const ResolvedInclude& include : value_set.include) {
    if (include.definition->system == system) out.push_back(&include);
    for (const auto& import : include.imports) Gather(*import, system, seen, out);
  }
}

}  // namespace

Places Places::Of(ValidateRequest::Form form, size_t number) {
  if (form == Form::kCode) return {"code", "code", "system", "version", "display"};
  const std::string whole = form == Form::kCoding ? "Coding" : fmt::format("CodeableConcept.coding[{}]", number);
  return {whole, whole + ".code", whole + ".system", whole + ".version", whole + ".display"};
}

bool AnyError(const std::vector<TxIssue>& issues) {
  return std::any_of(issues.begin(), issues.end(), [](const TxIssue& issue) { return issue.severity == base::Severity::k_error; });
}

std::string ValidateResult::Message() const {
  std::set<std::string> texts;
  for (const TxIssue& issue : issues) {
    if (issue.told) texts.insert(issue.text);
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::vector<const ResolvedInclude*> IncludesOf(const ResolvedValueSet& value_set, std::string_view system) {
  std::vector<const ResolvedInclude*> includes;
  std::set<const ResolvedValueSet*> seen;
  Gather(value_set, system, seen, includes);
  return includes;
}

std::vector<Hit> OfVersion(std::vector<Hit> hits, const std::vector<const ResolvedInclude*>& includes, const TxCoding& coding) {
  const auto is_own = [&](const ResolvedInclude& include) { return include.system != nullptr && include.system->version() == coding.version; };
  const bool has = !coding.version.empty() &&
                   std::any_of(includes.begin(), includes.end(), [&](const ResolvedInclude* one) { return is_own(*one); });
  if (has) std::erase_if(hits, [&](const Hit& hit) { return !is_own(*hit.include); });
  return hits;
}

const Hit& BestHit(const std::vector<Hit>& hits, const TxCoding& coding) {
  const auto version = [](const Hit& hit) {
    return hit.include->system == nullptr ? std::string_view() : std::string_view(hit.include->system->version());
  };
  const auto shown = [&](const Hit& hit) {
    if (coding.display.empty()) return true;
    return HasDisplay(DisplaysOf(hit.include->system.get(), hit.entry.concept_, hit.entry.listed), coding.display);
  };
  const Hit* best = &hits.front();
  for (const Hit& hit : hits) {
    if (shown(hit) != shown(*best) ? shown(hit) : CompareVersions(version(hit), version(*best)) > 0) best = &hit;
  }
  return *best;
}

}  // namespace heyi::conformance
