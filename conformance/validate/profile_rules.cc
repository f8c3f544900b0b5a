#include "conformance/validate/profile_rules.h"

#include <algorithm>

#include "base/text.h"
#include "conformance/validate/base_rules.h"
#include "conformance/validate/bounds.h"
#include "conformance/validate/codes.h"
#include "conformance/validate/reference_rules.h"
#include "conformance/validate/same_value.h"
#include "conformance/validate/slices.h"
#include "fhir/path/evaluator.h"

namespace heyi::conformance {

using fhir::Collection;
using fhir::PathValue;

namespace {

const TypeRule* TypeRuleOf(const PathValue& item, const ElementRule& rule) {
  for (const TypeRule& type : rule.types) {
    if (item.type() != nullptr && item.type()->IsA(type.code)) return &type;
  }
  return nullptr;
}

// One of the type's profiles is conformed to. Extensions are held to their definitions by url (extensions.h).
void CheckTypeProfiles(const PathValue& item, const TypeRule& type, Session& session) {
  if (type.profiles.empty() || type.code == "Extension") return;
  if (type.profiles.size() == 1) return CheckProfile(item, type.profiles[0], session);
  for (const std::string& profile : type.profiles) {
    if (Conforms(item, profile, session).value_or(true)) return;
  }
  session.Report("conformance.profile-none", item, type.profiles[0]);
}

void CheckTypes(const PathValue& item, const ElementRule& rule, Session& session) {
  if (rule.types.empty() || item.type() == nullptr) return;
  const TypeRule* const type = TypeRuleOf(item, rule);
  if (type == nullptr) return session.Report("conformance.type", item, item.type()->name);
  CheckTypeProfiles(item, *type, session);
  if (type->code == "Reference") CheckReferenceRule(item, *type, session);
}

// How often a rule wants its values, where the base does not already.
void CheckCount(const PathValue& parent, const ElementRule& rule, size_t count, Session& session) {
  const fhir::Element* base = parent.type() == nullptr ? nullptr : parent.type()->FindElement(rule.name);
  const bool said = base != nullptr && rule.slice.empty() && base->min >= rule.min;
  const std::string name = rule.slice.empty() ? rule.name : rule.name + ":" + rule.slice;
  if (count < rule.min && !said) session.Report("conformance.profile-min", parent, name + " x" + std::to_string(rule.min));
  if (count > rule.max) session.Report("conformance.profile-max", parent, name + " x" + std::to_string(rule.max));
}

// A choice that is still of several types is not bound: its value set cannot be about all of them (FHIR's vital signs would
// else forbid a component to be a concept, or the L/min that a pulse oximetry measures). Slices by type have their own.
// Nor is a quantity whose code the profile fixes: it may fix one that its base's value set has not (US Core's L/min).
void CheckRuleBinding(const PathValue& item, const ElementRule& rule, Session& session) {
  if (rule.choice && rule.types.size() > 1) return;
  const ElementRule* const code = rule.Child("code");
  if (code != nullptr && !code->fixed.is_null()) return;
  if (!rule.binding.strength.empty()) CheckBinding(item, rule.binding, session);
  if (!rule.max_value_set.empty()) CheckBinding(item, {"required", rule.max_value_set}, session);
}

bool HasExtension(const PathValue& item, const std::vector<std::string>& urls) {
  const fhir::Node members = MembersOf(item);
  const fhir::Node extensions = members ? members.Member("extension") : fhir::Node();
  for (fhir::Node one = extensions.first_child(); one; one = one.next()) {
    if (std::find(urls.begin(), urls.end(), one.TextAt("url")) != urls.end()) return true;
  }
  return false;
}

void CheckValuePresent(const PathValue& item, const ElementRule& rule, Session& session) {
  if (item.node()) return;
  const bool other = !rule.value_alternatives.empty() && !HasExtension(item, rule.value_alternatives);
  if (rule.must_have_value || other) session.Report("conformance.value-absent", item, rule.path);
}

// Those that a profile states on an entry's or a contained resource are about the resource that holds it.
void CheckInvariants(const PathValue& item, const ElementRule& rule, Session& session) {
  if (rule.invariants.empty()) return;
  const bool held = item.type() != nullptr && item.type()->is_resource() && item.node().parent();
  if (held) session.resource = fhir::ResourceAround(item.node().parent());
  for (const Invariant& invariant : rule.invariants) CheckInvariant(invariant.constraint, *invariant.expression, item, session);
  session.resource = {};
}

void CheckChildren(const PathValue& item, const ElementRule& rule, Session& session) {
  for (const ElementRule& child : rule.children) {
    const Collection values = ValuesOf(item, child.name, session.budget);
    CheckCount(item, child, values.size(), session);
    for (const PathValue& value : values) CheckValue(value, child, session);
    if (!child.slices.empty()) CheckSlices(item, values, child, session);
  }
}

}  // namespace

void CheckValue(const PathValue& item, const ElementRule& rule, Session& session) {
  if (!session.budget.Spend(1)) return;
  CheckTypes(item, rule, session);
  if (!rule.fixed.is_null() && !IsFixed(item, rule.fixed)) session.Report("conformance.fixed", item, base::WriteJson(rule.fixed));
  if (!rule.pattern.is_null() && !FitsPattern(item, rule.pattern)) session.Report("conformance.pattern", item, base::WriteJson(rule.pattern));
  CheckBounds(item, rule, session);
  CheckValuePresent(item, rule, session);
  CheckRuleBinding(item, rule, session);
  CheckInvariants(item, rule, session);
  CheckChildren(item, rule, session);
}

void CheckProfile(const PathValue& item, const Profile& profile, Session& session) {
  if (session.depth >= kProfileDepthMax) return session.Report("conformance.profile-depth", item, profile.url);
  if (item.type() != nullptr && profile.kind != "logical" && !item.type()->IsA(profile.type)) {
    return session.Report("conformance.profile-type", item, profile.url);
  }
  ++session.depth;
  for (const Invariant& invariant : profile.root.invariants) CheckInvariant(invariant.constraint, *invariant.expression, item, session);
  if (!profile.root.pattern.is_null() && !FitsPattern(item, profile.root.pattern)) {
    session.Report("conformance.pattern", item, base::WriteJson(profile.root.pattern));
  }
  CheckChildren(item, profile.root, session);
  --session.depth;
}

void CheckProfile(const PathValue& item, std::string_view canonical, Session& session) {
  const Profile* const profile = session.Find(canonical);
  if (profile != nullptr) return CheckProfile(item, *profile, session);
  const bool known = session.FindOut(canonical).known;
  session.Report(known ? "conformance.profile-unusable" : "conformance.profile-unknown", item, canonical);
}

std::optional<bool> Conforms(const PathValue& item, std::string_view canonical, Session& session) {
  const Profile* const profile = session.Find(canonical);
  if (profile == nullptr) return std::nullopt;
  base::Outcome findings;
  Session aside = session.Aside(findings);
  CheckProfile(item, *profile, aside);
  return !findings.HasErrors();
}

}  // namespace heyi::conformance
