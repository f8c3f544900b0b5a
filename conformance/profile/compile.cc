// Snapshots compiled into rules.
#include <charconv>
#include <unordered_set>

#include "conformance/choice.h"
#include "conformance/profile/profile.h"

namespace heyi::conformance {
namespace {

using base::JsonValue;
using fhir::Expression;

std::vector<std::string> Texts(const JsonValue& list) {
  std::vector<std::string> texts;
  for (const JsonValue& item : list.items()) texts.push_back(item.text());
  return texts;
}

uint32_t NumberOf(std::string_view text, uint32_t otherwise) {
  uint32_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

constexpr std::string_view kMaxValueSet = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";
constexpr std::string_view kMustHaveValue = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.mustHaveValue";
constexpr std::string_view kValueAlternatives = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.valueAlternatives";
constexpr std::string_view kMinLength = "http://hl7.org/fhir/StructureDefinition/minLength";

std::string_view ExtensionText(const JsonValue& element, std::string_view url) {
  for (const JsonValue& extension : element["extension"].items()) {
    if (extension.StringAt("url") == url) return ChosenJson(extension, "value").text();
  }
  return {};
}

DiscriminatorKind KindOf(std::string_view name) {
  if (name == "exists") return DiscriminatorKind::kExists;
  if (name == "pattern") return DiscriminatorKind::kPattern;
  if (name == "type") return DiscriminatorKind::kType;
  if (name == "profile") return DiscriminatorKind::kProfile;
  return DiscriminatorKind::kValue;
}

class Compiler {
 public:
  Compiler(const fhir::Definitions& definitions, base::Outcome& problems) : definitions_(definitions), problems_(problems) {}

  // Invariants that hold already, because a type of FHIR's own states them.
  void KnowBaseInvariants(const fhir::Type* type) {
    for (; type != nullptr; type = type->base) {
      for (const fhir::Constraint& constraint : type->constraints) known_.insert(constraint.key);
    }
  }

  ElementRule Rule(const ElementNode& node, const std::string& path, const fhir::Type* owner) {
    const JsonValue& element = node.element;
    ElementRule rule;
    rule.path = path;
    rule.choice = node.name.ends_with("[x]");
    rule.name = rule.choice ? node.name.substr(0, node.name.size() - 3) : node.name;
    rule.slice = node.slice;
    rule.min = NumberOf(element.StringAt("min"), 0);
    rule.max = element.StringAt("max") == "*" ? UINT32_MAX : NumberOf(element.StringAt("max"), UINT32_MAX);
    for (const JsonValue& type : element["type"].items()) AddType(type, rule);
    rule.fixed = ChosenJson(element, "fixed");
    rule.pattern = ChosenJson(element, "pattern");
    rule.min_value = ChosenJson(element, "minValue");
    rule.max_value = ChosenJson(element, "maxValue");
    rule.min_length = NumberOf(ExtensionText(element, kMinLength), 0);
    rule.max_length = NumberOf(element.StringAt("maxLength"), 0);
    rule.binding = {std::string(element["binding"].StringAt("strength")), std::string(element["binding"].StringAt("valueSet"))};
    rule.max_value_set = ExtensionText(element["binding"], kMaxValueSet);
    rule.must_have_value = ExtensionText(element, kMustHaveValue) == "true";
    for (const JsonValue& extension : element["extension"].items()) {
      if (extension.StringAt("url") == kValueAlternatives) rule.value_alternatives.push_back(ChosenJson(extension, "value").text());
    }
    const fhir::Element* base = owner == nullptr ? nullptr : owner->FindElement(rule.name);
    AddInvariants(element["constraint"], base, rule);
    if (element["slicing"].is_object()) rule.slicing = SlicingOf(element["slicing"], path);
    const fhir::Type* const type = TypeOf(rule, base, owner == nullptr && path.find('.') == std::string::npos);
    for (const auto& child : node.children) rule.children.push_back(Rule(*child, path + "." + child->name, type));
    for (const auto& slice : node.slices) rule.slices.push_back(Rule(*slice, path, owner));
    return rule;
  }

 private:
  // The type whose elements the children are, where it is one.
  const fhir::Type* TypeOf(const ElementRule& rule, const fhir::Element* base, bool root) const {
    if (root) return definitions_.FindType(rule.path);
    if (base != nullptr && base->types.size() == 1) return base->types[0];
    return rule.types.size() == 1 ? definitions_.FindType(rule.types[0].code) : nullptr;
  }

  static void AddType(const JsonValue& type, ElementRule& rule) {
    const std::string_view code = type.StringAt("code");
    if (code.starts_with("http://hl7.org/fhirpath/")) return;
    rule.types.push_back({std::string(code), Texts(type["profile"]), Texts(type["targetProfile"]), Texts(type["aggregation"])});
  }

  void AddInvariants(const JsonValue& constraints, const fhir::Element* base, ElementRule& rule) {
    for (const JsonValue& one : constraints.items()) {
      const std::string key(one.StringAt("key"));
      if (key == "ele-1" || key == "ext-1" || known_.contains(key) || StatedBy(base, key)) continue;
      const std::string_view text = one.StringAt("expression");
      if (text.empty()) continue;
      Invariant invariant{{key, one.StringAt("severity") != "warning", std::string(one.StringAt("human")), std::string(text)}, Compiled(text, rule.path)};
      if (invariant.expression != nullptr) rule.invariants.push_back(std::move(invariant));
    }
  }

  static bool StatedBy(const fhir::Element* base, std::string_view key) {
    if (base == nullptr) return false;
    for (const fhir::Constraint& constraint : base->constraints) {
      if (constraint.key == key) return true;
    }
    for (const fhir::Type* type : base->types) {
      for (; type != nullptr; type = type->base) {
        for (const fhir::Constraint& constraint : type->constraints) {
          if (constraint.key == key) return true;
        }
      }
    }
    return false;
  }

  Slicing SlicingOf(const JsonValue& json, const std::string& path) {
    Slicing slicing;
    slicing.ordered = json["ordered"].is_true();
    slicing.rules = json.StringAt("rules") == "closed" ? Slicing::Rules::kClosed
                    : json.StringAt("rules") == "openAtEnd" ? Slicing::Rules::kOpenAtEnd : Slicing::Rules::kOpen;
    for (const JsonValue& one : json["discriminator"].items()) {
      Discriminator discriminator{KindOf(one.StringAt("type")), std::string(one.StringAt("path")), nullptr};
      if (discriminator.path != "$this") discriminator.expression = Compiled(discriminator.path, path);
      slicing.discriminators.push_back(std::move(discriminator));
    }
    return slicing;
  }

  std::shared_ptr<const Expression> Compiled(std::string_view text, const std::string& path) {
    auto compiled = Expression::Compile(text, definitions_, {.as = fhir::CompileOptions::As::kFilters});
    if (compiled.ok()) return std::make_shared<const Expression>(std::move(*compiled));
    problems_.Add("conformance.profile-expression", path, text);
    return nullptr;
  }

  const fhir::Definitions& definitions_;
  base::Outcome& problems_;
  std::unordered_set<std::string> known_;
};

}  // namespace

const ElementRule* ElementRule::Child(std::string_view child_name) const {
  for (const ElementRule& child : children) {
    if (child.name == child_name) return &child;
  }
  return nullptr;
}

Profile CompileProfile(const JsonValue& definition, const ElementNode& tree, const fhir::Definitions& definitions, base::Outcome& problems) {
  Profile profile;
  profile.url = definition.StringAt("url");
  profile.version = definition.StringAt("version");
  profile.type = definition.StringAt("type");
  profile.kind = definition.StringAt("kind");
  profile.is_abstract = definition["abstract"].is_true();
  Compiler compiler(definitions, problems);
  compiler.KnowBaseInvariants(definitions.FindType(profile.type));
  profile.root = compiler.Rule(tree, profile.type, nullptr);
  profile.modifier = tree.element["isModifier"].is_true();
  if (!profile.is_extension()) return profile;
  for (const JsonValue& context : definition["context"].items()) {
    profile.contexts.push_back({std::string(context.StringAt("type")), std::string(context.StringAt("expression"))});
  }
  profile.context_invariants = Texts(definition["contextInvariant"]);
  return profile;
}

}  // namespace heyi::conformance
