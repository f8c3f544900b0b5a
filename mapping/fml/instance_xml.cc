// An instance as XML: FHIR's own way where the model says nothing else, and attributes and text where it does.
#include <algorithm>
#include <vector>

#include "base/xml/escape.h"
#include "fhir/xml/write.h"
#include "mapping/fml/instance.h"

namespace heyi::mapping {
namespace {

constexpr std::string_view kFhirNamespace = "http://hl7.org/fhir";

// What no model names may be called anything; in XML it needs a name.
std::string AsXmlName(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
        static_cast<unsigned char>(c) >= 0x80;
    const bool later = (c >= '0' && c <= '9') || c == '-' || c == '.';
    if (text.empty() && later) text += '_';
    text += letter || later ? c : '_';
  }
  return text.empty() ? "_" : text;
}

class InstanceWriter {
 public:
  InstanceWriter(const FmlModels& models, std::string& out) : models_(models), out_(out) {}

  // Recursion is as deep as the instance is, which its maker bounds.
  void Element(fhir::Node node, std::string_view name, std::string_view ns, std::string_view said_type) {
    out_ += '<';
    out_ += name;
    if (!ns.empty()) Attribute("xmlns", ns);
    if (!said_type.empty()) {
      Attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
      Attribute("xsi:type", said_type);
    }
    if (!node.is_object()) {
      Attribute("value", node.text());
      out_ += "/>";
      return;
    }
    std::vector<fhir::Node> members;
    for (fhir::Node member = node.first_child(); member; member = member.next()) {
      if (member.property() != nullptr && !member.underscore()) members.push_back(member);
    }
    const auto place = [&](fhir::Node member) -> size_t {
      const fhir::Type* type = node.type();
      if (models_.IsOpen(type) || type->elements.empty()) return 0;
      const fhir::Element* element = member.property()->element;
      const fhir::Element* first = type->elements.data();
      return element >= first && element < first + type->elements.size() ? static_cast<size_t>(element - first)
          : type->elements.size();
    };
    std::stable_sort(members.begin(), members.end(), [&](fhir::Node a, fhir::Node b) { return place(a) < place(b); });
    for (const fhir::Node member : members) {
      if (FormOf(member) == FmlModels::Form::kAttribute) {
        Attribute(AsXmlName(member.property()->element->name), member.text());
      }
    }
    const size_t open = out_.size();
    out_ += '>';
    for (const fhir::Node member : members) {
      if (FormOf(member) == FmlModels::Form::kText) base::AppendXmlText(out_, member.text());
      if (FormOf(member) == FmlModels::Form::kElement || FormOf(member) == FmlModels::Form::kTyped) Values(member);
    }
    if (out_.size() == open + 1) {
      out_.back() = '/';
      out_ += '>';
      return;
    }
    out_ += "</";
    out_ += name;
    out_ += '>';
  }

 private:
  FmlModels::Form FormOf(fhir::Node member) const { return models_.FormOf(*member.property()->element); }

  void Values(fhir::Node member) {
    if (!member.is_array()) return Value(member);
    for (fhir::Node item = member.first_child(); item; item = item.next()) Value(item);
  }

  void Value(fhir::Node value) {
    if (value.kind() == fhir::NodeKind::kNull) return;
    const std::string name = AsXmlName(value.property()->name);
    if (value.type() != nullptr && value.type()->is_resource()) {
      out_ += "<" + name + ">";
      fhir::AppendXml(value, out_);
      out_ += "</" + name + ">";
      return;
    }
    if (FormOf(value) == FmlModels::Form::kTyped) {
      return Element(value, AsXmlName(value.property()->element->name), {}, value.property()->type->name);
    }
    Element(value, name, {}, {});
  }

  void Attribute(std::string_view name, std::string_view value) {
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    base::AppendXmlAttribute(out_, value);
    out_ += '"';
  }

  const FmlModels& models_;
  std::string& out_;
};

}  // namespace

std::string WriteXmlInstance(const FmlInstance& instance, const FmlModels& models) {
  std::string out;
  const fhir::Node root = instance.tree.root();
  if (!root) return out;
  if (root.type() != nullptr && root.type()->is_resource()) {
    fhir::AppendXml(root, out);
    return out;
  }
  std::string_view name = root.TextAt("resourceType");
  if (name.empty()) name = root.type() != nullptr ? std::string_view(root.type()->name) : std::string_view("instance");
  std::string_view ns = models.NamespaceOf(root.type());
  InstanceWriter(models, out).Element(root, AsXmlName(name), ns.empty() ? kFhirNamespace : ns, {});
  return out;
}

}  // namespace heyi::mapping
