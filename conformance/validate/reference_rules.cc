#include "conformance/validate/reference_rules.h"

#include <algorithm>

#include "conformance/validate/profile_rules.h"
#include "fhir/path/reference.h"

namespace heyi::conformance {

using fhir::Node;
using fhir::PathValue;

namespace {

constexpr std::string_view kBase = "http://hl7.org/fhir/StructureDefinition/";

// Contained, in the Bundle, or elsewhere; false-y for the last.
Node TargetIn(const PathValue& reference, Session& session) {
  return fhir::FindInTree(fhir::ReferenceText(reference), reference.node(), session.budget);
}

void CheckAggregation(const PathValue& reference, const TypeRule& rule, Node target, Session& session) {
  if (rule.aggregation.empty()) return;
  const bool contained = fhir::ReferenceText(reference).starts_with('#');
  const auto may = [&](std::string_view how) { return std::find(rule.aggregation.begin(), rule.aggregation.end(), how) != rule.aggregation.end(); };
  const bool fits = contained ? may("contained") : may("referenced") || (may("bundled") && target);
  if (!fits) session.Report("conformance.reference-aggregation", reference, fhir::ReferenceText(reference));
}

}  // namespace

std::string TypeOfTarget(std::string_view canonical, Session& session) {
  const Canonical name = Canonical::Of(canonical);
  if (name.url.starts_with(kBase)) {
    const std::string_view type = name.url.substr(kBase.size());
    if (session.definitions.FindType(type) != nullptr) return std::string(type);
  }
  const Profile* const profile = session.Find(canonical);
  return profile == nullptr ? std::string() : profile->type;
}

std::string TargetTypeOf(const PathValue& reference, Session& session) {
  if (const Node target = TargetIn(reference, session)) return target.type() == nullptr ? std::string() : target.type()->name;
  return session.context.TypeOfReference(fhir::ReferenceText(reference), reference.node()).value_or(std::string());
}

void CheckReferenceRule(const PathValue& reference, const TypeRule& rule, Session& session) {
  if (!reference.node() || fhir::ReferenceText(reference).empty()) return;
  const Node target = TargetIn(reference, session);
  CheckAggregation(reference, rule, target, session);
  if (rule.targets.empty()) return;
  const std::string type = TargetTypeOf(reference, session);
  if (type.empty()) return;
  bool typed = false, unknown = false, conforms = false;
  for (const std::string& canonical : rule.targets) {
    const std::string wanted = TypeOfTarget(canonical, session);
    unknown = unknown || wanted.empty();
    if (wanted != type && wanted != "Resource") continue;
    typed = true;
    if (!target || Conforms(PathValue::OfNode(target), canonical, session).value_or(true)) conforms = true;
  }
  if (!typed && !unknown) return session.Report("conformance.reference-target", reference, type);
  if (typed && !conforms) session.Report("conformance.reference-profile", reference, fhir::ReferenceText(reference));
}

}  // namespace heyi::conformance
