#include "fhir/patch/path_patch.h"

#include <fmt/format.h>

#include <algorithm>

#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "fhir/patch/element_list.h"
#include "fhir/patch/path_operations.h"

namespace heyi::fhir {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr uint64_t kStepsMaxOfOne = 1'000'000;

// May a value of type `given` stand where `wanted` is due? Primitives of one kind may: clients send a code as
// valueString.
bool Fits(const Type* given, const Type& wanted) {
  if (given == nullptr) return false;
  if (wanted.kind == Type::Kind::kAbstractResource) return given->is_resource();
  if (given->is_primitive() && wanted.is_primitive()) return given->json == wanted.json;
  return given->IsA(wanted.name) || wanted.IsA(given->name);
}

class PathPatching {
 public:
  PathPatching(Tree& tree, const Definitions& definitions, const EvalContext& context, const PatchLimits& limits)
      : tree_(tree), definitions_(definitions), context_(context), limits_(limits), work_(limits.work_max) {}

  Result<Done> Run(const std::vector<PathOperation>& operations) {
    if (operations.empty()) return Done{};
    eval_.steps_max = std::min(kStepsMaxOfOne, limits_.path_steps_max / operations.size());
    for (const PathOperation& operation : operations) {
      operation_ = &operation;
      HEYI_CHECK(Apply());
    }
    return Done{};
  }

 private:
  Result<Done> Apply() {
    switch (operation_->verb) {
      case PathVerb::kAdd: return Add();
      case PathVerb::kInsert: return Insert();
      case PathVerb::kDelete: return Delete();
      case PathVerb::kReplace: return Replace();
      case PathVerb::kMove: return Move();
    }
    return Done{};
  }

  Error Bad(std::string_view rule, std::string_view detail) const {
    return Error(ErrorKind::kInvalid, rule, operation_->expression, detail);
  }

  Result<Done> Spend(uint64_t amount) {
    if (work_.Spend(amount)) return Done{};
    return Error(ErrorKind::kTooLarge, "patch.too-costly", operation_->expression, "work");
  }

  // --- what the path selects ---

  Result<Collection> Select(std::string_view path) const {
    auto expression = Expression::Compile(path, definitions_, {.as = CompileOptions::As::kFilters});
    if (!expression.ok()) return Error(ErrorKind::kMalformed, std::move(expression).error().outcome);
    return expression->Evaluate(tree_.root(), context_, eval_);
  }

  // The node of one item, be it the value or its `_` sibling; it lies in the resource itself.
  Result<Node> ElementOf(const PathValue& item) const {
    const bool is_node = item.kind() == PathValue::Kind::kNode;
    const Node node = !is_node ? Node() : item.node() ? item.node() : item.underscore();
    if (!node || node.tree() != &tree_) return Bad("patch.not-element", operation_->path);
    return node;
  }

  // The one element that is selected; false-y where none is.
  Result<Node> AtMostOne(std::string_view path) const {
    HEYI_TRY(items, Select(path));
    if (items.size() > 1) return Bad("patch.several", path);
    if (items.empty()) return Node();
    return ElementOf(items.front());
  }

  Result<Node> One(std::string_view path) const {
    HEYI_TRY(node, AtMostOne(path));
    if (!node) return Bad("patch.no-target", path);
    return node;
  }

  struct List {
    NodeIndex object = kNoNode;
    const Property* property = nullptr;
    std::vector<ElementItem> items;
  };

  // The whole of the one repeating element that is selected.
  Result<List> WholeList() {
    HEYI_TRY(selected, Select(operation_->path));
    if (selected.empty()) return EmptyList();
    HEYI_TRY(first, ElementOf(selected.front()));
    const std::optional<ElementPlace> place = PlaceOf(first);
    if (!place || !place->property->element->list) return Bad("patch.not-list", operation_->path);
    List list{place->object, place->property, ItemsOf(tree_, place->object, *place->property)};
    HEYI_CHECK(Spend(list.items.size()));
    HEYI_TRY(last, ElementOf(selected.back()));
    const std::optional<ElementPlace> end = PlaceOf(last);
    const bool whole = place->index == 0 && end && end->object == place->object && end->property == place->property &&
                       end->index + 1 == list.items.size() && selected.size() == list.items.size();
    if (!whole) return Bad("patch.not-list", operation_->path);
    return list;
  }

  // A list without items selects nothing, so nothing tells where it is but the path's last step.
  Result<List> EmptyList() {
    const std::string_view path = operation_->path;
    const size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) return Bad("patch.no-target", path);
    const std::string_view step = path.substr(dot + 1);
    HEYI_TRY(above, One(path.substr(0, dot)));
    const Property* property = above.is_object() && above.type() != nullptr ? above.type()->Find(step) : nullptr;
    if (property == nullptr || !property->element->list) return Bad("patch.no-target", path);
    return List{above.index(), property, {}};
  }

  // --- values ---

  // The property of `type` that takes `value` as its element `name`: of a choice, the one of the value's type.
  Result<const Property*> PropertyFor(const Type* type, std::string_view name, const PatchValue& value) const {
    const Type* given = value.value ? value.value.type() : value.underscore ? value.underscore.type() : nullptr;
    if (name.ends_with("[x]")) name.remove_suffix(3);
    bool known = false;
    for (size_t i = 0; type != nullptr && i < type->properties.size(); ++i) {
      const Property& property = type->properties[i];
      if (property.element->name != name && property.name != name) continue;
      known = true;
      bool fits = property.element->choice ? given == property.type : Fits(given, *property.type);
      if (value.parts) fits = !property.element->choice && !property.type->is_primitive();
      if (fits) return &property;
    }
    return Bad(known ? "patch.value" : "patch.no-property", name);
  }

  // The value as a node of that property, hung nowhere yet.
  Result<ElementItem> MakeItem(const Property& property, const PatchValue& value) {
    ElementItem item;
    if (value.parts) {
      item.value = tree_.MakeLoose(property, false, NodeKind::kObject);
      for (Node part = value.parts.first_child(); part; part = part.next()) {
        const std::optional<PatchValue> inside = ValueOfPart(part);
        if (!inside) return Bad("patch.value", part.TextAt("name"));
        HEYI_CHECK(AddTo(item.value, part.TextAt("name"), *inside));
      }
      return item;
    }
    if (value.value) item.value = tree_.CopyLoose(property, false, value.value);
    if (value.underscore) item.underscore = tree_.CopyLoose(property, true, value.underscore);
    return item;
  }

  Result<Done> AddTo(NodeIndex object, std::string_view name, const PatchValue& value) {
    HEYI_TRY(property, PropertyFor(Node(&tree_, object).type(), name, value));
    if (!property->element->list && HasElement(object, *property->element)) return Bad("patch.already-there", name);
    std::vector<ElementItem> items = ItemsOf(tree_, object, *property);
    HEYI_CHECK(Spend(1 + items.size()));
    HEYI_TRY(item, MakeItem(*property, value));
    items.push_back(item);
    SetItems(tree_, object, *property, items);
    return Done{};
  }

  bool HasElement(NodeIndex object, const Element& element) const {
    for (Node member = Node(&tree_, object).first_child(); member; member = member.next()) {
      if (member.property() != nullptr && member.property()->element == &element) return true;
    }
    return false;
  }

  // --- the operations ---

  Result<Done> Add() {
    HEYI_TRY(target, One(operation_->path));
    if (target.is_object()) return AddTo(target.index(), operation_->name, operation_->value);
    // To a primitive: its id and extensions stand in its `_` sibling.
    const std::optional<ElementPlace> place = PlaceOf(target);
    if (!place) return Bad("patch.not-element", operation_->path);
    std::vector<ElementItem> items = ItemsOf(tree_, place->object, *place->property);
    HEYI_CHECK(Spend(items.size()));
    ElementItem& item = items[place->index];
    if (item.underscore == kNoNode) item.underscore = tree_.MakeLoose(*place->property, true, NodeKind::kObject);
    const NodeIndex object = item.underscore;
    SetItems(tree_, place->object, *place->property, items);
    return AddTo(object, operation_->name, operation_->value);
  }

  Result<Done> Insert() {
    HEYI_TRY(list, WholeList());
    if (operation_->index > list.items.size()) return Bad("patch.index", std::to_string(operation_->index));
    HEYI_TRY(property, PropertyFor(Node(&tree_, list.object).type(), list.property->name, operation_->value));
    HEYI_TRY(item, MakeItem(*property, operation_->value));
    list.items.insert(list.items.begin() + static_cast<std::ptrdiff_t>(operation_->index), item);
    SetItems(tree_, list.object, *property, list.items);
    return Done{};
  }

  // Deleting what is not there is no error.
  Result<Done> Delete() {
    HEYI_TRY(target, AtMostOne(operation_->path));
    if (!target) return Done{};
    const std::optional<ElementPlace> place = PlaceOf(target);
    if (!place) return Bad("patch.not-element", operation_->path);
    std::vector<ElementItem> items = ItemsOf(tree_, place->object, *place->property);
    HEYI_CHECK(Spend(items.size()));
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(place->index));
    SetItems(tree_, place->object, *place->property, items);
    return RemoveIfEmpty(place->object);
  }

  // FHIR has no empty elements: an object that has lost its last member goes, and so on upwards.
  Result<Done> RemoveIfEmpty(NodeIndex object) {
    while (true) {
      const Node node(&tree_, object);
      if (node.first_child()) return Done{};
      const std::optional<ElementPlace> place = PlaceOf(node);
      if (!place) return Done{};
      std::vector<ElementItem> items = ItemsOf(tree_, place->object, *place->property);
      HEYI_CHECK(Spend(items.size()));
      ElementItem& item = items[place->index];
      (node.underscore() ? item.underscore : item.value) = kNoNode;
      const bool nothing_left = item.value == kNoNode && item.underscore == kNoNode;
      if (nothing_left) items.erase(items.begin() + static_cast<std::ptrdiff_t>(place->index));
      SetItems(tree_, place->object, *place->property, items);
      object = place->object;
    }
  }

  Result<Done> Replace() {
    HEYI_TRY(target, One(operation_->path));
    const std::optional<ElementPlace> place = PlaceOf(target);
    if (!place) return Bad("patch.not-element", operation_->path);
    const Property& old = *place->property;
    HEYI_TRY(property, PropertyFor(Node(&tree_, place->object).type(), old.element->name, operation_->value));
    std::vector<ElementItem> items = ItemsOf(tree_, place->object, old);
    HEYI_CHECK(Spend(items.size()));
    HEYI_TRY(item, MakeItem(*property, operation_->value));
    if (property != &old) SetItems(tree_, place->object, old, {});  // another type of a choice
    items[place->index] = item;
    SetItems(tree_, place->object, *property, items);
    return Done{};
  }

  Result<Done> Move() {
    HEYI_TRY(list, WholeList());
    const size_t source = operation_->source, destination = operation_->destination;
    if (source >= list.items.size()) return Bad("patch.index", std::to_string(source));
    if (destination >= list.items.size()) return Bad("patch.index", std::to_string(destination));
    const ElementItem moved = list.items[source];
    list.items.erase(list.items.begin() + static_cast<std::ptrdiff_t>(source));
    list.items.insert(list.items.begin() + static_cast<std::ptrdiff_t>(destination), moved);
    SetItems(tree_, list.object, *list.property, list.items);
    return Done{};
  }

  Tree& tree_;
  const Definitions& definitions_;
  const EvalContext& context_;
  const PatchLimits& limits_;
  PatchWork work_;
  EvalLimits eval_;
  const PathOperation* operation_ = nullptr;
};

}  // namespace

Result<Tree> ApplyPathPatch(Tree resource, const Tree& patch, const Definitions& definitions,
                            const EvalContext& context, const PatchLimits& limits) {
  HEYI_TRY(operations, ReadPathOperations(patch, limits.path_operations_max));
  HEYI_CHECK(PathPatching(resource, definitions, context, limits).Run(operations));
  std::string json = WriteJson(resource);
  if (json.size() > limits.result_bytes_max) {
    return Error(ErrorKind::kTooLarge, "patch.too-costly", {},
                 fmt::format("more than {} bytes", limits.result_bytes_max));
  }
  auto result = ParseResource(std::move(json), definitions);
  if (!result.ok()) return Error(ErrorKind::kInvalid, std::move(result).error().outcome);
  return result;
}

}  // namespace heyi::fhir
