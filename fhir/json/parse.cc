#include "fhir/json/parse.h"

#include "fhir/model/tree_builder.h"

namespace heyi::fhir {
namespace {

using base::Done;
using base::Result;

// Two passes, neither recursive. The first lays JSON's values into slots in document order and keeps member names
// beside them. The second goes over the slots once more, parents before children, and gives each its property and type;
// it can do so only then, because `resourceType` may stand anywhere in its object.
class JsonTreeBuilder : private TreeBuilder, private base::JsonEvents {
 public:
  JsonTreeBuilder(Tree& tree, const Definitions& definitions, const ParseLimits& limits)
      : TreeBuilder(tree, definitions, limits.issues_max), limits_(limits) {}

  Result<Done> Build(std::string text) {
    source_ = std::make_unique<std::string>(std::move(text));
    slots_.reserve(source_->size() / kBytesPerSlot + 8);
    names_.reserve(slots_.capacity());
    HEYI_CHECK(base::ReadJsonInPlace(*source_, *this, limits_.json));
    BindRoot();
    for (NodeIndex i = 1; i < slots_.size() && !GivenUp(); ++i) BindNode(i);
    if (!outcome_.empty()) return base::Error(base::ErrorKind::kMalformed, std::move(outcome_));
    return Done{};
  }

 private:
  static constexpr size_t kBytesPerSlot = 16;  // compact FHIR JSON has some 20 bytes a value; a vector can still grow

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
    names_.push_back(key_);
    key_ = {};
    return index;
  }

  // --- the second pass ---

  // Takes a node and, because their parent has no type, all below it out of the pass.
  void Drop(NodeIndex at) { slots_[at].type = nullptr; }

  void BindRoot() {
    if (slots_[0].kind != NodeKind::kObject) {
      Report("fhir.wrong-kind", 0, "object");
      return;
    }
    BindResource(0);
  }

  // Finds out which resource the object is. Its type stays null where that cannot be told.
  void BindResource(NodeIndex object) {
    slots_[object].type = nullptr;
    for (NodeIndex child = slots_[object].first_child; child != kNoNode; child = slots_[child].next) {
      if (names_[child] != "resourceType") continue;
      if (slots_[child].kind != NodeKind::kString) return Report("fhir.wrong-kind", child, "string");
      slots_[child].is_resource_type = TreeBuilder::BindResource(object, {slots_[child].text, slots_[child].text_size});
      return;
    }
    Report("fhir.resource-type", object);
  }

  void BindNode(NodeIndex at) {
    Slot& slot = slots_[at];
    const Slot& above = slots_[slot.parent];
    if (slot.is_resource_type || above.type == nullptr) return;
    if (above.kind == NodeKind::kArray) {
      slot.property = above.property;
      slot.underscore = above.underscore;
    } else if (!BindMember(at, *above.type)) {
      return;
    }
    slot.type = slot.property->type;
    switch (slot.kind) {
      case NodeKind::kNull: return BindNull(at);
      case NodeKind::kArray: return BindArray(at);
      case NodeKind::kObject: return BindObject(at);
      default: return BindScalar(at);
    }
  }

  // Finds a member's property. False, after an issue, where there is none.
  bool BindMember(NodeIndex at, const Type& type) {
    Slot& slot = slots_[at];
    std::string_view name = names_[at];
    slot.property = type.Find(name);
    if (slot.property == nullptr && name.starts_with('_')) {
      name.remove_prefix(1);
      slot.property = type.Find(name);
      slot.underscore = slot.property != nullptr;
    }
    if (slot.property == nullptr) {
      Report("fhir.unknown-property", slot.parent, names_[at]);
      return false;
    }
    if (slot.underscore && !slot.property->type->is_primitive()) {
      Report("fhir.underscore", at, names_[at]);
      return false;
    }
    if (slot.property->element->choice && ChosenBefore(at)) {
      Report("fhir.choice-twice", at, names_[at]);
      return false;
    }
    return true;
  }

  // Whether an earlier sibling gave the same choice element another type. The siblings before are few: known names,
  // each once, and unknown ones only until issues_max.
  bool ChosenBefore(NodeIndex at) const {
    const Property* property = slots_[at].property;
    for (NodeIndex i = slots_[slots_[at].parent].first_child; i != at; i = slots_[i].next) {
      const Property* other = slots_[i].property;
      if (other != nullptr && other != property && other->element == property->element) return true;
    }
    return false;
  }

  void BindArray(NodeIndex at) {
    const Slot& slot = slots_[at];
    const bool item_itself = slots_[slot.parent].kind == NodeKind::kArray;  // FHIR has no list of lists
    if (item_itself || !slot.property->element->list) {
      Report("fhir.wrong-kind", at, KindDue(slot));
      return Drop(at);
    }
    if (slot.first_child == kNoNode) return Report("fhir.empty", at, "array");
    if (slot.property->type->is_primitive()) PairLists(at);
  }

  void BindObject(NodeIndex at) {
    const Slot& slot = slots_[at];
    const bool due = slot.underscore || !slot.property->type->is_primitive();
    if (!due || NeedsList(slot)) {
      Report("fhir.wrong-kind", at, KindDue(slot));
      return Drop(at);
    }
    if (slot.first_child == kNoNode) {
      Report("fhir.empty", at, "object");
      return Drop(at);
    }
    if (slot.property->type->kind == Type::Kind::kAbstractResource) BindResource(at);
  }

  void BindScalar(NodeIndex at) {
    const Slot& slot = slots_[at];
    const Type& type = *slot.property->type;
    if (slot.underscore || !type.is_primitive() || slot.kind != KindOf(type) || NeedsList(slot)) {
      Report("fhir.wrong-kind", at, KindDue(slot));
    } else if (slot.kind == NodeKind::kString && IsBlank({slot.text, slot.text_size})) {
      Report("fhir.empty", at, "string");
    }
  }

  // Nulls that a `_` list beside explains have been settled by PairLists; what is left has no business here.
  void BindNull(NodeIndex at) {
    Slot& slot = slots_[at];
    slot.type = nullptr;
    const bool place_holder = slots_[slot.parent].kind == NodeKind::kArray && slot.property->type->is_primitive() &&
                              Counterpart(slot.parent) != kNoNode;
    if (!place_holder) Report("fhir.null", at);
  }

  // "given" and "_given" run side by side: equally long, and never null in both at one place.
  void PairLists(NodeIndex at) {
    if (!slots_[at].underscore) return;  // once a pair, from the `_` side
    const NodeIndex other = Counterpart(at);
    if (other == kNoNode) return;
    NodeIndex mine = slots_[at].first_child;
    NodeIndex theirs = slots_[other].first_child;
    for (; mine != kNoNode && theirs != kNoNode; mine = slots_[mine].next, theirs = slots_[theirs].next) {
      if (slots_[mine].kind == NodeKind::kNull && slots_[theirs].kind == NodeKind::kNull) Report("fhir.null", at);
    }
    if (mine != theirs) Report("fhir.underscore", at, names_[at]);
  }

  // The list that stands beside a list of primitives under the other of the names "x" and "_x", or kNoNode.
  // The nulls of one list ask for the same again and again, so the last answer is kept.
  NodeIndex Counterpart(NodeIndex list) {
    if (list == counterpart_asked_) return counterpart_;
    counterpart_asked_ = list;
    counterpart_ = kNoNode;
    const std::string_view name = slots_[list].property->name;
    for (NodeIndex i = slots_[slots_[list].parent].first_child; i != kNoNode; i = slots_[i].next) {
      if (i == list || slots_[i].kind != NodeKind::kArray) continue;
      const std::string_view beside = names_[i];
      const bool other = slots_[list].underscore ? beside == name : beside.starts_with('_') && beside.substr(1) == name;
      if (other) counterpart_ = i;
    }
    return counterpart_;
  }

  // A member of a list property that is not an array.
  bool NeedsList(const Slot& slot) const {
    return slot.property->element->list && slots_[slot.parent].kind != NodeKind::kArray;
  }

  std::string_view KindDue(const Slot& slot) const {
    if (NeedsList(slot)) return "array";
    if (slot.underscore || !slot.property->type->is_primitive()) return "object";
    return NameOf(slot.property->type->json);
  }

  const ParseLimits& limits_;
  std::vector<std::string_view> names_;  // of each slot that is a member
  std::string_view key_;
  NodeIndex open_ = kNoNode;
  NodeIndex counterpart_asked_ = kNoNode;
  NodeIndex counterpart_ = kNoNode;
};

}  // namespace

Result<Tree> ParseResource(std::string text, const Definitions& definitions, const ParseLimits& limits) {
  Tree tree;
  HEYI_CHECK(JsonTreeBuilder(tree, definitions, limits).Build(std::move(text)));
  return tree;
}

}  // namespace heyi::fhir
