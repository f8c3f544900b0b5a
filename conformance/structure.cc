#include "conformance/structure.h"

#include <algorithm>
#include <string>

#include "base/ids.h"
#include "conformance/halves.h"
#include "conformance/limits.h"
#include "conformance/primitives.h"
#include "conformance/references.h"

namespace heyi::conformance {
namespace {

using fhir::Element;
using fhir::Node;
using fhir::NodeKind;
using fhir::Property;
using fhir::Type;

class StructureCheck {
 public:
  StructureCheck(const fhir::Definitions* definitions, base::Outcome& outcome)
      : definitions_(definitions), outcome_(outcome) {}

  // Over all nodes in document order, knowing when an extension is left again.
  void Run(Node root) {
    Node node = root;
    while (node) {
      if (errors_ >= kIssuesMax) return;
      Enter(node);
      if (const Node child = node.first_child()) {
        node = child;
        continue;
      }
      for (;; node = node.parent()) {
        Leave(node);
        if (node == root) return;
        if (const Node next = node.next()) {
          node = next;
          break;
        }
      }
    }
  }

 private:
  void Enter(Node node) {
    switch (node.kind()) {
      case NodeKind::kObject: return EnterObject(node);
      case NodeKind::kArray: return CheckCount(node);
      case NodeKind::kNull: return;
      default: return CheckPrimitive(node);
    }
  }

  void Leave(Node node) {
    if (IsExtension(node)) --extension_depth_;
  }

  void EnterObject(Node object) {
    if (object.type() == nullptr) return;
    CheckMembers(object);
    CheckFilled(object);
    if (IsExtension(object)) CheckExtension(object);
    else if (object.type()->name == "Reference") CheckReference(object);
    else if (object.type()->is_resource() && IsContained(object)) CheckContained(object);
  }

  // ---- cardinality ----

  // Every element that must be there is, and of a choice there is one.
  void CheckMembers(Node object) {
    for (const Element& element : object.type()->elements) {
      if (element.min > 0 && !Has(object, element)) Report("conformance.missing", object, element.name);
    }
    for (Node member = object.first_child(); member; member = member.next()) {
      if (member.property() == nullptr) continue;
      const Element& element = *member.property()->element;
      if (element.max == 0) Report("conformance.too-many", member, "0");
      if (element.choice && IsChosenTwice(member)) Report("conformance.choice", member, element.name);
    }
  }

  // ele-1: a value, or more than an id. The parser refuses what has nothing at all.
  void CheckFilled(Node object) {
    if (object.type()->is_resource()) return;
    const Node only = object.first_child();
    if (!only || only.next() || only.property() == nullptr || only.property()->name != "id") return;
    if (object.underscore() && halves_.Of(object)) return;
    Report("conformance.element-empty", object, {});
  }

  static bool Has(Node object, const Element& element) {
    for (Node member = object.first_child(); member; member = member.next()) {
      if (member.property() != nullptr && member.property()->element == &element) return true;
    }
    return false;
  }

  // An earlier member is of the same choice with another type. (The parser refuses this; a tree may be made elsewhere.)
  static bool IsChosenTwice(Node member) {
    for (Node before = member.parent().first_child(); before != member; before = before.next()) {
      if (before.property() != nullptr && before.property() != member.property() &&
          before.property()->element == member.property()->element) {
        return true;
      }
    }
    return false;
  }

  void CheckCount(Node list) {
    if (list.property() == nullptr) return;
    const Element& element = *list.property()->element;
    if (element.max == 0 || (element.max == UINT32_MAX && element.min <= 1)) return;
    const size_t count = list.ChildCount();
    if (count > element.max) Report("conformance.too-many", list, std::to_string(element.max));
    if (count < element.min) Report("conformance.missing", list, element.name);
  }

  // ---- values ----

  void CheckPrimitive(Node node) {
    const Type* type = node.type();
    if (type == nullptr || !type->is_primitive()) return;  // resourceType
    Primitive primitive = PrimitiveOf(*type);
    // A resource's own id is of System.String in the definitions, but an id by the specification.
    if (primitive == Primitive::kString && node.property()->name == "id" && node.parent().type()->is_resource()) {
      primitive = Primitive::kId;
    }
    const std::string_view rule = BrokenRule(primitive, node.text());
    if (!rule.empty()) return Report(rule, node, node.text());
    if (primitive == Primitive::kUri && node.text().front() == '#' && type->name == "canonical") CheckFragment(node, "conformance.contained-canonical");
  }

  // ---- extensions ----

  static bool IsExtension(Node node) {
    return node.is_object() && node.type() != nullptr && node.type()->name == "Extension";
  }

  void CheckExtension(Node extension) {
    if (++extension_depth_ == kExtensionDepthMax + 1) {
      Report("conformance.extension-depth", extension, std::to_string(kExtensionDepthMax));
    }
    bool value = false;
    bool nested = false;
    for (Node member = extension.first_child(); member; member = member.next()) {
      if (member.property() == nullptr) continue;
      const Element& element = *member.property()->element;
      if (element.choice) value = true;
      else if (element.name == "extension") nested = true;
    }
    if (!value && !nested) Report("conformance.extension-empty", extension, {});
    if (value && nested) Report("conformance.extension-both", extension, {});
  }

  // ---- references and contained resources ----

  void CheckReference(Node reference) {
    const Node member = reference.Member("reference");
    if (!member || member.text().empty()) return;
    if (member.text().front() == '#') return CheckFragment(member, "conformance.contained");
    const std::string_view type = TypeOfRelative(member.text());
    if (type.empty()) return;
    if (definitions_ != nullptr && definitions_->FindResource(type) == nullptr) {
      return Report("conformance.reference-type", member, type);
    }
    const auto& targets = reference.property()->element->targets;
    if (!targets.empty() && std::find(targets.begin(), targets.end(), type) == targets.end()) {
      Report("conformance.reference-target", member, type);
    }
  }

  void CheckFragment(Node node, std::string_view rule) {
    if (!contained_.Resolves(node.text(), node)) Report(rule, node, node.text());
  }

  void CheckContained(Node resource) {
    if (const Node nested = resource.Member("contained")) Report("conformance.contained-nested", nested, {});
  }

  void Report(std::string_view rule, Node at, std::string_view detail) {
    base::Issue issue = base::MakeIssue(rule, {}, detail);
    size_t& count = issue.severity <= base::Severity::k_error ? errors_ : warnings_;
    if (count++ >= kIssuesMax) return;
    issue.expression = fhir::ExpressionOf(at);
    outcome_.Add(std::move(issue));
  }

  const fhir::Definitions* definitions_;
  base::Outcome& outcome_;
  ContainedIds contained_;
  Halves halves_;
  size_t errors_ = 0, warnings_ = 0;  // apart: many warnings must not hide an error
  int extension_depth_ = 0;
};

}  // namespace

void CheckStructure(const fhir::Tree& resource, const fhir::Definitions& definitions, base::Outcome& outcome) {
  StructureCheck(&definitions, outcome).Run(resource.root());
}

void CheckStructure(const fhir::Tree& resource, base::Outcome& outcome) {
  StructureCheck(nullptr, outcome).Run(resource.root());
}

}  // namespace heyi::conformance
