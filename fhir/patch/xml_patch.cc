#include "fhir/patch/xml_patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "base/xml/reader.h"
#include "fhir/patch/xml_select.h"
#include "fhir/xml/layout.h"

namespace heyi::fhir {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;
using PatchKind = PatchNode::Kind;
using StepKind = PatchStep::Kind;

constexpr std::string_view kPatchNamespace = "urn:ietf:rfc:7351";

class XmlPatching {
 public:
  XmlPatching(PatchNode& document, const PatchLimits& limits) : document_(document), limits_(limits), work_(limits.work_max) {}

  Result<Done> Run(const PatchNode& patch) {
    HEYI_TRY(root, RootOf(patch));
    HEYI_CHECK(CountIn(SizeOf(document_), 0));
    const PatchScope scope(nullptr, *root);
    for (const PatchNode& child : root->children) {
      if (!child.is_element() && !child.is_text()) continue;
      if (child.is_blank_text()) continue;
      if (position_ == limits_.operations_max) return TooCostly("operations");
      if (child.is_text() || child.ns != root->ns) return Bad(ErrorKind::kMalformed, "patch.operation", child.is_text() ? child.text : child.name);
      HEYI_CHECK(Apply(child, PatchScope(&scope, child)));
      ++position_;
    }
    if (position_ == 0) return Error(ErrorKind::kMalformed, "patch.xml-body", {}, "without operations");
    return Done{};
  }

 private:
  static Result<const PatchNode*> RootOf(const PatchNode& patch) {
    const auto root = std::find_if(patch.children.begin(), patch.children.end(), [](const PatchNode& node) { return node.is_element(); });
    if (root == patch.children.end()) return Error(ErrorKind::kMalformed, "patch.xml-body", {}, "nothing");
    const bool named = root->name == "diff" || root->name == "patch";
    if (named && (root->ns.empty() || root->ns == kFhirNamespace || root->ns == kPatchNamespace)) return &*root;
    return Error(ErrorKind::kMalformed, "patch.xml-body", {}, root->name);
  }

  // What is added counts, what goes away is not given back: the sum bounds memory at every moment.
  Result<Done> CountIn(const PatchNodeSize& size, size_t at_depth) {
    nodes_ += size.nodes;
    bytes_ += size.bytes;
    if (nodes_ > limits_.xml_nodes_max || bytes_ > 2 * limits_.result_bytes_max) return TooCostly("size");
    if (size.depth + at_depth > limits_.depth_max) return TooCostly("depth");
    return Spend(size.nodes + size.bytes / 64);
  }
  Result<Done> Spend(uint64_t amount) {
    if (work_.Spend(amount)) return Done{};
    return TooCostly("work");
  }

  Error TooCostly(std::string_view of) const { return Bad(ErrorKind::kTooLarge, "patch.too-costly", of); }
  Error Bad(ErrorKind kind, std::string_view rule, std::string_view detail) const {
    return Error(kind, rule, {}, fmt::format("{} (operation {})", base::ClipUtf8(detail, kDetailBytesMax), position_));
  }
  Error Unfit(std::string_view rule, std::string_view detail) const { return Bad(ErrorKind::kInvalid, rule, detail); }
  Error BadSelector(const SelectorError& error) const { return Bad(ErrorKind::kMalformed, error.rule, error.detail); }

  Result<Done> Apply(const PatchNode& operation, const PatchScope& scope) {
    const bool add = operation.name == "add", replace = operation.name == "replace", remove = operation.name == "remove";
    if (!add && !replace && !remove) return Bad(ErrorKind::kMalformed, "patch.operation", operation.name);
    selector_ = {};
    std::string_view pos, type, ws;
    for (const PatchNode::Attribute& attribute : operation.attributes) {
      if (!attribute.ns.empty()) continue;  // which may say what it wants
      if (attribute.name == "sel") selector_ = attribute.value;
      else if (attribute.name == "pos" && add) pos = attribute.value;
      else if (attribute.name == "type" && add) type = attribute.value;
      else if (attribute.name == "ws" && remove) ws = attribute.value;
      else return Bad(ErrorKind::kMalformed, "patch.xml-attribute", attribute.name);
    }
    if (selector_.empty()) return Bad(ErrorKind::kMalformed, "patch.member", "sel");
    HEYI_TRY(place, Find(scope));
    if (replace) return Replace(place, operation);
    if (remove) return Remove(place, operation, ws);
    if (type.empty()) return Add(place, operation, pos);
    if (!pos.empty()) return Bad(ErrorKind::kMalformed, "patch.xml-attribute", "pos");
    return AddNamed(place, operation, type, scope);
  }

  Result<PatchPlace> Find(const PatchScope& scope) {
    if (selector_.size() > limits_.xml_selector_bytes_max) return TooCostly("selector");
    HEYI_CHECK(Spend(selector_.size()));
    PatchSelector selector;
    if (const auto error = ReadPatchSelector(selector_, scope, selector)) return BadSelector(*error);
    PatchPlace place;
    const std::optional<int> count = FindPatchPlace(document_, selector, work_, place);
    if (!count) return TooCostly("work");
    if (*count == 0) return Unfit("patch.no-target", selector_);
    if (*count > 1) return Unfit("patch.several", selector_);
    return place;
  }

  // --- add ---

  Result<Done> Add(PatchPlace& place, const PatchNode& operation, std::string_view pos) {
    const bool beside = pos == "before" || pos == "after";
    if (!beside && pos != "prepend" && !pos.empty()) return Bad(ErrorKind::kMalformed, "patch.xml-attribute", pos);
    if (place.kind == StepKind::kAttribute || place.kind == StepKind::kNamespace) return Unfit("patch.xml-nodes", selector_);
    if (!beside && place.kind != StepKind::kElement) return Unfit("patch.xml-nodes", selector_);
    std::vector<PatchNode> nodes = operation.children;
    if (beside && place.path.size() == 2) {
      // Beside the root of a document stand comments and instructions only.
      std::erase_if(nodes, [](const PatchNode& node) { return node.is_blank_text(); });
      if (std::any_of(nodes.begin(), nodes.end(), [](const PatchNode& node) { return node.is_element() || node.is_text(); })) {
        return Unfit("patch.xml-root", selector_);
      }
    }
    PatchNode& parent = *place.path[place.path.size() - (beside ? 2 : 1)];
    const size_t depth = place.path.size() - (beside ? 2 : 1);  // of the parent; the document has none
    for (const PatchNode& node : nodes) HEYI_CHECK(CountIn(SizeOf(node), depth));
    const size_t at = beside ? place.index + (pos == "after" ? 1 : 0) : pos.empty() ? parent.children.size() : 0;
    return Splice(parent, at, at, std::move(nodes));
  }

  Result<Done> AddNamed(PatchPlace& place, const PatchNode& operation, std::string_view type, const PatchScope& scope) {
    PatchStep target;
    if (const auto error = ReadPatchTarget(type, scope, target)) return BadSelector(*error);
    if (place.kind != StepKind::kElement) return Unfit("patch.xml-nodes", selector_);
    HEYI_TRY(value, TextOf(operation));
    HEYI_CHECK(CountIn({1, target.name.name.size() + target.name.ns.size() + value.size(), 0}, 0));
    PatchNode& element = *place.path.back();
    HEYI_CHECK(Spend(element.attributes.size() + element.declarations.size()));
    if (target.kind == StepKind::kAttribute) {
      const bool there = std::any_of(element.attributes.begin(), element.attributes.end(), [&](const auto& one) {
        return one.name == target.name.name && one.ns == target.name.ns;
      });
      if (there) return Unfit("patch.already-there", type);
      element.attributes.push_back({target.name.ns, target.name.name, std::move(value)});
      return Done{};
    }
    HEYI_CHECK(CheckDeclaration(target.name.name, value));
    const bool there = std::any_of(element.declarations.begin(), element.declarations.end(),
                                   [&](const auto& one) { return one.prefix == target.name.name; });
    if (there) return Unfit("patch.already-there", type);
    element.declarations.push_back({target.name.name, std::move(value)});
    return Done{};
  }

  // XML's own prefixes are bound for ever, and none is bound to nothing.
  Result<Done> CheckDeclaration(std::string_view prefix, std::string_view ns) const {
    const bool reserved = prefix == "xml" || prefix == "xmlns" || ns == base::kXmlNamespace || ns == "http://www.w3.org/2000/xmlns/";
    if (reserved || ns.empty()) return Unfit("patch.xml-namespace", ns);
    return Done{};
  }

  // --- replace ---

  Result<Done> Replace(PatchPlace& place, const PatchNode& operation) {
    PatchNode& holder = *place.path.back();
    switch (place.kind) {
      case StepKind::kAttribute: {
        HEYI_TRY(value, TextOf(operation));
        HEYI_CHECK(CountIn({1, value.size(), 0}, 0));
        holder.attributes[place.index].value = std::move(value);
        return Done{};
      }
      case StepKind::kNamespace: {
        HEYI_TRY(value, TextOf(operation));
        HEYI_CHECK(CountIn({1, value.size(), 0}, 0));
        HEYI_CHECK(CheckDeclaration(holder.declarations[place.index].prefix, value));
        HEYI_CHECK(CheckUnused(holder, holder.declarations[place.index].ns));
        holder.declarations[place.index].ns = std::move(value);
        return Done{};
      }
      case StepKind::kText: {
        HEYI_TRY(value, TextOf(operation));
        PatchNode text;
        text.kind = PatchKind::kText;
        text.text = std::move(value);
        return ReplaceBy(place, std::move(text));
      }
      default: break;
    }
    const PatchNode* only = nullptr;
    for (const PatchNode& child : operation.children) {
      if (child.is_blank_text()) continue;
      if (only != nullptr || child.kind != holder.kind) return Unfit("patch.xml-nodes", selector_);
      only = &child;
    }
    if (only == nullptr) return Unfit("patch.xml-nodes", selector_);
    return ReplaceBy(place, *only);
  }

  Result<Done> ReplaceBy(PatchPlace& place, PatchNode node) {
    HEYI_CHECK(CountIn(SizeOf(node), place.path.size() - 2));
    std::vector<PatchNode> nodes;
    nodes.push_back(std::move(node));
    return Splice(*place.path[place.path.size() - 2], place.index, place.index + 1, std::move(nodes));
  }

  // The text that an operation holds and nothing else.
  Result<std::string> TextOf(const PatchNode& operation) const {
    std::string text;
    for (const PatchNode& child : operation.children) {
      if (!child.is_text()) return Unfit("patch.xml-nodes", selector_);
      text += child.text;
    }
    return text;
  }

  // --- remove ---

  Result<Done> Remove(PatchPlace& place, const PatchNode& operation, std::string_view ws) {
    for (const PatchNode& child : operation.children) {
      if (child.is_element() || (child.is_text() && !child.is_blank_text())) return Bad(ErrorKind::kMalformed, "patch.operation", operation.name);
    }
    const bool before = ws == "before" || ws == "both", after = ws == "after" || ws == "both";
    if (!before && !after && !ws.empty()) return Bad(ErrorKind::kMalformed, "patch.xml-attribute", ws);
    PatchNode& holder = *place.path.back();
    const bool named = place.kind == StepKind::kAttribute || place.kind == StepKind::kNamespace;
    if ((named || place.kind == StepKind::kText) && !ws.empty()) return Unfit("patch.xml-white-space", selector_);
    if (named) return RemoveNamed(holder, place);
    if (place.path.size() == 2 && holder.is_element()) return Unfit("patch.xml-root", selector_);
    PatchNode& parent = *place.path[place.path.size() - 2];
    size_t begin = place.index, end = place.index + 1;
    if (before && (begin == 0 || !parent.children[--begin].is_blank_text())) return Unfit("patch.xml-white-space", selector_);
    if (after && (end == parent.children.size() || !parent.children[end++].is_blank_text())) return Unfit("patch.xml-white-space", selector_);
    return Splice(parent, begin, end, {});
  }

  Result<Done> RemoveNamed(PatchNode& holder, const PatchPlace& place) {
    const auto at = static_cast<std::ptrdiff_t>(place.index);
    HEYI_CHECK(Spend(holder.attributes.size() + holder.declarations.size()));
    if (place.kind == StepKind::kAttribute) {
      holder.attributes.erase(holder.attributes.begin() + at);
      return Done{};
    }
    HEYI_CHECK(CheckUnused(holder, holder.declarations[place.index].ns));
    holder.declarations.erase(holder.declarations.begin() + at);
    return Done{};
  }

  // A declaration that names need stays as it is.
  Result<Done> CheckUnused(const PatchNode& element, const std::string& ns) {
    HEYI_TRY(used, Uses(element, ns));
    if (used) return Unfit("patch.xml-namespace", ns);
    return Done{};
  }
  // Recursion on a tree of bounded depth.
  Result<bool> Uses(const PatchNode& element, const std::string& ns) {
    HEYI_CHECK(Spend(1 + element.attributes.size() + element.children.size()));
    if (element.ns == ns) return true;
    if (std::any_of(element.attributes.begin(), element.attributes.end(), [&](const auto& one) { return one.ns == ns; })) return true;
    for (const PatchNode& child : element.children) {
      if (!child.is_element()) continue;
      HEYI_TRY(used, Uses(child, ns));
      if (used) return true;
    }
    return false;
  }

  // Puts `nodes` in the place of the children from `begin` to `end`.
  Result<Done> Splice(PatchNode& parent, size_t begin, size_t end, std::vector<PatchNode> nodes) {
    std::vector<PatchNode>& children = parent.children;
    HEYI_CHECK(Spend(1 + children.size() + nodes.size()));
    const auto at = children.erase(children.begin() + static_cast<std::ptrdiff_t>(begin), children.begin() + static_cast<std::ptrdiff_t>(end));
    children.insert(at, std::make_move_iterator(nodes.begin()), std::make_move_iterator(nodes.end()));
    JoinTexts(children);
    return Done{};
  }

  static constexpr size_t kDetailBytesMax = 120;

  PatchNode& document_;
  const PatchLimits& limits_;
  PatchWork work_;
  uint64_t nodes_ = 0;
  uint64_t bytes_ = 0;
  size_t position_ = 0;        // of the operation at hand
  std::string_view selector_;  // of it
};

}  // namespace

Result<PatchNode> ApplyXmlPatch(PatchNode document, const PatchNode& patch, const PatchLimits& limits) {
  HEYI_CHECK(XmlPatching(document, limits).Run(patch));
  return document;
}

}  // namespace heyi::fhir
