// What the tests of fhir/xml share: trees compared node by node, member order aside.
#pragma once

#include "fhir/xml/parse.h"
#include "fhir/xml/write.h"
#include "fhir/xml/xhtml.h"
#include "tests/fhir/support.h"

namespace heyi::fhir {

inline std::string JsonName(const Tree::Slot& slot) {
  if (slot.is_resource_type) return "resourceType";
  return (slot.underscore ? "_" : "") + slot.property->name;
}

// How two trees are compared.
struct TreeComparison {
  bool narratives = true;  // their divs, by canonical XHTML; else only that both have one
  bool meta = true;
};

// Where the two differ first, in kind, text, binding or members; empty where they do not.
inline std::string TreeDifference(Node a, Node b, const TreeComparison& how, const std::string& path = "") {
  const Tree::Slot& x = a.tree()->slot(a.index());
  const Tree::Slot& y = b.tree()->slot(b.index());
  if (x.kind != y.kind || x.type != y.type || x.property != y.property || x.underscore != y.underscore || x.is_resource_type != y.is_resource_type) {
    return path + ": another kind or binding";
  }
  if (x.property != nullptr && x.type != nullptr && x.type->name == "xhtml") {
    if (!how.narratives || CanonicalXhtml(a.text()) == CanonicalXhtml(b.text())) return "";
  }
  if (a.text() != b.text()) return path + ": '" + std::string(a.text()) + "' '" + std::string(b.text()) + "'";
  if (a.is_array()) {
    if (a.ChildCount() != b.ChildCount()) return path + ": lists of other lengths";
    Node left = a.first_child(), right = b.first_child();
    for (size_t i = 0; left; left = left.next(), right = right.next(), ++i) {
      const std::string found = TreeDifference(left, right, how, path + "[" + std::to_string(i) + "]");
      if (!found.empty()) return found;
    }
    return "";
  }
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    for (Node member = from.first_child(); member; member = member.next()) {
      const std::string name = JsonName(from.tree()->slot(member.index()));
      if (name == "meta" && !how.meta) continue;
      const Node other = to.Member(name);
      if (!other) return path + "." + name + ": in one only";
      if (from != a) continue;
      const std::string found = TreeDifference(member, other, how, path + "." + name);
      if (!found.empty()) return found;
    }
  }
  return "";
}

inline std::string Shown(const base::Outcome& outcome) {
  std::string shown;
  for (const base::Issue& issue : outcome.issues()) {
    shown += (shown.empty() ? "" : " | ") + issue.rule + " @ " + issue.expression + (issue.detail.empty() ? "" : ": " + issue.detail);
  }
  return shown;
}

inline Tree MustParseXml(const std::string& text) {
  auto tree = ParseXmlResource(text, TestDefinitions());
  if (tree.ok()) return std::move(tree).value();
  ADD_FAILURE() << Shown(tree.error().outcome) << "\n" << text.substr(0, 500);
  return {};
}

}  // namespace heyi::fhir
