#include "interaction/subset.h"

#include <algorithm>
#include <functional>

#include "fhir/json/write.h"

namespace heyi::interaction {
namespace {

using fhir::Element;
using fhir::Node;
using fhir::NodeIndex;

constexpr std::string_view kTagSystem = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
constexpr std::string_view kTagCode = "SUBSETTED";

using Keep = std::function<bool(const Element& element)>;

// Removes the members of `object` that are not kept; returns those that are.
std::vector<NodeIndex> Cut(fhir::Tree& tree, NodeIndex object, const Keep& keep) {
  std::vector<NodeIndex> kept, gone;
  for (Node member = Node(&tree, object).first_child(); member; member = member.next()) {
    const bool stays = member.property() == nullptr || keep(*member.property()->element);
    (stays ? kept : gone).push_back(member.index());
  }
  for (NodeIndex member : gone) tree.RemoveMember(object, member);
  return kept;
}

// An object without members, or a list without items, may not stand in FHIR's JSON.
void RemoveIfEmpty(fhir::Tree& tree, NodeIndex object) {
  for (Node node(&tree, object); node && !node.first_child() && node.property() != nullptr;) {
    const Node above = node.parent();
    tree.RemoveMember(above.index(), node.index());
    node = above.is_array() ? above : Node();
  }
}

bool IsMandatory(const Element& element) { return element.min > 0; }
bool IsNamed(const Element& element, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), element.name) != names.end();
}

// Of every object in the resource, the elements that its type marks as summary. What modifies the meaning never goes.
void CutToSummary(fhir::Tree& tree) {
  const Keep keep = [](const Element& element) { return element.summary || element.modifier || IsMandatory(element); };
  std::vector<NodeIndex> objects = {0};  // whoever contains comes before what it contains
  for (size_t at = 0; at < objects.size(); ++at) {
    for (NodeIndex kept : Cut(tree, objects[at], keep)) {
      const Node node(&tree, kept);
      if (node.underscore()) continue;  // of a primitive: it stays whole
      if (node.is_object()) objects.push_back(kept);
      for (Node item = node.is_array() ? node.first_child() : Node(); item; item = item.next()) {
        if (item.is_object()) objects.push_back(item.index());
      }
    }
  }
  for (; objects.size() > 1; objects.pop_back()) RemoveIfEmpty(tree, objects.back());
}

void CutRoot(fhir::Tree& tree, const Subset& subset) {
  switch (subset.summary) {
    case fhir::Summary::kTrue: CutToSummary(tree); break;
    case fhir::Summary::kText:
      Cut(tree, 0, [](const Element& element) { return IsMandatory(element) || IsNamed(element, {"id", "meta",
          "text"}); });
      break;
    case fhir::Summary::kData: Cut(tree, 0, [](const Element& element) { return element.name != "text"; }); break;
    case fhir::Summary::kNone: break;
  }
  if (subset.elements.empty()) return;
  Cut(tree, 0, [&subset](const Element& element) {
    return IsMandatory(element) || IsNamed(element, {"id", "meta"}) ||
           std::find(subset.elements.begin(), subset.elements.end(), element.name) != subset.elements.end();
  });
}

void AddTag(fhir::Tree& tree) {
  NodeIndex meta = tree.root().Member("meta").index();
  if (meta == fhir::kNoNode) meta = tree.InsertEarlyMember(0, "meta", fhir::NodeKind::kObject);
  const NodeIndex tag = tree.AddItem(tree.Ensure(meta, "tag"), fhir::NodeKind::kObject);
  tree.AddMember(tag, "system", fhir::NodeKind::kString, kTagSystem);
  tree.AddMember(tag, "code", fhir::NodeKind::kString, kTagCode);
}

}  // namespace

base::Result<std::string> ShownJson(const store::Snapshot& snapshot, const store::VersionRecord& record,
                                    const Subset& subset) {
  if (subset.whole()) return snapshot.Json(record);
  HEYI_TRY(tree, snapshot.Tree(record));
  CutRoot(tree, subset);
  AddTag(tree);
  const fhir::StoredJson stored = fhir::WriteStored(tree);
  std::string json;
  fhir::AppendSpliced(stored.bytes, stored.slot, record.version, base::FormatInstant(record.time_ms), json);
  return json;
}

}  // namespace heyi::interaction
