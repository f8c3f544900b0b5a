#include "fhir/json/write.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json/value.h"

namespace heyi::fhir {
namespace {

void AppendName(const Tree::Slot& slot, std::string& out) {
  if (slot.is_resource_type) {
    out += "\"resourceType\":";
    return;
  }
  out += slot.underscore ? "\"_" : "\"";
  out += slot.property->name;
  out += "\":";
}

void AppendScalar(Node node, std::string& out) {
  switch (node.kind()) {
    case NodeKind::kString: base::AppendJsonString(out, node.text()); return;
    case NodeKind::kNull: out += "null"; return;
    default: out += node.text(); return;
  }
}

// Of meta, what is stored with the resource.
bool IsKept(Node meta_member) {
  const Property* property = meta_member.property();
  return property == nullptr || (property->name != "versionId" && property->name != "lastUpdated");
}

void AppendMeta(Node meta, StoredJson& stored) {
  stored.bytes += "\"meta\":{";
  stored.slot = static_cast<uint32_t>(stored.bytes.size());
  for (Node member = meta ? meta.first_child() : Node(); member; member = member.next()) {
    if (!IsKept(member)) continue;
    if (!stored.meta_empty) stored.bytes += ',';
    stored.meta_empty = false;
    AppendName(member.tree()->slot(member.index()), stored.bytes);
    AppendJson(member, stored.bytes);
  }
  stored.bytes += '}';
}

}  // namespace

void AppendJson(Node node, std::string& out) {
  const Tree& tree = *node.tree();
  const NodeIndex top = node.index();
  NodeIndex at = top;
  while (true) {
    const Tree::Slot& slot = tree.slot(at);
    if (slot.kind == NodeKind::kObject || slot.kind == NodeKind::kArray) {
      out += slot.kind == NodeKind::kObject ? '{' : '[';
      if (slot.first_child != kNoNode) {
        if (slot.kind == NodeKind::kObject) AppendName(tree.slot(slot.first_child), out);
        at = slot.first_child;
        continue;
      }
      out += slot.kind == NodeKind::kObject ? '}' : ']';
    } else {
      AppendScalar(Node(&tree, at), out);
    }
    // On to what follows, closing what ends here.
    while (at != top && tree.slot(at).next == kNoNode) {
      at = tree.slot(at).parent;
      out += tree.slot(at).kind == NodeKind::kObject ? '}' : ']';
    }
    if (at == top) return;
    out += ',';
    at = tree.slot(at).next;
    if (tree.slot(tree.slot(at).parent).kind == NodeKind::kObject) AppendName(tree.slot(at), out);
  }
}

std::string WriteJson(const Tree& tree) {
  std::string out;
  if (tree.root()) AppendJson(tree.root(), out);
  return out;
}

StoredJson WriteStored(const Tree& tree) {
  StoredJson stored;
  const Node root = tree.root();
  const Node meta = root.Member("meta");
  Node meta_after;  // where there is no meta
  if (!meta) meta_after = root.Member("id") ? root.Member("id") : root.Member("resourceType");
  stored.bytes += '{';
  for (Node member = root.first_child(); member; member = member.next()) {
    if (stored.bytes.size() > 1) stored.bytes += ',';
    if (member == meta) {
      AppendMeta(meta, stored);
      continue;
    }
    AppendName(tree.slot(member.index()), stored.bytes);
    AppendJson(member, stored.bytes);
    if (meta_after && member == meta_after) {
      stored.bytes += ',';
      AppendMeta({}, stored);
    }
  }
  stored.bytes += '}';
  return stored;
}

void AppendSpliced(std::string_view bytes, uint32_t slot, uint64_t version, std::string_view last_updated,
                   std::string& out) {
  constexpr std::string_view kVersion = "\"versionId\":\"";
  constexpr std::string_view kUpdated = "\",\"lastUpdated\":\"";
  const fmt::format_int number(version);
  const size_t size =
      out.size() + bytes.size() + kVersion.size() + number.size() + kUpdated.size() + last_updated.size() + 2;
  if (size > out.capacity()) out.reserve(std::max(size, 2 * out.capacity()));
  out.append(bytes.substr(0, slot));
  out.append(kVersion).append(number.data(), number.size());
  out.append(kUpdated).append(last_updated) += '"';
  if (bytes[slot] != '}') out += ',';
  out.append(bytes.substr(slot));
}

}  // namespace heyi::fhir
