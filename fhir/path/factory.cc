#include "fhir/path/factory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/ids.h"
#include "base/text.h"
#include "fhir/path/functions.h"
#include "fhir/path/temporal.h"
#include "fhir/path/value.h"

namespace heyi::fhir {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;
using Kind = PathValue::Kind;

// The elements that the arguments of a type's function are for, in their order.
struct Signature {
  std::string_view type;
  std::array<std::string_view, 7> elements;
};
constexpr Signature kSignatures[] = {
    {"Extension", {"url", "value"}},
    {"Identifier", {"system", "value", "use", "type"}},
    {"HumanName", {"family", "given", "prefix", "suffix", "text", "use"}},
    {"ContactPoint", {"system", "value", "use"}},
    {"Address", {"line", "city", "state", "postalCode", "country", "use", "type"}},
    {"Quantity", {"system", "code", "value", "unit"}},
    {"Coding", {"system", "code", "display", "version"}},
    {"CodeableConcept", {"coding", "text"}},
};

const Signature* FindSignature(std::string_view type) {
  const auto* found = std::find_if(std::begin(kSignatures), std::end(kSignatures),
                                   [type](const Signature& known) { return known.type == type; });
  return found == std::end(kSignatures) ? nullptr : found;
}

bool IsOid(std::string_view text) {
  if (!text.starts_with("urn:oid:")) return false;
  text.remove_prefix(8);
  if (text.empty() || text[0] > '2' || text.size() < 3) return false;
  for (const std::string_view part : base::Split(text, '.')) {
    uint64_t number = 0;
    const bool digits = !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || (part.size() > 1 && part[0] == '0') || (part.size() < 18 && !base::ParseUnsigned(part, &number))) {
      return false;
    }
  }
  return text.find('.') != std::string_view::npos;
}

bool IsUuid(std::string_view text) {
  if (!text.starts_with("urn:uuid:") || text.size() != 9 + 36) return false;
  for (size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[9 + i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

// https://hl7.org/fhir/R4/datatypes.html#primitive
bool IsValueOf(const Type& type, std::string_view text) {
  const Kind kind = KindOfPrimitive(type);
  if (kind == Kind::kBoolean) return text == "true" || text == "false";
  if (kind == Kind::kDecimal) return Decimal::Parse(text).has_value();
  if (kind == Kind::kInteger) {
    const std::optional<Decimal> number = Decimal::Parse(text);
    if (!number || number->scale() != 0) return false;
    const int64_t whole = number->ToInteger().value_or(INT64_MAX);
    const int64_t least = type.name == "positiveInt" ? 1 : type.name == "unsignedInt" ? 0 : INT32_MIN;
    return whole >= least && whole <= INT32_MAX;
  }
  if (kind == Kind::kDate || kind == Kind::kDateTime || kind == Kind::kTime) return ParseTemporal(kind, text).has_value();
  if (text.empty()) return false;
  const bool spaces = text.find_first_of(" \t\r\n") != std::string_view::npos;
  if (type.IsA("oid")) return IsOid(text);
  if (type.IsA("uuid")) return IsUuid(text);
  if (type.IsA("uri")) return !spaces;
  if (type.IsA("id")) return base::IsFhirId(text);
  if (type.IsA("code")) return base::Trim(text) == text && text.find("  ") == std::string_view::npos;
  std::string bytes;
  if (type.IsA("base64Binary")) return base::FromBase64(text, &bytes);
  return true;
}

NodeKind JsonKindOf(const Type& primitive) {
  return primitive.json == JsonKind::kString   ? NodeKind::kString
         : primitive.json == JsonKind::kNumber ? NodeKind::kNumber
                                               : NodeKind::kBool;
}

// FHIR's type for a computed value.
std::string_view FhirNameOf(Kind kind) {
  switch (kind) {
    case Kind::kBoolean: return "boolean";
    case Kind::kInteger: return "integer";
    case Kind::kDecimal: return "decimal";
    case Kind::kDate: return "date";
    case Kind::kDateTime: return "dateTime";
    case Kind::kTime: return "time";
    default: return "string";
  }
}

Error Unfit(std::string_view what) { return PathFailure(fmt::format("%factory: {}", what)); }

NodeIndex LastChild(const Tree& tree, NodeIndex object) { return tree.slot(object).last_child; }

// Sets elements of the object at `object`.
class Setter {
 public:
  Setter(Tree& tree, const Definitions& definitions) : tree_(tree), definitions_(definitions) {}

  Result<Done> Set(NodeIndex object, std::string_view name, const Collection& values) {
    const Type* owner = tree_.slot(object).type;
    const Element* element = owner == nullptr ? nullptr : owner->FindElement(name);
    if (element == nullptr) return Unfit(fmt::format("there is no element {}", name));
    if (values.size() > 1 && !element->list) return Unfit(fmt::format("several values for {}", name));
    for (const PathValue& value : values) {
      const Property* property = PropertyFor(*owner, *element, value);
      if (property == nullptr) return Unfit(fmt::format("a value of the wrong type for {}", name));
      NodeIndex parent = object;
      if (element->list) parent = tree_.Ensure(object, property->name);
      HEYI_CHECK(Append(parent, *property, value));
    }
    return Done{};
  }

 private:
  const Property* PropertyFor(const Type& owner, const Element& element, const PathValue& value) const {
    const Type* type = value.type();
    if (type == nullptr) type = definitions_.FindType(FhirNameOf(value.kind()));
    for (const Property& property : owner.properties) {
      if (property.element != &element) continue;
      const bool exact = type != nullptr && (property.type == type || (!element.choice && type->IsA(property.type->name)));
      const Kind kind = ScalarOf(value).kind;
      const Kind wanted = KindOfPrimitive(*property.type);
      const bool same_kind = !element.choice && property.type->is_primitive() &&
                             (kind == wanted || (kind == Kind::kInteger && wanted == Kind::kDecimal));
      if (exact || same_kind) return &property;
    }
    return nullptr;
  }

  Result<Done> Append(NodeIndex parent, const Property& property, const PathValue& value) {
    if (value.node() && value.node().is_object()) {
      tree_.Hang(parent, tree_.CopyLoose(property, false, value.node()), LastChild(tree_, parent));
      return Done{};
    }
    const Scalar scalar = ScalarOf(value);
    if (!IsValueOf(*property.type, scalar.text)) return Unfit(fmt::format("no value of {}", property.type->name));
    const NodeIndex made = tree_.MakeLoose(property, false, JsonKindOf(*property.type));
    tree_.SetText(made, scalar.text);
    tree_.Hang(parent, made, LastChild(tree_, parent));
    return Done{};
  }

  Tree& tree_;
  const Definitions& definitions_;
};

// A tree around one value: a Parameters resource, whose parameter takes any type.
struct Made {
  std::shared_ptr<Tree> tree = std::make_shared<Tree>();
  NodeIndex holder = kNoNode;
  const Property* property = nullptr;
};

Result<Made> MakeHolder(const Type& type, const Definitions& definitions) {
  Made made;
  const Type* parameters = definitions.FindResource("Parameters");
  if (parameters == nullptr) return Unfit("no definitions");
  made.tree->SetRoot(parameters);
  made.holder = made.tree->AddItem(made.tree->Ensure(0, "parameter"), NodeKind::kObject);
  const Type* holder = made.tree->slot(made.holder).type;
  for (const Property& property : holder->properties) {
    const bool value = property.element->name == "value" || property.element->name == "extension";
    if (value && property.type == &type) made.property = &property;
  }
  if (made.property == nullptr) return Unfit(fmt::format("{} cannot be made", type.name));
  return made;
}

NodeIndex AddValue(const Made& made, bool underscore, NodeKind kind) {
  const NodeIndex value = made.tree->MakeLoose(*made.property, underscore, kind);
  made.tree->Hang(made.holder, value, LastChild(*made.tree, made.holder));
  return value;
}

Collection ItemOf(const Made& made, NodeIndex value, NodeIndex underscore) {
  const auto node = [&](NodeIndex index) { return index == kNoNode ? Node() : Node(made.tree.get(), index); };
  return One(PathValue::OfMade(made.tree, node(value), node(underscore)));
}

Result<Collection> MakePrimitive(const Type& type, const std::vector<Collection>& arguments, const Definitions& definitions) {
  const Collection none;
  const Collection& values = arguments.empty() ? none : arguments[0];
  const Collection& extensions = arguments.size() > 1 ? arguments[1] : none;
  if (values.size() > 1) return Unfit("several values");
  HEYI_TRY(made, MakeHolder(type, definitions));
  NodeIndex value = kNoNode;
  NodeIndex underscore = kNoNode;
  if (!values.empty()) {
    const Scalar scalar = ScalarOf(values[0]);
    const bool text = KindOfPrimitive(type) == Kind::kString;
    if (!scalar || (text && scalar.kind != Kind::kString) || !IsValueOf(type, scalar.text)) {
      return Unfit(fmt::format("no value of {}", type.name));
    }
    value = AddValue(made, false, JsonKindOf(type));
    made.tree->SetText(value, scalar.text);
  }
  if (!extensions.empty()) {
    underscore = AddValue(made, true, NodeKind::kObject);
    HEYI_CHECK(Setter(*made.tree, definitions).Set(underscore, "extension", extensions));
  }
  if (value == kNoNode && underscore == kNoNode) return Collection();
  return ItemOf(made, value, underscore);
}

Result<Collection> MakeComplex(const Type& type, const std::vector<Collection>& arguments, const Definitions& definitions) {
  HEYI_TRY(made, MakeHolder(type, definitions));
  const NodeIndex value = AddValue(made, false, NodeKind::kObject);
  const Signature* signature = FindSignature(type.name);
  for (size_t i = 0; i < arguments.size() && signature != nullptr; ++i) {
    if (arguments[i].empty()) continue;
    HEYI_CHECK(Setter(*made.tree, definitions).Set(value, signature->elements[i], arguments[i]));
  }
  return ItemOf(made, value, kNoNode);
}

// create(Type): one without content; a primitive has none to be there at all.
Result<Collection> Create(const Type& type, const Definitions& definitions) {
  if (type.is_resource()) {
    auto tree = std::make_shared<Tree>();
    tree->SetRoot(&type);
    const Node root = tree->root();
    return One(PathValue::OfMade(std::move(tree), root, Node()));
  }
  HEYI_TRY(made, MakeHolder(type, definitions));
  const NodeIndex value = AddValue(made, type.is_primitive(), NodeKind::kObject);
  return type.is_primitive() ? ItemOf(made, kNoNode, value) : ItemOf(made, value, kNoNode);
}

// A copy of the instance: withProperty(instance, name, value), withExtension(instance, url, value).
Result<Collection> Changed(const std::string& name, const std::vector<Collection>& arguments, const Definitions& definitions) {
  if (arguments[0].empty()) return Collection();
  const PathValue& instance = arguments[0][0];
  const Scalar key = arguments[1].size() == 1 ? ScalarOf(arguments[1][0]) : Scalar{};
  const Type* type = instance.type() != nullptr ? instance.type() : definitions.FindType(FhirNameOf(instance.kind()));
  if (arguments[0].size() > 1 || type == nullptr || type->is_resource() || key.kind != Kind::kString) {
    return Unfit(name + "() of this");
  }
  HEYI_TRY(made, MakeHolder(*type, definitions));
  NodeIndex value = kNoNode;
  NodeIndex underscore = kNoNode;
  const auto copy = [&](Node from, bool beside) {
    const NodeIndex index = made.tree->CopyLoose(*made.property, beside, from);
    made.tree->Hang(made.holder, index, LastChild(*made.tree, made.holder));
    return index;
  };
  if (instance.node()) value = copy(instance.node(), false);
  if (instance.underscore()) underscore = copy(instance.underscore(), true);
  if (instance.kind() != Kind::kNode) {
    value = AddValue(made, false, JsonKindOf(*type));
    made.tree->SetText(value, instance.text());
  }
  if (type->is_primitive() && underscore == kNoNode) underscore = AddValue(made, true, NodeKind::kObject);
  const NodeIndex object = type->is_primitive() ? underscore : value;
  Setter setter(*made.tree, definitions);
  if (name == "withProperty") {
    HEYI_CHECK(setter.Set(object, key.text, arguments[2]));
  } else {
    HEYI_TRY(extension, MakeComplex(*definitions.FindType("Extension"), {arguments[1], arguments[2]}, definitions));
    HEYI_CHECK(setter.Set(object, "extension", extension));
  }
  return ItemOf(made, value, underscore);
}

// A copy costs what it holds.
void SpendOnCopy(Node top, Budget& budget) {
  if (!top) return;
  Node at = top;
  while (budget.Spend(1)) {
    if (at.first_child()) {
      at = at.first_child();
      continue;
    }
    while (at != top && !at.next()) at = at.parent();
    if (at == top) return;
    at = at.next();
  }
}

}  // namespace

Result<FactoryArguments> FactoryTakes(const std::string& name, const Type* made, size_t arguments) {
  const bool create = name == "create";
  size_t least = create ? 1 : 0;
  size_t most = create ? 1 : 2;
  if (name == "withExtension" || name == "withProperty") {
    least = most = 3;
  } else if (const Signature* signature = FindSignature(name)) {
    most = static_cast<size_t>(std::count_if(signature->elements.begin(), signature->elements.end(),
                                             [](std::string_view element) { return !element.empty(); }));
  } else if (!create && (made == nullptr || !made->is_primitive())) {
    return Error(ErrorKind::kInvalid, "path.unknown-function", {}, "%factory." + name);
  }
  if (arguments < least || arguments > most) {
    return Error(ErrorKind::kInvalid, "path.arguments", {}, fmt::format("%factory.{}() with {}", name, arguments));
  }
  return create ? FactoryArguments::kType : FactoryArguments::kValues;
}

Result<Collection> EvalFactory(const Op& op, const Scope& scope, Evaluator& evaluator) {
  std::vector<Collection> arguments;
  for (const Op& operand : op.operands) {
    HEYI_TRY(values, evaluator.Eval(operand, scope));
    HEYI_CHECK(evaluator.CheckCost(values.size()));
    for (const PathValue& value : values) SpendOnCopy(value.node(), evaluator.budget());
    arguments.push_back(std::move(values));
  }
  HEYI_CHECK(evaluator.CheckCost(0));
  const Definitions& definitions = evaluator.definitions();
  if (op.name == "create") return Create(*op.made, definitions);
  if (op.made == nullptr) return Changed(op.name, arguments, definitions);
  return op.made->is_primitive() ? MakePrimitive(*op.made, arguments, definitions)
                                 : MakeComplex(*op.made, arguments, definitions);
}

}  // namespace heyi::fhir
