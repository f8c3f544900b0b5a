#include "conformance/references.h"

#include <algorithm>

#include "base/ids.h"

namespace heyi::conformance {

using fhir::Node;

std::string_view TypeOfRelative(std::string_view reference) {
  const size_t slash = reference.find('/');
  if (slash == std::string_view::npos || slash == 0) return {};
  const std::string_view type = reference.substr(0, slash);
  const std::string_view rest = reference.substr(slash + 1);
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const bool typed = std::all_of(type.begin(), type.end(), is_letter) && base::IsFhirId(rest.substr(0, rest.find_first_of("/#")));
  return typed ? type : std::string_view();
}

bool IsContained(Node resource) { return resource.property() != nullptr && resource.property()->name == "contained"; }

Node ContainerOf(Node node) {
  for (; node.parent(); node = node.parent()) {
    const bool resource = node.is_object() && node.type() != nullptr && node.type()->is_resource();
    if (resource && !IsContained(node)) return node;
  }
  return node;
}

bool ContainedIds::Resolves(std::string_view reference, Node from) {
  reference.remove_prefix(1);
  if (reference.empty()) return true;  // "#": the container itself
  const Node container = ContainerOf(from);
  const auto [known, fresh] = of_.try_emplace(container.index());
  if (fresh) {
    if (const Node list = container.Member("contained")) {
      for (Node item = list.first_child(); item; item = item.next()) {
        if (const Node id = item.Member("id")) known->second.insert(id.text());
      }
    }
  }
  return known->second.contains(reference);
}

}  // namespace heyi::conformance
