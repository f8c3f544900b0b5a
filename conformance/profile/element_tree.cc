#include "conformance/profile/element_tree.h"

#include <algorithm>

#include "conformance/limits.h"

namespace heyi::conformance {

using base::JsonValue;

std::unique_ptr<ElementNode> ElementNode::Clone() const {
  auto copy = std::make_unique<ElementNode>();
  copy->element = element;
  copy->name = name;
  copy->slice = slice;
  for (const auto& child : children) copy->children.push_back(child->Clone());
  for (const auto& one : slices) copy->slices.push_back(one->Clone());
  return copy;
}

ElementNode* ElementNode::Child(std::string_view child_name) const {
  for (const auto& child : children) {
    if (child->name == child_name) return child.get();
  }
  return nullptr;
}

ElementNode* ElementNode::Slice(std::string_view slice_name) const {
  for (const auto& one : slices) {
    if (one->slice == slice_name) return one.get();
  }
  return nullptr;
}

ElementNode* ElementNode::ChoiceOf(std::string_view typed_name, std::string_view* suffix) const {
  for (const auto& child : children) {
    if (!child->name.ends_with("[x]")) continue;
    const std::string_view stem = std::string_view(child->name).substr(0, child->name.size() - 3);
    if (typed_name.size() <= stem.size() || !typed_name.starts_with(stem)) continue;
    if (typed_name[stem.size()] < 'A' || typed_name[stem.size()] > 'Z') continue;
    *suffix = typed_name.substr(stem.size());
    return child.get();
  }
  return nullptr;
}

size_t PartsOf(std::string_view name) {
  return static_cast<size_t>(std::count_if(name.begin(), name.end(), [](char c) { return c == '.' || c == '/'; }));
}

std::string_view LastPart(std::string_view path) {
  const size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

namespace {

base::Error Bad(std::string_view path) { return {base::ErrorKind::kInvalid, "conformance.snapshot", {}, path}; }

// Where a slice of `child` belongs: "a/b" is a slice of the slice "a".
ElementNode& OwnerOfSlice(ElementNode& child, std::string_view slice) {
  ElementNode* owner = &child;
  for (size_t slash = slice.find('/'); slash != std::string_view::npos; slash = slice.find('/', slash + 1)) {
    ElementNode* const next = owner->Slice(slice.substr(0, slash));
    if (next == nullptr) break;
    owner = next;
  }
  return *owner;
}

class TreeReader {
 public:
  base::Result<std::unique_ptr<ElementNode>> Read(const JsonValue& elements) {
    for (const JsonValue& element : elements.items()) HEYI_CHECK(Add(element));
    if (root_ == nullptr) return Bad("no elements");
    return std::move(root_);
  }

 private:
  base::Result<base::Done> Add(const JsonValue& element) {
    const std::string_view path = element.StringAt("path");
    const auto depth = static_cast<size_t>(std::count(path.begin(), path.end(), '.'));
    if (depth > kElementDepthMax || PartsOf(element.StringAt("sliceName")) > kElementDepthMax) return Bad(path.substr(0, 100));
    if (root_ == nullptr ? depth != 0 : depth == 0 || depth > open_.size()) return Bad(path.substr(0, 100));
    auto node = std::make_unique<ElementNode>();
    node->element = element;
    node->name = LastPart(path);
    node->slice = element.StringAt("sliceName");
    ElementNode* const added = node.get();
    if (depth == 0) {
      root_ = std::move(node);
    } else {
      Place(*open_[depth - 1], std::move(node));
    }
    open_.resize(depth);
    open_.push_back(added);
    return base::Done{};
  }

  static void Place(ElementNode& parent, std::unique_ptr<ElementNode> node) {
    ElementNode* child = parent.Child(node->name);
    std::string_view suffix;
    if (child == nullptr && (child = parent.ChoiceOf(node->name, &suffix)) != nullptr) {
      if (node->slice.empty()) node->slice = node->name;
      node->name = child->name;
    }
    if (child == nullptr || node->slice.empty()) {
      parent.children.push_back(std::move(node));
    } else {
      OwnerOfSlice(*child, node->slice).slices.push_back(std::move(node));
    }
  }

  std::unique_ptr<ElementNode> root_;
  std::vector<ElementNode*> open_;  // by depth
};

void Write(const ElementNode& node, const std::string& path, const std::string& id, JsonValue& out) {
  JsonValue element = JsonValue::Object();
  element.Set("id", JsonValue::OfString(id));
  element.Set("path", JsonValue::OfString(path));
  if (!node.slice.empty()) element.Set("sliceName", JsonValue::OfString(node.slice));
  for (const JsonValue::Member& member : node.element.members()) {
    if (member.first != "id" && member.first != "path" && member.first != "sliceName") element.Set(member.first, member.second);
  }
  out.Append(std::move(element));
  for (const auto& child : node.children) Write(*child, path + "." + child->name, id + "." + child->name, out);
  const std::string unsliced = id.substr(0, id.rfind('.') + 1) + node.name;
  for (const auto& slice : node.slices) Write(*slice, path, unsliced + ":" + slice->slice, out);
}

}  // namespace

base::Result<std::unique_ptr<ElementNode>> TreeOfElements(const JsonValue& elements) { return TreeReader().Read(elements); }

JsonValue ElementsOfTree(const ElementNode& root, std::string_view root_name) {
  JsonValue list = JsonValue::Array();
  Write(root, std::string(root_name), std::string(root_name), list);
  return list;
}

}  // namespace heyi::conformance
