// A resource as a tree: a compact node array that keeps what JSON said (member order, number text, `_name` members)
// and knows what FHIR says of it (each node's property and type).
//
// The tree has the shape of the JSON: an object's children are its members, `_birthDate` is a member of its own, a
// list is an array node with item nodes. FHIRPath and XML join a primitive and its `_` member when they walk.
#pragma once

#include <cstdint>
#include <forward_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/model/definitions.h"

namespace heyi::fhir {

enum class NodeKind : uint8_t { kObject, kArray, kString, kNumber, kBool, kNull };

using NodeIndex = uint32_t;
inline constexpr NodeIndex kNoNode = UINT32_MAX;

class Tree;

// A place in a tree; cheap to copy, valid while the tree lives and is not changed structurally above it.
class Node {
 public:
  Node() = default;
  Node(const Tree* tree, NodeIndex index) : tree_(tree), index_(index) {}

  explicit operator bool() const { return index_ != kNoNode; }
  bool operator==(const Node&) const = default;

  inline NodeKind kind() const;
  bool is_object() const { return kind() == NodeKind::kObject; }
  bool is_array() const { return kind() == NodeKind::kArray; }
  // The FHIR type of an object, a primitive, or of an array's items. Of a resource: its resourceType. Never null for
  // a bound tree but for `resourceType` itself and nulls.
  inline const Type* type() const;
  // The property this node is a value of: of the member, for arrays and for their items; null at the root.
  inline const Property* property() const;
  inline bool underscore() const;         // a `_name` member (id and extensions of a primitive) or an item of one
  inline std::string_view text() const;   // string (unescaped), number (as written), "true" / "false"; else empty

  inline Node parent() const;  // false-y at the root
  inline Node first_child() const;
  inline Node next() const;
  // The member of that JSON name ("name", "_birthDate", "valueQuantity"); false-y where absent.
  Node Member(std::string_view json_name) const;
  // Member(name).text(), empty where absent.
  std::string_view TextAt(std::string_view json_name) const { const Node n = Member(json_name); return n ? n.text() : std::string_view(); }
  size_t ChildCount() const;
  Node Child(size_t position) const;

  const Tree* tree() const { return tree_; }
  NodeIndex index() const { return index_; }

 private:
  const Tree* tree_ = nullptr;
  NodeIndex index_ = kNoNode;
};

class Tree {
 public:
  struct Slot {
    const char* text = nullptr;
    uint32_t text_size = 0;
    NodeIndex first_child = kNoNode;
    NodeIndex last_child = kNoNode;
    NodeIndex next = kNoNode;
    const Property* property = nullptr;
    const Type* type = nullptr;
    NodeIndex parent = kNoNode;
    NodeKind kind = NodeKind::kNull;
    bool underscore = false;
    bool is_resource_type = false;  // the `resourceType` member itself
  };

  Tree() = default;
  Tree(Tree&&) = default;
  Tree& operator=(Tree&&) = default;
  Tree Clone() const;  // a deep copy of its own

  Node root() const { return {this, slots_.empty() ? kNoNode : 0}; }
  const Type* type() const { return slots_.empty() ? nullptr : slots_[0].type; }  // of the resource
  std::string_view id() const { return root().TextAt("id"); }

  // --- changes ---
  void SetText(NodeIndex node, std::string_view text);           // copies
  void SetRoot(const Type* resource_type);                       // starts a resource with its resourceType member
  // Appends a member to an object; `name` is a property of its type ("id", "meta", "valueString"). kNoNode where the type has none.
  NodeIndex AddMember(NodeIndex object, std::string_view name, NodeKind kind, std::string_view text = {});
  NodeIndex AddItem(NodeIndex array, NodeKind kind, std::string_view text = {});
  // A member right after `resourceType` (and id where there is one), the place for `id` and `meta`.
  NodeIndex InsertEarlyMember(NodeIndex object, std::string_view name, NodeKind kind, std::string_view text = {});
  void RemoveMember(NodeIndex object, NodeIndex child);
  // Copies the subtree at `from` (of any tree of the same definitions) as the next child of `parent`: an array, or an
  // object whose type has a property of that name, or for a resource one of type Resource. kNoNode where neither holds.
  NodeIndex AppendCopy(NodeIndex parent, Node from);
  // A value of `property` that hangs nowhere yet: empty, or a copy of the subtree at `from` whatever property that is of.
  NodeIndex MakeLoose(const Property& property, bool underscore, NodeKind kind);
  NodeIndex CopyLoose(const Property& property, bool underscore, Node from);
  // Hangs such a value, or one that RemoveMember took out, below `parent`: behind its child `after`, kNoNode = first.
  void Hang(NodeIndex parent, NodeIndex loose, NodeIndex after);
  // The resource at `node` (a root, Bundle.entry.resource, contained) as a tree of its own.
  static Tree CopyOf(Node node);

  // A member by path, making what is missing: Ensure(0, "meta") -> object. For lists: the array node.
  NodeIndex Ensure(NodeIndex object, std::string_view name);

  const Slot& slot(NodeIndex i) const { return slots_[i]; }

 private:
  friend class TreeBuilder;  // fhir/model/tree_builder.h
  NodeIndex Append(NodeIndex parent, Slot slot);
  const char* Keep(std::string_view text);
  void CopyChildren(NodeIndex to, Node from);

  std::vector<Slot> slots_;
  std::unique_ptr<std::string> source_;             // the text the slots point into, decoded in place
  std::forward_list<std::string> extra_;            // texts set later; a list never moves what it holds
};

inline NodeKind Node::kind() const { return tree_->slot(index_).kind; }
inline const Type* Node::type() const { return tree_->slot(index_).type; }
inline const Property* Node::property() const { return tree_->slot(index_).property; }
inline bool Node::underscore() const { return tree_->slot(index_).underscore; }
inline std::string_view Node::text() const {
  const Tree::Slot& slot = tree_->slot(index_);
  return slot.text == nullptr ? std::string_view() : std::string_view(slot.text, slot.text_size);
}
inline Node Node::parent() const { return {tree_, tree_->slot(index_).parent}; }
inline Node Node::first_child() const {
  if (index_ == kNoNode) return {};  // so that absent.Member("x").TextAt("y") is just absent
  return {tree_, tree_->slot(index_).first_child};
}
inline Node Node::next() const { return {tree_, tree_->slot(index_).next}; }

// FHIRPath of a node for issues: "Patient.name[0].given[1]".
std::string ExpressionOf(Node node);

}  // namespace heyi::fhir
