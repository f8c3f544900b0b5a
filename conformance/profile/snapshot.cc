#include "conformance/profile/snapshot.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "conformance/limits.h"

namespace heyi::conformance {

using base::Done;
using base::JsonValue;
using base::Result;

namespace {

constexpr std::string_view kBaseUrl = "http://hl7.org/fhir/StructureDefinition/";

base::Error NoSnapshot(std::string_view what) { return {base::ErrorKind::kInvalid, "conformance.snapshot", {}, what}; }

std::string Lower(std::string_view name) {
  std::string text(name);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

// Lists that grow where a profile says more, by what makes their items the same; all else is replaced.
void MergeList(JsonValue& target, std::string_view name, const JsonValue& more, std::string_view key) {
  JsonValue merged = target[name].is_array() ? target[name] : JsonValue::Array();
  for (const JsonValue& item : more.items()) {
    const auto same = [&](const JsonValue& other) {
      return key.empty() ? other.text() == item.text() : other.StringAt(key) == item.StringAt(key);
    };
    const auto found = std::find_if(merged.items().begin(), merged.items().end(), same);
    if (found == merged.items().end()) {
      merged.Append(item);
    } else {
      *found = item;
    }
  }
  target.Set(name, std::move(merged));
}

void MergeElement(JsonValue& target, const JsonValue& differential) {
  for (const auto& [name, value] : differential.members()) {
    if (name == "id" || name == "path" || name == "sliceName") continue;
    if (name == "constraint") {
      MergeList(target, name, value, "key");
    } else if (name == "mapping") {
      MergeList(target, name, value, "identity");
    } else if (name == "condition" || name == "alias") {
      MergeList(target, name, value, {});
    } else {
      target.Set(name, value);
    }
  }
}

JsonValue Without(const JsonValue& object, std::string_view name) {
  JsonValue kept = JsonValue::Object();
  for (const JsonValue::Member& member : object.members()) {
    if (member.first != name) kept.Set(member.first, member.second);
  }
  return kept;
}

JsonValue ImplicitSlicing(std::string_view type, std::string_view path, std::string_view rules) {
  JsonValue discriminator = JsonValue::Object();
  discriminator.Set("type", JsonValue::OfString(type));
  discriminator.Set("path", JsonValue::OfString(path));
  JsonValue discriminators = JsonValue::Array();
  discriminators.Append(std::move(discriminator));
  JsonValue slicing = JsonValue::Object();
  slicing.Set("discriminator", std::move(discriminators));
  slicing.Set("ordered", JsonValue::OfBool(false));
  slicing.Set("rules", JsonValue::OfString(rules));
  return slicing;
}

// The types of a choice that a typed name asks for: those whose name is the suffix.
JsonValue TypesNamed(const JsonValue& types, std::string_view suffix) {
  JsonValue named = JsonValue::Array();
  for (const JsonValue& type : types.items()) {
    if (type.StringAt("code") == suffix || type.StringAt("code") == Lower(suffix)) named.Append(type);
  }
  return named;
}

}  // namespace

// Puts the elements of one differential over a tree.
class SnapshotMaker::Merge {
 public:
  Merge(SnapshotMaker& maker, ElementNode& root) : maker_(maker), root_(root) {}

  Result<Done> Element(const JsonValue& differential) {
    const std::string path(differential.StringAt("path"));
    if (path.empty()) return NoSnapshot("an element without a path");
    // Steps recurse as deep as names have parts.
    for (const std::string_view name : {std::string_view(path), differential.StringAt("id"), differential.StringAt("sliceName")}) {
      if (PartsOf(name) > kElementDepthMax) return NoSnapshot(name.substr(0, 100));
    }
    ElementNode* node = &root_;
    if (const size_t dot = path.rfind('.'); dot != std::string::npos) {
      const std::string id(differential.StringAt("id"));
      const size_t id_dot = LastDot(id);
      const bool by_id = id_dot != std::string::npos && SamePath(id, path);
      HEYI_TRY(parent, by_id ? ById(id.substr(0, id_dot)) : ByPath(path.substr(0, dot)));
      std::string slice(differential.StringAt("sliceName"));
      if (slice.empty() && by_id) slice = SliceOf(std::string_view(id).substr(id_dot + 1));
      HEYI_TRY(found, Step(*parent, LastPart(path), slice));
      node = found;
    }
    MergeElement(node->element, differential);
    NoteAsLast(path, node);
    return Done{};
  }

 private:
  // Slice names may hold points only in ids of extensions; there is none in a name of an element.
  static size_t LastDot(const std::string& id) { return id.rfind('.'); }

  static std::string SliceOf(std::string_view part) {
    const size_t colon = part.find(':');
    return colon == std::string_view::npos ? std::string() : std::string(part.substr(colon + 1));
  }

  // An id is a path with ":slice" after some of its parts.
  static bool SamePath(std::string_view id, std::string_view path) {
    const auto ids = base::Split(id, '.');
    const auto paths = base::Split(path, '.');
    if (ids.size() != paths.size()) return false;
    for (size_t i = 1; i < ids.size(); ++i) {
      if (ids[i].substr(0, ids[i].find(':')) != paths[i]) return false;
    }
    return true;
  }

  Result<ElementNode*> ById(const std::string& id) {
    ElementNode* node = &root_;
    const auto parts = base::Split(id, '.');
    for (size_t i = 1; i < parts.size(); ++i) {
      HEYI_TRY(next, Step(*node, parts[i].substr(0, parts[i].find(':')), SliceOf(parts[i])));
      node = next;
    }
    return node;
  }

  // Without ids, what a path means is the last element that had it.
  Result<ElementNode*> ByPath(const std::string& path) {
    if (path.find('.') == std::string::npos) return &root_;
    if (const auto last = last_.find(path); last != last_.end()) return last->second;
    HEYI_TRY(parent, ByPath(path.substr(0, path.rfind('.'))));
    return Step(*parent, LastPart(path), {});
  }

  void NoteAsLast(const std::string& path, ElementNode* node) {
    const std::string below = path + ".";
    auto from = last_.lower_bound(below);
    while (from != last_.end() && from->first.starts_with(below)) from = last_.erase(from);
    last_[path] = node;
  }

  Result<ElementNode*> Step(ElementNode& parent, std::string_view name, const std::string& slice) {
    HEYI_CHECK(Unfold(parent));
    std::string_view suffix;
    ElementNode* child = parent.Child(name);
    if (child == nullptr) child = parent.ChoiceOf(name, &suffix);
    if (child == nullptr) return NoSnapshot(std::string(parent.element.StringAt("path")) + "." + std::string(name));
    if (!suffix.empty()) return TypedSlice(*child, name, suffix, slice);
    if (slice.empty()) return child;
    return SliceNamed(*child, slice);
  }

  // "valueQuantity": a slice of value[x] by type, where value[x] is not that type alone.
  Result<ElementNode*> TypedSlice(ElementNode& choice, std::string_view name, std::string_view suffix, const std::string& slice) {
    JsonValue types = TypesNamed(choice.element["type"], suffix);
    if (types.items().empty()) return NoSnapshot(std::string(choice.element.StringAt("path")) + " as " + std::string(suffix));
    if (choice.element["slicing"].is_null()) choice.element.Set("slicing", ImplicitSlicing("type", "$this", "open"));
    HEYI_TRY(made, SliceNamed(choice, slice.empty() ? std::string(name) : slice));
    made->element.Set("type", std::move(types));
    return made;
  }

  Result<ElementNode*> SliceNamed(ElementNode& element, const std::string& slice) {
    ElementNode* owner = &element;
    if (ElementNode* const known = element.Slice(slice)) return known;
    if (const size_t slash = slice.rfind('/'); slash != std::string::npos) {
      HEYI_TRY(above, SliceNamed(element, slice.substr(0, slash)));
      owner = above;
      if (ElementNode* const known = owner->Slice(slice)) return known;
    }
    if (owner->element["slicing"].is_null()) {
      if (element.name == "extension" || element.name == "modifierExtension") {
        owner->element.Set("slicing", ImplicitSlicing("value", "url", "open"));
      } else if (element.name.ends_with("[x]")) {
        owner->element.Set("slicing", ImplicitSlicing("type", "$this", "open"));
      } else if (owner->element.StringAt("max") == "1") {
        return owner;  // nothing to slice: a name for what is said of the one value
      }
    }
    auto made = std::make_unique<ElementNode>();
    made->name = element.name;
    made->slice = slice;
    made->element = Without(owner->element, "slicing");
    made->element.Set("min", JsonValue::OfInteger(0));
    for (const auto& child : owner->children) made->children.push_back(child->Clone());
    owner->slices.push_back(std::move(made));
    return owner->slices.back().get();
  }

  // An element that a differential goes into gets the children of what it is: the element it refers to, its one
  // profile, its one type, or what all types have.
  Result<Done> Unfold(ElementNode& node) {
    if (!node.children.empty() || &node == &root_) return Done{};
    if (++unfolded_ > kUnfoldedMax) return NoSnapshot("too many elements");
    const std::string_view reference = node.element.StringAt("contentReference");
    if (!reference.empty()) return CopyReferenced(node, reference.substr(reference.find('#') + 1));
    const auto& types = node.element["type"].items();
    std::string canonical(kBaseUrl);
    canonical += types.size() == 1 ? std::string(types[0].StringAt("code")) : "Element";
    if (types.size() == 1 && types[0]["profile"].items().size() == 1) canonical = types[0]["profile"].items()[0].text();
    HEYI_TRY(tree, maker_.Of(canonical));
    node.children = std::move(tree->children);
    return Done{};
  }

  Result<Done> CopyReferenced(ElementNode& node, std::string_view path) {
    ElementNode* from = &root_;
    const auto parts = base::Split(path, '.');
    for (size_t i = 1; i < parts.size() && from != nullptr; ++i) from = from->Child(parts[i]);
    if (from == nullptr || from == &root_) return NoSnapshot(path);
    for (const auto& child : from->children) node.children.push_back(child->Clone());
    return Done{};
  }

  SnapshotMaker& maker_;
  ElementNode& root_;
  std::map<std::string, ElementNode*, std::less<>> last_;
  size_t unfolded_ = 0;
};

Result<std::unique_ptr<ElementNode>> SnapshotMaker::Of(std::string_view canonical) {
  const Canonical name = Canonical::Of(canonical);
  const auto definition = source_.Find("StructureDefinition", name.url, name.version);
  if (definition == nullptr) return NoSnapshot(canonical);
  return Make(*definition);
}

Result<std::unique_ptr<ElementNode>> SnapshotMaker::Make(const JsonValue& definition) {
  if (!definition["snapshot"]["element"].items().empty()) return TreeOfElements(definition["snapshot"]["element"]);
  const std::string url(definition.StringAt("url"));
  const std::string_view base = definition.StringAt("baseDefinition");
  if (base.empty()) return NoSnapshot(url);
  if (open_.size() >= kBasesMax || std::find(open_.begin(), open_.end(), url) != open_.end()) return NoSnapshot(url);
  open_.push_back(url);
  auto tree = Of(base);
  if (tree.ok()) {
    Merge merge(*this, **tree);
    for (const JsonValue& element : definition["differential"]["element"].items()) {
      if (const auto merged = merge.Element(element); !merged.ok()) {
        open_.pop_back();
        return merged.error();
      }
    }
  }
  open_.pop_back();
  return tree;
}

}  // namespace heyi::conformance
