#include "cli/corpora/fhir_xml.h"

#include <fmt/format.h>

#include "base/json/value.h"
#include "cli/corpora/xml_reader.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::JsonValue;
using base::Result;
using fhir::Property;
using fhir::Type;

class Converter {
 public:
  explicit Converter(const fhir::Definitions& definitions) : definitions_(definitions) {}

  // Recursion is bounded by the reader's depth.
  Result<JsonValue> Resource(const XmlElement& element) const {
    const Type* type = definitions_.FindResource(element.name);
    if (type == nullptr) return XmlError(fmt::format("an unknown resource {}", element.name));
    JsonValue resource = JsonValue::Object();
    resource.Set("resourceType", JsonValue::OfString(element.name));
    HEYI_CHECK(AddMembers(element, *type, resource));
    return resource;
  }

 private:
  // Attributes and children become members; children of one name one after the other its list.
  Result<Done> AddMembers(const XmlElement& element, const Type& type, JsonValue& object) const {
    for (const auto& [name, value] : element.attributes) {
      if (name != "value" || !type.is_primitive()) object.Set(name, JsonValue::OfString(value));
    }
    for (const XmlElement& child : element.children) {
      const Property* property = type.Find(child.name);
      if (property == nullptr) return XmlError(fmt::format("an unknown element {} in {}", child.name, type.name));
      if (property->type->is_primitive()) {
        HEYI_CHECK(AddPrimitive(child, *property, object));
        continue;
      }
      HEYI_TRY(value, Complex(child, *property->type));
      Add(object, property->name, property->element->list, std::move(value));
    }
    return Done{};
  }

  Result<JsonValue> Complex(const XmlElement& element, const Type& type) const {
    if (type.kind == Type::Kind::kAbstractResource) {
      if (element.children.size() != 1) return XmlError(fmt::format("{} resources in {}", element.children.size(), element.name));
      return Resource(element.children.front());
    }
    JsonValue object = JsonValue::Object();
    HEYI_CHECK(AddMembers(element, type, object));
    return object;
  }

  // The value, and beside it `_name` for id and extensions. In lists either may be null where only the other is.
  Result<Done> AddPrimitive(const XmlElement& element, const Property& property, JsonValue& object) const {
    const std::string underscored = "_" + property.name;
    JsonValue value;
    JsonValue extra = JsonValue::Object();
    if (property.type->name == "xhtml") {
      value = JsonValue::OfString(element.source);
    } else {
      if (const std::string* text = element.Attribute("value")) value = Scalar(*text, property.type->json);
      HEYI_CHECK(AddMembers(element, *property.type, extra));
    }
    const bool has_extra = !extra.members().empty();
    if (!property.element->list) {
      if (!value.is_null()) object.Set(property.name, std::move(value));
      if (has_extra) object.Set(underscored, std::move(extra));
      return Done{};
    }
    const JsonValue* before = object.Find(property.name);
    const size_t position = before == nullptr ? 0 : before->items().size();
    Add(object, property.name, true, std::move(value));
    if (!has_extra && object.Find(underscored) == nullptr) return Done{};
    if (object.Find(underscored) == nullptr) object.Set(underscored, JsonValue::Array());
    JsonValue& extras = *object.Find(underscored);
    while (extras.items().size() < position) extras.Append(JsonValue());
    extras.Append(has_extra ? std::move(extra) : JsonValue());
    return Done{};
  }

  static JsonValue Scalar(const std::string& text, fhir::JsonKind kind) {
    if (kind == fhir::JsonKind::kNumber) return JsonValue::OfNumber(text);
    if (kind == fhir::JsonKind::kBool) return JsonValue::OfBool(text == "true");
    return JsonValue::OfString(text);
  }

  static void Add(JsonValue& object, std::string_view name, bool list, JsonValue value) {
    if (!list) {
      object.Set(name, std::move(value));
      return;
    }
    if (object.Find(name) == nullptr) object.Set(name, JsonValue::Array());
    object.Find(name)->Append(std::move(value));
  }

  const fhir::Definitions& definitions_;
};

}  // namespace

Result<std::string> JsonOfXml(std::string_view xml, const fhir::Definitions& definitions) {
  HEYI_TRY(root, ReadXml(xml));
  HEYI_TRY(resource, Converter(definitions).Resource(root));
  return base::WriteJson(resource);
}

}  // namespace heyi::cli
