#include "conformance/validate/codes.h"

#include <algorithm>

#include "base/text.h"
#include "conformance/validate/context.h"

namespace heyi::conformance {

using fhir::Node;
using fhir::PathValue;
using Membership = Terminology::Membership;
using Kind = Membership::Kind;

namespace {

constexpr std::string_view kAbsent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

Membership CodingIn(Node coding, std::string_view value_set, const Terminology& terminology) {
  return terminology.InValueSet(value_set, coding.TextAt("system"), coding.TextAt("version"), coding.TextAt("code"), {});
}

bool SaysWhyAbsent(const PathValue& item) {
  const Node members = item.node() && item.node().is_object() ? item.node() : item.underscore();
  const Node extensions = members ? members.Member("extension") : Node();
  for (Node one = extensions ? extensions.first_child() : Node(); one; one = one.next()) {
    if (one.TextAt("url") == kAbsent) return true;
  }
  return false;
}

// Of several codings the best: one that is in the value set is enough.
Membership ConceptIn(Node concept_node, std::string_view value_set, const Terminology& terminology) {
  Membership best;
  best.kind = Kind::kNotIn;
  const Node codings = concept_node.Member("coding");
  for (Node coding = codings ? codings.first_child() : Node(); coding; coding = coding.next()) {
    if (!coding.is_object() || coding.TextAt("code").empty()) continue;
    const Membership one = CodingIn(coding, value_set, terminology);
    if (one.kind == Kind::kIn) return one;
    if (one.kind == Kind::kUnknown) best = one;
  }
  return best;
}

// nullopt where the item is nothing that codes.
std::optional<Membership> MembershipOf(const PathValue& item, std::string_view value_set, const Terminology& terminology) {
  if (!item.node() || item.type() == nullptr) return std::nullopt;
  if (!item.node().is_object()) return terminology.InValueSet(value_set, {}, {}, item.text(), {});
  const std::string& type = item.type()->name;
  if (type == "Coding") return CodingIn(item.node(), value_set, terminology);
  if (type == "CodeableConcept") return ConceptIn(item.node(), value_set, terminology);
  if (item.type()->IsA("Quantity")) {
    const std::string_view code = item.node().TextAt("code");
    if (code.empty()) return std::nullopt;
    return terminology.InValueSet(value_set, item.node().TextAt("system"), {}, code, {});
  }
  return std::nullopt;
}

std::string CodeText(const PathValue& item) {
  if (!item.node().is_object()) return std::string(item.text());
  Node coding = item.node();
  if (const Node codings = coding.Member("coding")) coding = codings.first_child();
  const std::string_view system = coding.TextAt("system");
  return (system.empty() ? std::string() : std::string(system) + "#") + std::string(coding.TextAt("code"));
}

}  // namespace

size_t CharactersOf(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void CheckLength(const PathValue& item, uint32_t characters, Session& session) {
  if (CharactersOf(item.text()) > characters) session.Report("conformance.max-length", item, std::to_string(characters));
}

void CheckBinding(const PathValue& item, const fhir::Binding& binding, Session& session) {
  const bool required = binding.strength == "required";
  if (session.terminology == nullptr || binding.value_set.empty() || !(required || binding.strength == "extensible")) return;
  const auto membership = MembershipOf(item, binding.value_set, *session.terminology);
  if (!membership || membership->kind == Kind::kIn) return;
  if (membership->kind == Kind::kUnknown) {
    const bool missing = membership->why == Membership::Why::kValueSetUnknown;
    return session.Report(missing ? "conformance.value-set-unknown" : "conformance.code-unchecked", item, membership->detail);
  }
  const bool no_code = item.type()->name == "CodeableConcept" && !item.node().Member("coding");
  if (SaysWhyAbsent(item) || (no_code && !required)) return;
  session.Report(required ? "conformance.binding" : "conformance.binding-extensible", item, CodeText(item) + " / " + binding.value_set);
}

void CheckCoding(const PathValue& coding, Session& session) {
  const std::string_view system = coding.node().TextAt("system");
  const std::string_view code = coding.node().TextAt("code");
  if (session.terminology == nullptr || system.empty()) return;
  if (system.find(':') == std::string_view::npos) return session.Report("conformance.coding-system", coding, system);
  if (code.empty()) return;
  const Membership membership = session.terminology->InCodeSystem(system, coding.node().TextAt("version"), code, coding.node().TextAt("display"));
  if (membership.kind == Kind::kNotIn) return session.Report("conformance.code-unknown", coding, CodeText(coding));
  if (!membership.display_wrong) return;
  // HL7's codes stand with Chinese displays all over China, and HL7 has none that they could be compared with.
  const bool other_script = base::IsAscii(membership.display) && !base::IsAscii(coding.node().TextAt("display"));
  session.Report(other_script ? "conformance.display-translated" : "conformance.display", coding, membership.display);
}

std::optional<bool> ValidationContext::MemberOf(Node coded, std::string_view value_set) const {
  if (terminology_ == nullptr) return std::nullopt;
  const auto membership = MembershipOf(PathValue::OfNode(coded), value_set, *terminology_);
  if (!membership || membership->kind == Kind::kUnknown) return std::nullopt;
  return membership->kind == Kind::kIn;
}

}  // namespace heyi::conformance
