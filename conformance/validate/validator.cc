#include "conformance/validate/validator.h"

#include <set>

#include "base/text.h"
#include "conformance/halves.h"
#include "conformance/primitives.h"
#include "conformance/structure.h"
#include "conformance/validate/attachment.h"
#include "conformance/validate/bundle.h"
#include "conformance/validate/codes.h"
#include "conformance/validate/context.h"
#include "conformance/validate/extensions.h"
#include "conformance/validate/profile_rules.h"
#include "conformance/validate/questionnaire_response.h"
#include "conformance/validate/vital_signs.h"

namespace heyi::conformance {

using fhir::Node;
using fhir::PathValue;

namespace {

// What a node is as a FHIRPath item; false where it is none of its own: lists, nulls, `resourceType`, a `_name` beside its value.
bool ItemAt(Node node, Halves& halves, PathValue* item) {
  if (node.is_array() || node.kind() == fhir::NodeKind::kNull || node.type() == nullptr) return false;
  if (node.is_object() && !node.underscore()) {
    *item = PathValue::OfNode(node);
    return true;
  }
  if (node.property() == nullptr) return false;
  const Node half = halves.Of(node);
  if (node.underscore()) {
    if (half) return false;
    *item = PathValue::OfNode(Node(), node);
    return true;
  }
  *item = half ? PathValue::OfNode(node, half) : PathValue::OfNode(node);
  return true;
}

// The next node in document order, or false-y after the last.
Node After(Node node, Node root) {
  if (const Node child = node.first_child()) return child;
  while (node != root && !node.next()) node = node.parent();
  return node == root ? Node() : node.next();
}

// UUIDs and OIDs in URIs look like ones. https://hl7.org/fhir/R4/datatypes.html#uri
void CheckUrn(const PathValue& item, Session& session) {
  const std::string_view text = item.text();
  if (text.starts_with("urn:uuid:") && (!IsUuid(text) || base::AsciiLower(text) != text)) session.Report("conformance.uuid", item, text);
  if (text.starts_with("urn:oid:") && !IsOid(text)) session.Report("conformance.oid", item, text);
}

void DropRepeats(base::Outcome& outcome) {
  std::set<std::pair<std::string, std::string>> seen;
  base::Outcome once;
  for (const base::Issue& issue : outcome.issues()) {
    if (seen.emplace(issue.rule + " " + issue.expression, issue.detail).second) once.Add(issue);
  }
  outcome = std::move(once);
}

}  // namespace

Validator::Validator(const fhir::Definitions& definitions, const CanonicalSource& source, const Terminology* terminology)
    : definitions_(definitions), profiles_(source, definitions), terminology_(terminology), base_rules_(definitions) {}

void Validator::Walk(const fhir::Tree& resource, const ValidationOptions& options, Session& session) const {
  Halves halves;
  for (Node node = resource.root(); node; node = After(node, resource.root())) {
    PathValue item;
    if (!session.budget.Spend(1)) return;
    if (!ItemAt(node, halves, &item)) continue;
    base_rules_.Check(item, session);
    if (node.type()->is_primitive() && node.type()->IsA("uri")) CheckUrn(item, session);
    if (!node.is_object() || node.underscore()) continue;
    const fhir::Type& type = *node.type();
    if (type.name == "Extension") CheckExtensionUse(node, session);
    if (type.name == "Coding") CheckCoding(item, session);
    if (type.name == "Attachment") CheckAttachment(node, session);
    if (type.name == "Observation") CheckVitalSigns(item, session);
    if (!type.is_resource()) continue;
    if (type.name == "Bundle") CheckBundle(node, session);
    if (type.name == "QuestionnaireResponse") CheckQuestionnaireResponse(node, session);
    if (!options.declared_profiles) continue;
    const Node declared = node.Member("meta").Member("profile");
    for (Node profile = declared.first_child(); profile; profile = profile.next()) {
      if (!profile.text().empty()) CheckProfile(item, profile.text(), session);
    }
  }
  for (const std::string& profile : options.profiles) CheckProfile(PathValue::OfNode(resource.root()), profile, session);
}

void Validator::Validate(const fhir::Tree& resource, const ValidationOptions& options, const fhir::EvalContext* context, base::TimeMs now_ms,
                         base::Outcome& outcome) const {
  base::Outcome found;
  if (options.structure) CheckStructure(resource, definitions_, found);
  fhir::Budget budget(kValidationStepsMax), steps(kInvariantStepsMax);
  std::set<std::shared_ptr<const Profiles::Found>> held;
  ValidationContext asks(context, now_ms, terminology_);
  Session session{definitions_, profiles_, terminology_, asks, budget, steps, found, held};
  asks.Serve(session);
  Walk(resource, options, session);
  if (budget.exhausted()) session.Report("conformance.too-costly", resource.root(), {});
  DropRepeats(found);
  outcome.Append(std::move(found));
}

}  // namespace heyi::conformance
