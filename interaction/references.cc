#include "interaction/references.h"

#include <optional>
#include <vector>

namespace heyi::interaction {
namespace {

bool IsLinkType(const fhir::Type& type) {
  return type.name == "uri" || type.name == "url" || type.name == "oid" || type.name == "uuid" || type.name == "canonical";
}

}  // namespace

base::Result<base::Done> RewriteLinks(fhir::Tree& tree, const Rewrite& rewrite) {
  std::vector<fhir::NodeIndex> open{0};
  while (!open.empty()) {
    const fhir::Node node(&tree, open.back());
    open.pop_back();
    for (fhir::Node child = node.first_child(); child; child = child.next()) {
      if (child.first_child()) {
        open.push_back(child.index());
        continue;
      }
      if (child.kind() != fhir::NodeKind::kString || child.type() == nullptr || child.property() == nullptr) continue;
      const bool is_reference = child.property()->name == "reference" && node.type() != nullptr && node.type()->name == "Reference";
      if (!is_reference && !IsLinkType(*child.type())) continue;
      HEYI_TRY(replacement, rewrite(child, is_reference));
      if (replacement) tree.SetText(child.index(), *replacement);
    }
  }
  return base::Done{};
}

}  // namespace heyi::interaction
