#include "mapping/difference.h"

#include <map>

namespace heyi::mapping {
namespace {

using Leaves = std::vector<std::pair<std::string, std::string>>;  // expression, text

// Walks in document order; its own stack, as a tree may be as deep as its parser lets it.
Leaves LeavesOf(fhir::Node root) {
  Leaves leaves;
  if (!root) return leaves;
  fhir::Node at = root.first_child();
  while (at) {
    const bool meta = at.parent() == root && at.property() != nullptr && at.property()->name == "meta";
    fhir::Node below;
    if (at.is_object() || at.is_array()) {
      if (!meta) below = at.first_child();
    } else if (at.property() != nullptr) {
      leaves.emplace_back(fhir::ExpressionOf(at), std::string(at.text()));
    }
    if (below) {
      at = below;
      continue;
    }
    while (at && at != root && !at.next()) at = at.parent();
    at = at && at != root ? at.next() : fhir::Node();
  }
  return leaves;
}

}  // namespace

std::vector<Difference> Differences(fhir::Node before, fhir::Node after) {
  const Leaves old = LeavesOf(before), now = LeavesOf(after);
  std::map<std::string_view, std::string_view> now_at;
  for (const auto& [path, text] : now) now_at.emplace(path, text);
  std::vector<Difference> found;
  std::map<std::string_view, std::string_view> old_at;
  for (const auto& [path, text] : old) {
    old_at.emplace(path, text);
    const auto other = now_at.find(path);
    if (other == now_at.end()) found.push_back({path, text, ""});
    else if (other->second != text) found.push_back({path, text, std::string(other->second)});
  }
  for (const auto& [path, text] : now) {
    if (!old_at.contains(path)) found.push_back({path, "", text});
  }
  return found;
}

}  // namespace heyi::mapping
