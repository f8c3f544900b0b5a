#include "fhir/path/plain_tree.h"

#include <deque>
#include <unordered_map>

#include "fhir/model/tree_builder.h"

namespace heyi::fhir {

using base::Done;
using base::Result;

struct PlainTree::Names {
  // A member may be a value with `_name` beside it, and only primitives can: so all are treated as such.
  Type any{.name = {}, .kind = Type::Kind::kPrimitive, .elements = {}, .properties = {}, .constraints = {}};
  std::deque<Element> elements;  // do not move
  std::deque<Property> properties;
  std::unordered_map<std::string, const Property*> by_name;

  const Property* Find(std::string_view name) {
    const auto [entry, added] = by_name.emplace(std::string(name), nullptr);
    if (added) {
      Element& element = elements.emplace_back();
      element.name = name;
      entry->second = &properties.emplace_back(Property{std::string(name), &element, &any});
    }
    return entry->second;
  }
};

namespace {

const Definitions& NoDefinitions() {
  static const Definitions kNone;
  return kNone;
}

}  // namespace

// Lays JSON's values into slots as they come; a member's name becomes its property.
template <typename Names>
class PlainTreeBuilder : private TreeBuilder, private base::JsonEvents {
 public:
  PlainTreeBuilder(Tree& tree, Names& names) : TreeBuilder(tree, NoDefinitions(), 1), names_(names) {}

  Result<Done> Build(std::string text, const base::JsonLimits& limits) {
    source_ = std::make_unique<std::string>(std::move(text));
    return base::ReadJsonInPlace(*source_, *this, limits);
  }

 private:
  void Null(size_t) override { Add(NodeKind::kNull, {}); }
  void Bool(bool value, size_t) override { Add(NodeKind::kBool, value ? "true" : "false"); }
  void Number(std::string_view raw, size_t) override { Add(NodeKind::kNumber, raw); }
  void String(std::string_view text, size_t) override { Add(NodeKind::kString, text); }
  void Key(std::string_view name) override { key_ = name; }
  void StartObject(size_t) override { open_ = Add(NodeKind::kObject, {}); }
  void EndObject(size_t) override { open_ = slots_[open_].parent; }
  void StartArray(size_t) override { open_ = Add(NodeKind::kArray, {}); }
  void EndArray(size_t) override { open_ = slots_[open_].parent; }

  NodeIndex Add(NodeKind kind, std::string_view text) {
    const NodeIndex index = Hang(open_, kind, text);
    Slot& slot = slots_[index];
    if (open_ != kNoNode && slots_[open_].kind == NodeKind::kArray) {
      slot.property = slots_[open_].property;
      slot.underscore = slots_[open_].underscore;
    } else if (open_ != kNoNode) {
      slot.underscore = key_.size() > 1 && key_.front() == '_';
      slot.property = names_.Find(slot.underscore ? key_.substr(1) : key_);
    }
    return index;
  }

  Names& names_;
  NodeIndex open_ = kNoNode;
  std::string_view key_;
};

Result<PlainTree> PlainTree::Parse(std::string text, const base::JsonLimits& limits) {
  auto tree = std::make_unique<Tree>();
  auto names = std::make_unique<Names>();
  HEYI_CHECK(PlainTreeBuilder(*tree, *names).Build(std::move(text), limits));
  return PlainTree(std::move(tree), std::move(names));
}

PlainTree::PlainTree(std::unique_ptr<Tree> tree, std::unique_ptr<Names> names)
    : tree_(std::move(tree)), names_(std::move(names)) {}
PlainTree::PlainTree(PlainTree&&) noexcept = default;
PlainTree& PlainTree::operator=(PlainTree&&) noexcept = default;
PlainTree::~PlainTree() = default;

Node PlainTree::root() const { return tree_->root(); }

}  // namespace heyi::fhir
