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
    if (type_ == "searchset") CheckMatches(entries);
    for (Node entry = entries.first_child(); entry; entry = entry.next()) {
      CheckEntry(entry);
      if (const Node resource = entry.Member("resource")) EachReference(resource, [this](Node reference) { CheckTargetType(reference); });
    }
    if (type_ != "document" && type_ != "message") return;
    const Node first = entries.first_child() ? entries.first_child().Member("resource") : Node();
    if (first) EachReference(first, [this](Node reference) { CheckReference(reference); });
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

  // What a search found has ids; matches are of the type that was searched, outcomes are OperationOutcomes.
  void CheckMatches(Node entries) {
    const std::string_view searched = SearchedType();
    for (Node entry = entries.first_child(); entry; entry = entry.next()) {
      const Node resource = entry.Member("resource");
      if (!resource || resource.type() == nullptr) continue;
      const std::string_view mode = entry.Member("search").TextAt("mode");
      const bool outcome = resource.type()->name == "OperationOutcome";
      if (mode == "outcome" && !outcome) session_.Report("conformance.bundle-outcome", resource, resource.type()->name);
      if (!outcome && resource.TextAt("id").empty()) session_.Report("conformance.bundle-match-id", resource, {});
      const bool match = mode == "match" && !searched.empty() && resource.type()->name != searched;
      if (match) session_.Report("conformance.bundle-match", resource, searched);
    }
  }

  // "Patient" of the self link ".../Patient?name=a"; empty where it does not say.
  std::string_view SearchedType() const {
    const Node links = bundle_.Member("link");
    for (Node link = links ? links.first_child() : Node(); link; link = link.next()) {
      if (link.TextAt("relation") != "self") continue;
      std::string_view url = link.TextAt("url");
      url = url.substr(0, url.find('?'));
      url = url.substr(url.rfind('/') == std::string_view::npos ? 0 : url.rfind('/') + 1);
      return session_.definitions.FindResource(url) == nullptr ? std::string_view() : url;
    }
    return {};
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

  template <typename Check>
  void EachReference(Node resource, const Check& check) {
    for (Node node = resource;;) {
      if (node.is_object() && node.type() != nullptr && node.type()->name == "Reference") check(node);
      if (node.first_child() && !(node.property() != nullptr && node.property()->name == "contained")) {
        node = node.first_child();
        continue;
      }
      while (node != resource && !node.next()) node = node.parent();
      if (node == resource || !session_.budget.Spend(1)) return;
      node = node.next();
    }
  }

  // "Practitioner/1" does not lead to an Organization.
  void CheckTargetType(Node reference) {
    const std::string_view type = TypeOfRelative(reference.TextAt("reference"));
    if (type.empty()) return;
    const Node target = fhir::FindInTree(reference.TextAt("reference"), reference, session_.budget);
    if (target && target.type() != nullptr && target.type()->name != type) session_.Report("conformance.bundle-target", reference, target.type()->name);
  }

  // The Composition or MessageHeader refers to what comes along.
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
