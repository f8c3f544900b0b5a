#include "fhir/xml/write.h"

#include <algorithm>
#include <vector>

#include "base/xml/escape.h"
#include "fhir/xml/layout.h"
#include "fhir/xml/xhtml.h"

namespace heyi::fhir {
namespace {

// Writes with a stack of what is still to come, so that a deep tree costs no call depth.
class XmlWriter {
 public:
  explicit XmlWriter(std::string& out) : out_(out) {}

  void Write(Node resource) {
    OpenResource(resource, true);
    while (!todo_.empty()) {
      const Todo next = todo_.back();
      todo_.pop_back();
      if (next.property == nullptr) {
        out_.append("</").append(next.end_tag).append(">");
      } else {
        Element(next);
      }
    }
  }

 private:
  // An element, or an end tag where there is no property. A primitive's value and its `_` member are one element.
  struct Todo {
    const Property* property = nullptr;
    Node value, extra;
    std::string_view end_tag;
  };

  void OpenResource(Node resource, bool outermost) {
    const std::string_view name = resource.type()->name;
    out_.append("<").append(name);
    if (outermost) out_.append(" xmlns=\"").append(kFhirNamespace).append("\"");
    Content(resource, name);
  }

  // What follows the start tag's name and, where there is any, its value.
  void Content(Node object, std::string_view name) {
    const size_t first = todo_.size();
    if (object) Members(object);
    if (todo_.size() == first) {
      out_ += "/>";
      return;
    }
    out_ += '>';
    std::reverse(todo_.begin() + static_cast<std::ptrdiff_t>(first), todo_.end());
    todo_.insert(todo_.begin() + static_cast<std::ptrdiff_t>(first), Todo{nullptr, {}, {}, name});
  }

  // Writes an object's attributes, and puts its elements on the stack in their order.
  void Members(Node object) {
    const Type& owner = *object.type();
    members_.clear();
    for (Node member = object.first_child(); member; member = member.next()) {
      if (member.property() == nullptr) continue;  // resourceType
      if (!member.property()->element->attribute) {
        members_.push_back(member);
      } else if (member.kind() == NodeKind::kString) {
        Attribute(member.property()->name, member.text());
      }
    }
    std::stable_sort(members_.begin(), members_.end(), [&](Node a, Node b) {
      return XmlPosition(owner, *a.property()) < XmlPosition(owner, *b.property());
    });
    for (size_t i = 0; i < members_.size(); ++i) {
      Node value = members_[i];
      Node extra;
      if (i + 1 < members_.size() && members_[i + 1].property() == value.property()) extra = members_[++i];
      if (value.underscore()) std::swap(value, extra);
      Pair(*members_[i].property(), value, extra);
    }
  }

  void Pair(const Property& property, Node value, Node extra) {
    if (!property.element->list) {
      todo_.push_back({&property, value, extra, {}});
      return;
    }
    Node item = value ? value.first_child() : Node();
    Node extra_item = extra ? extra.first_child() : Node();
    while (item || extra_item) {
      todo_.push_back({&property, item, extra_item, {}});
      if (item) item = item.next();
      if (extra_item) extra_item = extra_item.next();
    }
  }

  void Element(const Todo& todo) {
    const std::string_view name = todo.property->name;
    if (IsXhtml(*todo.property)) return Div(todo.value);
    out_.append("<").append(name);
    if (todo.property->type->kind == Type::Kind::kAbstractResource) {
      out_ += '>';
      todo_.push_back({nullptr, {}, {}, name});
      return OpenResource(todo.value, false);
    }
    if (!todo.property->type->is_primitive()) return Content(todo.value, name);
    if (todo.value && todo.value.kind() != NodeKind::kNull) Attribute("value", todo.value.text());
    Content(todo.extra && todo.extra.is_object() ? todo.extra : Node(), name);
  }

  void Div(Node div) {
    if (!div) return;
    if (const auto xhtml = CanonicalXhtml(div.text())) {
      out_ += *xhtml;
      return;
    }
    out_.append("<div xmlns=\"").append(kXhtmlNamespace).append("\">");
    base::AppendXmlText(out_, div.text());
    out_ += "</div>";
  }

  void Attribute(std::string_view name, std::string_view value) {
    out_.append(" ").append(name).append("=\"");
    base::AppendXmlAttribute(out_, value);
    out_ += '"';
  }

  std::string& out_;
  std::vector<Todo> todo_;
  std::vector<Node> members_;
};

}  // namespace

void AppendXml(Node resource, std::string& out) { XmlWriter(out).Write(resource); }

std::string WriteXml(const Tree& tree) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
  if (tree.root()) AppendXml(tree.root(), out);
  return out;
}

}  // namespace heyi::fhir
