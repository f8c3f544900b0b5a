#include "conformance/halves.h"

namespace heyi::conformance {

using fhir::Node;

namespace {

Node OtherMember(Node member) {
  if (!member.parent() || member.property() == nullptr) return {};
  for (Node other = member.parent().first_child(); other; other = other.next()) {
    if (other != member && other.property() == member.property() && other.underscore() != member.underscore()) return other;
  }
  return {};
}

}  // namespace

Node Halves::Of(Node half) {
  const Node list = half.parent();
  if (!list || !list.is_array()) return OtherMember(half);
  const Node others = OtherMember(list);
  if (!others || !others.is_array()) return {};
  if (lists_.insert(list.index()).second) {
    Node other = others.first_child();
    for (Node item = list.first_child(); item && other; item = item.next(), other = other.next()) {
      if (other.kind() != fhir::NodeKind::kNull) of_items_.emplace(item.index(), other);
    }
  }
  const auto found = of_items_.find(half.index());
  return found == of_items_.end() ? Node() : found->second;
}

}  // namespace heyi::conformance
