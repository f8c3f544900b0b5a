#include "mapping/fml/instance.h"

#include "base/json/value.h"
#include "base/xml/tree.h"
#include "fhir/json/parse.h"
#include "fhir/model/tree_builder.h"
#include "fhir/xml/parse.h"

namespace heyi::mapping {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;
using base::Result;
using base::XmlNode;
using fhir::NodeIndex;
using fhir::NodeKind;

constexpr std::string_view kSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::string_view kAnyText = "xmlText";  // an element's text beside attributes, where no model names it

// Lays an instance into a tree. Recursion is bounded by the reader's depth.
class InstanceBuilder : private fhir::TreeBuilder {
 public:
  InstanceBuilder(FmlInstance& instance, const FmlModels& models)
      : TreeBuilder(instance.tree, models.definitions(), 1), models_(models), names_(*instance.names) {}

  void Json(const JsonValue& json, const fhir::Type* type) { Object(json, Hang(fhir::kNoNode, NodeKind::kObject, {}),
      type); }
  void Xml(const XmlNode& root, const fhir::Type* type) {
    const NodeIndex object = Hang(fhir::kNoNode, NodeKind::kObject, {});
    ResourceName(object, type == nullptr ? root.name : type->name);
    Element(root, object, type);
  }

 private:
  const fhir::Property* PropertyOf(const fhir::Type* type, std::string_view name) {
    const fhir::Property* property = models_.IsOpen(type) ? nullptr : type->Find(name);
    return property != nullptr ? property : names_.Find(name);
  }

  const fhir::Type* Known(const fhir::Type* type) const { return models_.IsOpen(type) ? nullptr : type; }

  void ResourceName(NodeIndex object, std::string_view name) {
    const NodeIndex member = Hang(object, NodeKind::kString, Keep(name));
    slots_[member].is_resource_type = true;
  }

  // The members of a JSON object, whose slot is there.
  void Object(const JsonValue& json, NodeIndex object, const fhir::Type* type) {
    const std::string_view said = json.StringAt("resourceType");
    if (!said.empty()) {
      if (const fhir::Type* own = models_.ByInstanceName(said); own != nullptr && type == nullptr) type = own;
      if (type != nullptr && type->kind == fhir::Type::Kind::kAbstractResource) type = models_.ByInstanceName(said);
    }
    slots_[object].type = type;
    for (const auto& [name, value] : json.members()) {
      if (name == "resourceType" && value.is_string()) {
        ResourceName(object, value.text());
        continue;
      }
      const bool underscore = name.size() > 1 && name.front() == '_';
      const fhir::Property* property = PropertyOf(type, underscore ? std::string_view(name).substr(1) : name);
      Value(value, object, *property, underscore);
    }
  }

  void Value(const JsonValue& value, NodeIndex parent, const fhir::Property& property, bool underscore) {
    NodeKind kind = NodeKind::kNull;
    switch (value.kind()) {
      case JsonValue::Kind::kNull: break;
      case JsonValue::Kind::kBool: kind = NodeKind::kBool; break;
      case JsonValue::Kind::kNumber: kind = NodeKind::kNumber; break;
      case JsonValue::Kind::kString: kind = NodeKind::kString; break;
      case JsonValue::Kind::kObject: kind = NodeKind::kObject; break;
      case JsonValue::Kind::kArray: kind = NodeKind::kArray; break;
    }
    const NodeIndex node = Hang(parent, kind, Keep(value.text()));
    slots_[node].property = &property;
    slots_[node].underscore = underscore;
    if (kind != NodeKind::kNull) slots_[node].type = Known(property.type);
    if (kind == NodeKind::kObject) Object(value, node, Known(property.type));
    for (const JsonValue& item : value.items()) Value(item, node, property, underscore);
  }

  NodeIndex Member(NodeIndex object, const fhir::Property& property, bool list, NodeKind kind, std::string_view text) {
    NodeIndex parent = object;
    if (list) {
      parent = fhir::kNoNode;
      for (NodeIndex i = slots_[object].first_child; i != fhir::kNoNode; i = slots_[i].next) {
        // A choice that repeats is one list, whatever its items are.
        if (slots_[i].property != nullptr && slots_[i].property->element == property.element) parent = i;
      }
      if (parent == fhir::kNoNode) {
        parent = Hang(object, NodeKind::kArray, {});
        slots_[parent].property = &property;
        slots_[parent].type = Known(property.type);
      }
    }
    const NodeIndex node = Hang(parent, kind, Keep(text));
    slots_[node].property = &property;
    slots_[node].type = Known(property.type);
    return node;
  }

  static std::string_view OwnAttribute(const XmlNode& node, std::string_view ns, std::string_view name) {
    for (const XmlNode::Attribute& attribute : node.attributes) {
      if (attribute.ns == ns && attribute.name == name) return attribute.value;
    }
    return {};
  }

  static size_t ElementsIn(const XmlNode& node) {
    size_t count = 0;
    for (const XmlNode& child : node.children) count += child.is_text() ? 0 : 1;
    return count;
  }

  // Whether an element of which nothing is known is one value: `<a value="x"/>`, `<a>x</a>`.
  static bool IsOneValue(const XmlNode& node) {
    if (ElementsIn(node) > 0) return false;
    if (node.attributes.empty()) return !node.OwnText().empty();
    return node.attributes.size() == 1 && node.attributes[0].name == "value" && node.OwnText().empty();
  }

  // Attributes, text and children of an element as the members of `object`.
  void Element(const XmlNode& node, NodeIndex object, const fhir::Type* type) {
    slots_[object].type = type;
    for (const XmlNode::Attribute& attribute : node.attributes) {
      if (attribute.ns == kSchemaInstance) continue;
      const fhir::Property& property = *PropertyOf(type, attribute.name);
      Member(object, property, property.element->list, KindFor(property.type), attribute.value);
    }
    if (const std::string text = node.OwnText(); !text.empty()) {
      const fhir::Property& property = TextProperty(type);
      Member(object, property, property.element->list, KindFor(property.type), text);
    }
    // Which names repeat where no model says so.
    std::map<std::string_view, size_t> counts;
    for (const XmlNode& child : node.children) ++counts[child.name];
    for (const XmlNode& child : node.children) {
      if (!child.is_text()) Child(child, object, type, counts[child.name] > 1);
    }
  }

  const fhir::Property& TextProperty(const fhir::Type* type) {
    if (!models_.IsOpen(type)) {
      for (const fhir::Property& property : type->properties) {
        if (models_.FormOf(*property.element) == FmlModels::Form::kText) return property;
      }
    }
    return *PropertyOf(type, kAnyText);
  }

  NodeKind KindFor(const fhir::Type* type) const {
    return models_.IsOpen(type) || !type->is_primitive() ? NodeKind::kString : KindOf(*type);
  }

  void Child(const XmlNode& child, NodeIndex object, const fhir::Type* owner, bool repeats) {
    const fhir::Property* property = PropertyOf(owner, child.name);
    if (const std::string_view said = OwnAttribute(child, kSchemaInstance, "type"); !said.empty() &&
        !models_.IsOpen(owner)) {
      // A choice of which the instance says the type.
      const std::string_view name = said.substr(said.find(':') == std::string_view::npos ? 0 : said.find(':') + 1);
      for (const fhir::Property& one : owner->properties) {
        if (one.element->name == child.name && one.type->name == name) property = &one;
      }
    }
    const fhir::Type* type = Known(property->type);
    const bool list = property->element->list || (repeats && type == nullptr);
    if (type != nullptr && type->kind == fhir::Type::Kind::kAbstractResource && ElementsIn(child) == 1) {
      for (const XmlNode& inner : child.children) {
        if (!inner.is_text()) {
          return Resource(inner, Member(object, *property, list, NodeKind::kObject, {}),
              models_.ByInstanceName(inner.name));
        }
      }
    }
    if (type != nullptr && type->is_resource() && ElementsIn(child) == 1 &&
        models_.ByInstanceName(child.children[0].name) == type) {
      return Resource(child.children[0], Member(object, *property, list, NodeKind::kObject, {}), type);
    }
    if (type != nullptr ? type->is_primitive() : IsOneValue(child)) {
      std::string text(OwnAttribute(child, {}, "value"));
      if (text.empty()) text = child.OwnText();
      Member(object, *property, list, type == nullptr ? NodeKind::kString : KindOf(*type), text);
      return;
    }
    Element(child, Member(object, *property, list, NodeKind::kObject, {}), type);
  }

  void Resource(const XmlNode& node, NodeIndex object, const fhir::Type* type) {
    ResourceName(object, node.name);
    Element(node, object, type);
  }

  const FmlModels& models_;
  AnyNames& names_;
};

Error BrokenInstance(std::string_view what) { return Error(ErrorKind::kInvalid, "fml.instance", {}, what); }

// Whether it is read as R4 has it.
bool IsPlainResource(std::string_view name, const FmlModels& models, const fhir::Type* type) {
  const fhir::Type* resource = models.definitions().FindResource(name);
  return resource != nullptr && (type == nullptr || type == resource || !models.IsOwn(type));
}

}  // namespace

Result<FmlInstance> ReadJsonInstance(const JsonValue& json, const FmlModels& models, const fhir::Type* type) {
  if (!json.is_object()) return BrokenInstance("object");
  const std::string_view name = json.StringAt("resourceType");
  FmlInstance instance;
  if (IsPlainResource(name, models, type)) {
    HEYI_TRY(tree, fhir::ParseResource(base::WriteJson(json), models.definitions()));
    instance.tree = std::move(tree);
    return instance;
  }
  instance.names = std::make_shared<AnyNames>();
  InstanceBuilder(instance, models).Json(json, type);
  return instance;
}

Result<FmlInstance> ReadJsonInstance(std::string text, const FmlModels& models, const fhir::Type* type) {
  HEYI_TRY(json, base::ParseJson(std::move(text)));
  return ReadJsonInstance(json, models, type);
}

Result<FmlInstance> ReadXmlInstance(std::string text, const FmlModels& models, const fhir::Type* type) {
  HEYI_TRY(document, base::ParseXml(text));
  FmlInstance instance;
  if (document.root.ns == "http://hl7.org/fhir" && IsPlainResource(document.root.name, models, type)) {
    HEYI_TRY(tree, fhir::ParseXmlResource(std::move(text), models.definitions()));
    instance.tree = std::move(tree);
    return instance;
  }
  if (type == nullptr) type = models.ByInstanceName(document.root.name);
  instance.names = std::make_shared<AnyNames>();
  InstanceBuilder(instance, models).Xml(document.root, type);
  return instance;
}

}  // namespace heyi::mapping
