#include "fhir/xml/parse.h"

#include <fmt/format.h>

#include <vector>

#include "fhir/model/tree_builder.h"
#include "fhir/xml/layout.h"
#include "fhir/xml/xhtml.h"

namespace heyi::fhir {
namespace {

using base::Done;
using base::Result;
using base::XmlAttribute;

using Attributes = std::span<const XmlAttribute>;

// The number that a JSON text is, if it is nothing else.
class NumberProbe : public base::JsonEvents {
 public:
  static Result<Done> Check(std::string_view text, const base::JsonLimits& limits) {
    NumberProbe probe;
    std::string copy(text);
    HEYI_CHECK(base::ReadJsonInPlace(copy, probe, limits));
    if (probe.size_ != text.size()) return base::Error(base::ErrorKind::kMalformed, "json.syntax", {}, "not a number");
    return Done{};
  }
  void Null(size_t) override {}
  void Bool(bool, size_t) override {}
  void Number(std::string_view raw, size_t) override { size_ = raw.size(); }
  void String(std::string_view, size_t) override {}
  void Key(std::string_view) override {}
  void StartObject(size_t) override {}
  void EndObject(size_t) override {}
  void StartArray(size_t) override {}
  void EndArray(size_t) override {}

 private:
  size_t size_ = 0;
};

// One pass: an element's name tells its property, so a node is bound when it is made. XML has the elements of a list
// one after the other and a primitive's id and extensions inside its element; the tree has a list node, and beside it
// a `_` list with null for what is not there in either.
//
// "Elements must always appear in the order documented" binds who writes: we write so. A reader need not refuse what
// stands elsewhere, for its name says what it is; HL7's own test resources have it. So any order is taken, and items of
// a list that stand apart are its items in the order of the document.
class XmlTreeBuilder : private TreeBuilder, private base::XmlEvents {
 public:
  XmlTreeBuilder(Tree& tree, const Definitions& definitions, const ParseLimits& limits)
      : TreeBuilder(tree, definitions, limits.issues_max), limits_(limits) {}

  Result<Done> Build(const std::string& text) {
    source_ = std::make_unique<std::string>();
    source_->reserve(text.size());  // what is kept of it is never longer, but for a div
    HEYI_CHECK(base::ReadXml(text, *this, limits_.xml));
    if (slots_.size() > limits_.json.values_max) TooLong();
    if (!outcome_.empty()) return base::Error(base::ErrorKind::kMalformed, std::move(outcome_));
    return Done{};
  }

 private:
  // An open element.
  struct Frame {
    enum class Kind : uint8_t { kObject, kPrimitive, kResourceHolder, kDiv };
    Kind kind = Kind::kObject;
    bool text_reported = false;
    bool has_children = false;   // of which some may have been refused
    const Type* type = nullptr;  // of the object; of a primitive
    const Property* property = nullptr;
    NodeIndex node = kNoNode;    // the object; a primitive's value, where it has one
    NodeIndex extra = kNoNode;   // a primitive's `_` object, where it has one
    uint32_t depth = 0;          // of the object as JSON counts it
    size_t member = 0;           // itself among members_, as a member of the element around it
    size_t members_begin = 0;    // its own in members_
  };

  // A member that an open element has had: its lists, and how many items it has had and each list has.
  struct Member {
    const Property* property = nullptr;
    NodeIndex values = kNoNode, extras = kNoNode;
    size_t items = 0, values_size = 0, extras_size = 0;
  };

  // --- events ---

  void StartElement(std::string_view ns, std::string_view name, Attributes attributes, size_t) override {
    if (skipped_ == 0 && !frames_.empty()) frames_.back().has_children = true;
    if (skipped_ > 0 || GivenUp() || !Begin(ns, name, attributes)) ++skipped_;
  }

  void EndElement(size_t) override {
    if (skipped_ > 0) {
      --skipped_;
      return;
    }
    Frame& frame = frames_.back();
    if (frame.kind == Frame::Kind::kDiv) {
      div_.End();
      if (div_.open()) return;
      SetText(frame.node, Keep(div_.Take()));
    }
    for (size_t i = frame.members_begin; i < members_.size(); ++i) CloseLists(members_[i]);
    members_.resize(frame.members_begin);
    if (IsEmpty(frame)) Report("fhir.empty", At(frames_.size() - 1), "element");
    frames_.pop_back();
  }

  void Text(std::string_view text, size_t) override {
    if (skipped_ > 0 || frames_.empty()) return;
    Frame& frame = frames_.back();
    if (frame.kind == Frame::Kind::kDiv) return div_.Text(text);
    if (frame.text_reported || IsBlank(text)) return;
    frame.text_reported = true;
    Report("fhir.xml-text", At(frames_.size() - 1), text);
  }

  // --- elements ---

  // False, after an issue, where the element and all below it are to be passed over.
  bool Begin(std::string_view ns, std::string_view name, Attributes attributes) {
    if (slots_.size() > limits_.json.values_max) return TooLong();
    if (frames_.empty()) return BeginRoot(ns, name, attributes);
    switch (frames_.back().kind) {
      case Frame::Kind::kDiv: return InsideDiv(ns, name, attributes);
      case Frame::Kind::kResourceHolder: return BeginHeldResource(ns, name, attributes);
      default: return BeginMember(ns, name, attributes);
    }
  }

  bool BeginRoot(std::string_view ns, std::string_view name, Attributes attributes) {
    const NodeIndex root = Hang(kNoNode, NodeKind::kObject, {});
    if (ns != kFhirNamespace) return Refuse("fhir.xml-namespace", root, name);
    if (!BindResource(root, name)) return false;
    BeginResource(root, nullptr, 1, attributes);
    return true;
  }

  void BeginResource(NodeIndex object, const Property* property, uint32_t depth, Attributes attributes) {
    const Type& type = *slots_[object].type;
    slots_[Hang(object, NodeKind::kString, type.name)].is_resource_type = true;
    frames_.push_back({.type = &type, .property = property, .node = object, .depth = depth, .members_begin = members_.size()});
    for (const XmlAttribute& attribute : attributes) {
      if (!NamesSchema(attribute)) Report("fhir.xml-attribute", object, attribute.name);
    }
  }

  // Where a schema lies, which any XML may say. It is neither kept nor looked at.
  static bool NamesSchema(const XmlAttribute& attribute) {
    return attribute.ns == kSchemaNamespace && (attribute.name == "schemaLocation" || attribute.name == "noNamespaceSchemaLocation");
  }

  // The one element in <contained> or <resource>. Their object is there already, and is a resource from now on.
  bool BeginHeldResource(std::string_view ns, std::string_view name, Attributes attributes) {
    const Frame& holder = frames_.back();
    if (slots_[holder.node].first_child != kNoNode) return Refuse("fhir.xml-repeated", holder.node, name);
    if (ns != kFhirNamespace) return Refuse("fhir.xml-namespace", holder.node, name);
    if (!BindResource(holder.node, name)) return false;
    BeginResource(holder.node, holder.property, holder.depth, attributes);
    return true;
  }

  bool BeginMember(std::string_view ns, std::string_view name, Attributes attributes) {
    const size_t above = frames_.size() - 1;
    const Type& owner = *frames_[above].type;
    const Property* property = owner.Find(name);
    const bool known = property != nullptr && !property->element->attribute;
    if (ns != (known && IsXhtml(*property) ? kXhtmlNamespace : kFhirNamespace)) return Refuse("fhir.xml-namespace", At(above), name);
    if (!known) return Refuse("fhir.unknown-property", At(above), name);
    size_t member = 0;
    if (const std::string_view rule = AddMember(frames_[above], *property, member); !rule.empty()) return Refuse(rule, At(above), name);
    const NodeIndex object = ObjectOf(above);
    const bool primitive = property->type->is_primitive();
    const uint32_t depth = DepthIn(above) + (property->element->list ? 1 : 0) + (primitive ? 0 : 1);
    if (object == kNoNode || depth > limits_.json.depth_max) return TooDeep(above);
    Frame frame{.type = property->type, .property = property, .depth = depth, .member = member, .members_begin = members_.size()};
    if (IsXhtml(*property)) {
      frame.kind = Frame::Kind::kDiv;
      frame.node = Place(member, object, false, NodeKind::kString, {});
      frames_.push_back(frame);
      return div_.Start(name, attributes) || RefuseDiv(name);
    }
    if (primitive) {
      frame.kind = Frame::Kind::kPrimitive;
      frames_.push_back(frame);
      PrimitiveAttributes(attributes);
      return true;
    }
    frame.node = Place(member, object, false, NodeKind::kObject, {});
    if (property->type->kind == Type::Kind::kAbstractResource) {
      frame.kind = Frame::Kind::kResourceHolder;
      slots_[frame.node].type = nullptr;
    }
    frames_.push_back(frame);
    for (const XmlAttribute& attribute : attributes) AddAttribute(frame.node, *frame.type, attribute);
    return true;
  }

  // Counts one more of a member of the innermost element. The rule that it breaks, or empty.
  std::string_view AddMember(const Frame& frame, const Property& property, size_t& member) {
    for (member = frame.members_begin; member < members_.size(); ++member) {
      Member& known = members_[member];
      if (known.property == &property) {
        if (!property.element->list) return "fhir.xml-repeated";
        ++known.items;
        return {};
      }
      if (known.property->element == property.element) return "fhir.choice-twice";
    }
    members_.push_back({.property = &property, .items = 1});
    return {};
  }

  bool IsEmpty(const Frame& frame) const {
    if (frame.has_children || frame.kind == Frame::Kind::kDiv) return false;
    if (frame.kind == Frame::Kind::kPrimitive) return frame.node == kNoNode && frame.extra == kNoNode;
    return slots_[frame.node].first_child == kNoNode;
  }

  // --- nodes ---

  // A node for the item of a member that is under way.
  NodeIndex Place(size_t member_at, NodeIndex object, bool underscore, NodeKind kind, std::string_view text) {
    Member& member = members_[member_at];
    if (!member.property->element->list) return Bind(Hang(object, kind, text), *member.property, underscore);
    NodeIndex& list = underscore ? member.extras : member.values;
    size_t& size = underscore ? member.extras_size : member.values_size;
    if (list == kNoNode) list = Bind(Hang(object, NodeKind::kArray, {}), *member.property, underscore);
    Pad(list, size, member.items - 1);
    ++size;
    return Bind(Hang(list, kind, text), *member.property, underscore);
  }

  NodeIndex Bind(NodeIndex node, const Property& property, bool underscore) {
    Slot& slot = slots_[node];
    slot.property = &property;
    slot.type = slot.kind == NodeKind::kNull ? nullptr : property.type;
    slot.underscore = underscore;
    return node;
  }

  void Pad(NodeIndex list, size_t& size, size_t wanted) {
    for (; size < wanted; ++size) Bind(Hang(list, NodeKind::kNull, {}), *slots_[list].property, slots_[list].underscore);
  }

  // "given" and "_given" are equally long where both are.
  void CloseLists(Member& member) {
    if (member.values == kNoNode || member.extras == kNoNode) return;
    Pad(member.values, member.values_size, member.items);
    Pad(member.extras, member.extras_size, member.items);
  }

  // Depth of the object that the members of a frame stand in.
  uint32_t DepthIn(size_t at) const { return frames_[at].depth + (frames_[at].kind == Frame::Kind::kPrimitive ? 1 : 0); }

  // The object that the members of a frame stand in: of a primitive its `_` object, which is made when it is needed.
  // kNoNode where that would be too deep.
  NodeIndex ObjectOf(size_t at) {
    Frame& frame = frames_[at];
    if (frame.kind != Frame::Kind::kPrimitive) return frame.node;
    if (frame.extra != kNoNode || DepthIn(at) > limits_.json.depth_max) return frame.extra;
    frame.extra = Place(frame.member, ObjectOf(at - 1), true, NodeKind::kObject, {});
    return frame.extra;
  }

  // Where issues of a frame are reported.
  NodeIndex At(size_t at) {
    if (frames_[at].node != kNoNode) return frames_[at].node;
    const NodeIndex object = ObjectOf(at);
    return object != kNoNode ? object : At(at - 1);
  }

  // --- attributes ---

  void PrimitiveAttributes(Attributes attributes) {
    const size_t at = frames_.size() - 1;
    for (const XmlAttribute& attribute : attributes) {
      if (attribute.ns.empty() && attribute.name == "value") AddValue(at, attribute.value);
    }
    for (const XmlAttribute& attribute : attributes) {
      if (attribute.ns.empty() && attribute.name == "value") continue;
      const NodeIndex object = ObjectOf(at);
      if (object == kNoNode) {
        TooDeep(at);
      } else {
        AddAttribute(object, *frames_[at].type, attribute);
      }
    }
  }

  void AddValue(size_t at, std::string_view value) {
    const Type& type = *frames_[at].type;
    const NodeIndex node = Place(frames_[at].member, ObjectOf(at - 1), false, KindOf(type), Store(value));
    frames_[at].node = node;
    if (IsBlank(value)) return Report("fhir.empty", node, NameOf(type.json));
    if (type.json == JsonKind::kBool && value != "true" && value != "false") Report("fhir.wrong-kind", node, NameOf(type.json));
    if (type.json != JsonKind::kNumber) return;
    const auto number = NumberProbe::Check(value, limits_.json);
    if (number.ok()) return;
    const base::Issue& issue = number.error().outcome.issues().front();
    if (issue.rule == "json.syntax") return Report("fhir.wrong-kind", node, NameOf(type.json));
    Report(issue.rule, node, issue.detail);
  }

  void AddAttribute(NodeIndex object, const Type& owner, const XmlAttribute& attribute) {
    const Property* property = attribute.ns.empty() ? owner.Find(attribute.name) : nullptr;
    if (property == nullptr || !property->element->attribute) return Report("fhir.xml-attribute", object, attribute.name);
    const NodeIndex node = Bind(Hang(object, NodeKind::kString, Store(attribute.value)), *property, false);
    if (IsBlank(attribute.value)) Report("fhir.empty", node, "string");
  }

  // --- a Narrative's div ---

  bool InsideDiv(std::string_view ns, std::string_view name, Attributes attributes) {
    if (ns != kXhtmlNamespace) return Refuse("fhir.xml-namespace", frames_.back().node, name);
    return div_.Start(name, attributes) || Refuse("fhir.xml-attribute", frames_.back().node, name);
  }
  bool RefuseDiv(std::string_view name) {
    const NodeIndex node = frames_.back().node;
    frames_.pop_back();
    return Refuse("fhir.xml-attribute", node, name);
  }

  // --- issues and texts ---

  bool Refuse(std::string_view rule, NodeIndex at, std::string_view detail) {
    Report(rule, at, detail);
    return false;
  }
  bool TooDeep(size_t at) { return Refuse("json.too-deep", At(at), fmt::format("{}", limits_.json.depth_max)); }
  bool TooLong() { return Refuse("json.too-long", kNoNode, fmt::format("{}", limits_.json.values_max)); }

  std::string_view Store(std::string_view text) {
    if (source_->capacity() - source_->size() < text.size()) return Keep(text);
    const size_t begin = source_->size();
    source_->append(text);
    return {source_->data() + begin, text.size()};
  }
  void SetText(NodeIndex node, std::string_view text) {
    slots_[node].text = text.data();
    slots_[node].text_size = static_cast<uint32_t>(text.size());
  }

  const ParseLimits& limits_;
  std::vector<Frame> frames_;
  std::vector<Member> members_;  // of all open elements; those of the innermost stand last
  size_t skipped_ = 0;  // open elements that are passed over
  XhtmlText div_;
};

}  // namespace

Result<Tree> ParseXmlResource(std::string text, const Definitions& definitions, const ParseLimits& limits) {
  Tree tree;
  HEYI_CHECK(XmlTreeBuilder(tree, definitions, limits).Build(text));
  return tree;
}

}  // namespace heyi::fhir
