#include "fhir/path/reference.h"

#include <algorithm>

#include "base/ids.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

std::string_view TakeLastSegment(std::string_view& text) {
  const size_t slash = text.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? text : text.substr(slash + 1);
  text = slash == std::string_view::npos ? std::string_view() : text.substr(0, slash);
  return last;
}

// The resource in whose `contained` a "#id" at `from` is looked up: not the contained one that refers to its neighbour.
Node ContainerOf(Node from) {
  Node resource = ResourceAround(from);
  while (resource && resource.property() != nullptr && resource.property()->name == "contained") {
    resource = ResourceAround(resource.parent());
  }
  return resource;
}

Node FindContained(std::string_view id, Node from, Budget& budget) {
  const Node container = ContainerOf(from);
  if (!container || id.empty()) return container;
  const Node list = container.Member("contained");
  for (Node item = list ? list.first_child() : Node(); item && budget.Spend(1); item = item.next()) {
    if (item.is_object() && item.TextAt("id") == id) return item;
  }
  return {};
}

bool IsBundle(Node node) { return node.is_object() && node.type() != nullptr && node.type()->name == "Bundle"; }

// "http://host/fhir/" of "http://host/fhir/Patient/1"; empty where a URL does not end so.
std::string_view BaseOf(std::string_view full_url) {
  std::string_view rest = full_url;
  const std::string_view id = TakeLastSegment(rest);
  const std::string_view type = TakeLastSegment(rest);
  const bool restful = full_url.starts_with("http") && !rest.empty() && base::IsFhirTypeName(type) && base::IsFhirId(id);
  return restful ? full_url.substr(0, rest.size() + 1) : std::string_view();
}

// An entry's resource by its fullUrl, a relative reference by that of the entry it stands in, else by type and id.
// https://hl7.org/fhir/R4/bundle.html#references
Node FindInBundle(std::string_view reference, Node from, Budget& budget) {
  Node own, root = from;
  for (; root && !IsBundle(root); root = root.parent()) own = root.parent() && root.parent().is_array() ? root : own;
  if (!root) return {};
  std::string_view path = reference;
  const std::string_view id = TakeLastSegment(path);
  const std::string_view type = TakeLastSegment(path);
  const bool relative = path.empty() && base::IsFhirTypeName(type);
  const std::string_view base = relative && own ? BaseOf(own.TextAt("fullUrl")) : std::string_view();
  const std::string absolute = base.empty() ? std::string() : std::string(base) + std::string(reference);
  Node alike;
  const Node entries = root.Member("entry");
  for (Node entry = entries ? entries.first_child() : Node(); entry && budget.Spend(1); entry = entry.next()) {
    const Node resource = entry.is_object() ? entry.Member("resource") : Node();
    if (!resource || !resource.is_object()) continue;
    const std::string_view full_url = entry.TextAt("fullUrl");
    if (full_url == reference || (!absolute.empty() && full_url == absolute)) return resource;
    const bool same_type = relative && resource.type() != nullptr && resource.type()->name == type;
    if (same_type && !alike && resource.TextAt("id") == id) alike = resource;
  }
  return alike;
}

Node PlaceOf(const PathValue& item, const Evaluator& evaluator) {
  if (item.kind() == PathValue::Kind::kNode && item.node()) return item.node();
  return evaluator.focus();
}

}  // namespace

std::string_view ReferenceText(const PathValue& item) {
  if (item.kind() == PathValue::Kind::kNode && item.node() && item.node().is_object()) {
    const bool reference = item.type() != nullptr && item.type()->IsA("Reference");
    return reference ? item.node().TextAt("reference") : std::string_view();
  }
  const Scalar scalar = ScalarOf(item);
  return scalar.kind == PathValue::Kind::kString ? scalar.text : std::string_view();
}

Node FindInTree(std::string_view reference, Node from, Budget& budget) {
  if (reference.empty() || !from) return {};
  if (reference.front() == '#') return FindContained(reference.substr(1), from, budget);
  return FindInBundle(reference, from, budget);
}

std::string_view TypeInReference(std::string_view reference) {
  reference = reference.substr(0, reference.find_first_of("?#|"));
  if (reference.starts_with("urn:")) return {};
  std::string_view rest = reference;
  TakeLastSegment(rest);
  std::string_view type = TakeLastSegment(rest);
  if (type == "_history") {
    TakeLastSegment(rest);
    type = TakeLastSegment(rest);
  }
  return base::IsFhirTypeName(type) ? type : std::string_view();
}

const Type* TypeReferredTo(const PathValue& item, Evaluator& evaluator) {
  const std::string_view reference = ReferenceText(item);
  const Node from = PlaceOf(item, evaluator);
  if (!from) return nullptr;
  if (const Node local = FindInTree(reference, from, evaluator.budget())) return local.type();
  const std::optional<std::string> name = evaluator.context().TypeOfReference(reference, from);
  if (name) return evaluator.definitions().FindType(*name);
  const Tree* tree = reference.empty() ? nullptr : evaluator.context().Resolve(reference, from);
  return tree == nullptr ? nullptr : tree->type();
}

Node Resolve(const PathValue& item, Evaluator& evaluator) {
  const std::string_view reference = ReferenceText(item);
  const Node from = PlaceOf(item, evaluator);
  if (reference.empty() || !from) return {};
  if (const Node local = FindInTree(reference, from, evaluator.budget())) return local;
  const Tree* tree = evaluator.context().Resolve(reference, from);
  return tree == nullptr ? Node() : tree->root();
}

// The text itself, then the tree, then what Reference.type claims.
std::optional<std::string> LocalEvalContext::TypeOfReference(std::string_view reference, Node from) const {
  if (const std::string_view stated = TypeInReference(reference); !stated.empty()) return std::string(stated);
  Budget budget(100'000);
  const Node local = FindInTree(reference, from, budget);
  if (local && local.type() != nullptr) return local.type()->name;
  const Node claim = from && from.is_object() ? from.Member("type") : Node();
  if (claim && from.type() != nullptr && from.type()->IsA("Reference")) return std::string(claim.text());
  return std::nullopt;
}

const Tree* LocalEvalContext::Resolve(std::string_view, Node) const { return nullptr; }
std::optional<bool> LocalEvalContext::MemberOf(Node, std::string_view) const { return std::nullopt; }

}  // namespace heyi::fhir
