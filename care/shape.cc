#include "care/shape.h"

namespace heyi::care {
namespace {

void AddCoding(fhir::Tree& tree, fhir::NodeIndex concept_node, std::string_view system, std::string_view code) {
  const fhir::NodeIndex list = tree.AddMember(concept_node, "coding", fhir::NodeKind::kArray);
  const fhir::NodeIndex coding = tree.AddItem(list, fhir::NodeKind::kObject);
  tree.AddMember(coding, "system", fhir::NodeKind::kString, system);
  tree.AddMember(coding, "code", fhir::NodeKind::kString, code);
}

}  // namespace

std::string_view CodeOf(fhir::Node concept_node, std::string_view system) {
  if (!concept_node || !concept_node.is_object()) return {};
  const fhir::Node codings = concept_node.Member("coding");
  if (!codings) return {};
  for (fhir::Node coding = codings.first_child(); coding; coding = coding.next()) {
    if (system.empty() || coding.TextAt("system") == system) return coding.TextAt("code");
  }
  return {};
}

fhir::Node FirstOf(fhir::Node member) { return member && member.is_array() ? member.first_child() : member; }

std::string_view IdOfReference(std::string_view reference, std::string_view type) {
  if (!reference.starts_with(type) || reference.size() <= type.size() + 1 || reference[type.size()] != '/') return {};
  const std::string_view id = reference.substr(type.size() + 1);
  return id.substr(0, id.find('/'));
}

void RemoveMember(fhir::Tree& tree, fhir::NodeIndex object, std::string_view name) {
  if (const fhir::Node member = fhir::Node(&tree, object).Member(name)) tree.RemoveMember(object, member.index());
}

void SetText(fhir::Tree& tree, fhir::NodeIndex object, std::string_view name, std::string_view text) {
  if (const fhir::Node member = fhir::Node(&tree, object).Member(name)) {
    tree.SetText(member.index(), text);
  } else {
    tree.AddMember(object, name, fhir::NodeKind::kString, text);
  }
}

void SetReference(fhir::Tree& tree, fhir::NodeIndex object, std::string_view name, std::string_view reference) {
  RemoveMember(tree, object, name);
  const fhir::NodeIndex member = tree.AddMember(object, name, fhir::NodeKind::kObject);
  tree.AddMember(member, "reference", fhir::NodeKind::kString, reference);
}

void SetConcept(fhir::Tree& tree, fhir::NodeIndex object, std::string_view name, std::string_view system, std::string_view code) {
  RemoveMember(tree, object, name);
  const fhir::NodeIndex concept_node = tree.AddMember(object, name, fhir::NodeKind::kObject);
  AddCoding(tree, concept_node, system, code);
}

}  // namespace heyi::care
