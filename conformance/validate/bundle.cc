#include "conformance/validate/bundle.h"

#include <unordered_set>

#include "base/ids.h"
#include "base/text.h"
#include "conformance/primitives.h"
#include "conformance/references.h"
#include "fhir/path/reference.h"

namespace heyi::conformance {

using fhir::Node;

namespace {

constexpr std::string_view kUuid = "urn:uuid:";

bool IsWeb(std::string_view url) { return url.starts_with("http://") || url.starts_with("https://"); }

// "http://host/base/Patient/1": the type and id it ends with; false where it does not look so.
bool TakeTypeAndId(std::string_view url, const fhir::Definitions& definitions, std::string_view* type, std::string_view* id) {
  if (!IsWeb(url)) return false;
  const auto parts = base::Split(url, '/');
  if (parts.size() < 5) return false;
  *type = parts[parts.size() - 2];
  *id = parts.back();
  return definitions.FindResource(*type) != nullptr && base::IsFhirId(*id);
}

class BundleCheck {
 public:
  BundleCheck(Node bundle, Session& session) : bundle_(bundle), type_(bundle.TextAt("type")), session_(session) {}

  void Run() {
    CheckLinks();
    const Node entries = bundle_.Member("entry");
    if (!entries) return;
    for (Node entry = entries.first_child(); entry; entry = entry.next()) CheckEntry(entry);
    if (type_ != "document" && type_ != "message") return;
    const Node first = entries.first_child() ? entries.first_child().Member("resource") : Node();
    if (first) CheckReferences(first);
  }

 private:
  bool is_answer() const { return type_ == "transaction-response" || type_ == "batch-response"; }
  bool is_request() const { return type_ == "transaction" || type_ == "batch"; }

  void CheckLinks() {
    const Node links = bundle_.Member("link");
    if (!links) return;
    std::unordered_set<std::string_view> relations;
    for (Node link = links.first_child(); link; link = link.next()) {
      const Node relation = link.Member("relation");
      if (relation && !relations.insert(relation.text()).second) session_.Report("conformance.bundle-link", relation, relation.text());
    }
  }

  void CheckEntry(Node entry) {
    const Node full_url = entry.Member("fullUrl");
    const Node resource = entry.Member("resource");
    if (!full_url) {
      if (resource && !is_answer() && !is_request() && type_ != "history") session_.Report("conformance.bundle-full-url", entry, {});
      return;
    }
    const std::string_view url = full_url.text();
    if (url.starts_with(kUuid) ? !IsUuid(url) || base::AsciiLower(url) != url : url.find(':') == std::string_view::npos) {
      return session_.Report("conformance.bundle-url", full_url, url);
    }
    std::string_view type, id;
    if (!resource || resource.type() == nullptr || !TakeTypeAndId(url, session_.definitions, &type, &id)) return;
    const std::string_view own = resource.TextAt("id");
    if (own.empty() && is_request()) return;
    if (type != resource.type()->name || id != own) session_.Report("conformance.bundle-url-id", full_url, url);
  }

  // The Composition or MessageHeader refers to what comes along.
  void CheckReferences(Node resource) {
    for (Node node = resource;;) {
      if (node.is_object() && node.type() != nullptr && node.type()->name == "Reference") CheckReference(node);
      if (node.first_child() && !(node.property() != nullptr && node.property()->name == "contained")) {
        node = node.first_child();
        continue;
      }
      while (node != resource && !node.next()) node = node.parent();
      if (node == resource || !session_.budget.Spend(1)) return;
      node = node.next();
    }
  }

  void CheckReference(Node reference) {
    const std::string_view text = reference.TextAt("reference");
    const bool relative = !TypeOfRelative(text).empty();
    if (text.empty() || text.front() == '#' || !(relative || text.starts_with(kUuid))) return;
    if (!fhir::FindInTree(text, reference, session_.budget)) session_.Report("conformance.bundle-reference", reference, text);
  }

  const Node bundle_;
  const std::string_view type_;
  Session& session_;
};

}  // namespace

void CheckBundle(Node bundle, Session& session) { BundleCheck(bundle, session).Run(); }

}  // namespace heyi::conformance
