#include "conformance/validate/extensions.h"

#include <algorithm>

#include "conformance/primitives.h"
#include "conformance/validate/base_rules.h"
#include "conformance/validate/profile_rules.h"

namespace heyi::conformance {

using fhir::Node;
using fhir::PathValue;

namespace {

bool IsAbsolute(std::string_view url) { return url.find(':') != std::string_view::npos; }

// The object that carries the extension: its `extension` list's parent.
Node HostOf(Node extension) {
  Node host = extension.parent();
  return host.is_array() ? host.parent() : host;
}

bool IsResource(Node node) { return node.is_object() && !node.underscore() && node.type() != nullptr && node.type()->is_resource(); }

// "Patient.contact.name", by element names from the resource on ("value[x]" for valueQuantity); "Patient" of the resource itself.
std::string PathOf(Node host) {
  std::string path;
  Node node = host;
  for (; node && !IsResource(node); node = node.parent()) {
    if (node.property() == nullptr || (node.parent() && node.parent().is_array())) continue;  // an item: its list says the name
    const fhir::Element& element = *node.property()->element;
    path = "." + element.name + (element.choice ? "[x]" : "") + path;
  }
  return (node && node.type() != nullptr ? node.type()->name : std::string()) + path;
}

bool FitsElementContext(Node host, std::string_view expression, Session& session) {
  expression = expression.substr(0, expression.find('#'));
  if (expression == "Element") return true;  // R4's own definitions mean resources, too
  // Names that later versions of FHIR gave to what has a canonical URL.
  const bool canonical = expression == "CanonicalResource" || expression == "MetadataResource";
  if (canonical && IsResource(host)) return host.type()->FindElement("url") != nullptr && host.type()->FindElement("status") != nullptr;
  for (const fhir::Type* type = host.type(); type != nullptr; type = type->base) {
    if (type->name == expression) return true;
  }
  if (host.property() != nullptr && host.property()->element->path == expression) return true;
  const std::string path = PathOf(host);
  if (path == expression || path == std::string(expression) + "[x]") return true;
  // "Condition.note" below a type's own path, "Timing.repeat" wherever a Timing stands.
  if (const size_t dot = expression.find('.'); dot != std::string_view::npos) {
    const size_t at = path.rfind(expression.substr(dot));
    const fhir::Type* owner = session.definitions.FindType(expression.substr(0, dot));
    if (owner == nullptr || at == std::string::npos || at + expression.size() - dot != path.size()) return false;
    Node above = host;
    for (size_t steps = static_cast<size_t>(std::count(expression.begin(), expression.end(), '.')); steps > 0 && above; --steps) {
      above = above.parent();
      if (above && above.is_array()) above = above.parent();
    }
    return above && above.type() != nullptr && above.type()->IsA(owner->name);
  }
  return false;
}

bool FitsPathContext(Node host, const std::string& expression, Session& session) {
  Node resource = host;
  while (resource.parent() && !IsResource(resource)) resource = resource.parent();
  const auto compiled = fhir::Expression::Compile(expression, session.definitions, {.as = fhir::CompileOptions::As::kFilters});
  if (!compiled.ok()) return true;  // nothing that could be told
  const auto found = compiled->Evaluate(PathValue::OfNode(resource), session.context);
  if (!found.ok()) return true;
  return std::any_of(found->begin(), found->end(), [&](const PathValue& one) { return one.node() == host || one.underscore() == host; });
}

bool FitsContext(Node host, const Profile::Context& context, Session& session) {
  if (context.type == "fhirpath") return FitsPathContext(host, context.expression, session);
  if (context.type == "extension") {
    return host.type() != nullptr && host.type()->name == "Extension" && host.TextAt("url") == context.expression;
  }
  return FitsElementContext(host, context.expression, session);
}

// A part of an extension that has parts has a name of its own, said by that extension's definition.
void CheckPart(Node part, Node whole, Session& session) {
  const std::string_view url = whole.TextAt("url");
  const Profile* const profile = IsAbsolute(url) ? session.Find(url) : nullptr;
  if (profile == nullptr) return;
  const ElementRule* const parts = profile->root.Child("extension");
  if (parts == nullptr || parts->slices.empty()) return;
  const std::string_view name = part.TextAt("url");
  const bool known = std::any_of(parts->slices.begin(), parts->slices.end(), [&](const ElementRule& slice) {
    const ElementRule* const own = slice.Child("url");
    return (own != nullptr && own->fixed.text() == name) || (own == nullptr && slice.slice == name);
  });
  if (!known) session.Report("conformance.extension-part", part, name);
}

}  // namespace

void CheckExtensionUse(Node extension, Session& session) {
  const std::string_view url = extension.TextAt("url");
  const Node host = HostOf(extension);
  const bool in_extension = host.type() != nullptr && host.type()->name == "Extension" && !host.underscore();
  if (!IsAbsolute(url)) {
    if (in_extension) return CheckPart(extension, host, session);
    return session.Report("conformance.extension-url", extension, url);
  }
  const Profile* const profile = session.Find(url);
  if (profile == nullptr) {
    const bool known = session.FindOut(url).known;
    return session.Report(known ? "conformance.profile-unusable" : "conformance.extension-unknown", extension, url);
  }
  if (!profile->is_extension()) return session.Report("conformance.extension-is-none", extension, url);
  const bool fits = profile->contexts.empty() || std::any_of(profile->contexts.begin(), profile->contexts.end(),
                                                             [&](const Profile::Context& context) { return FitsContext(host, context, session); });
  if (!fits) session.Report("conformance.extension-context", extension, PathOf(host));
  const bool as_modifier = extension.property() != nullptr && extension.property()->element->name == "modifierExtension";
  if (as_modifier && !profile->modifier) session.Report("conformance.extension-not-modifier", extension, url);
  if (!as_modifier && profile->modifier && !in_extension) session.Report("conformance.extension-modifier", extension, url);
  for (const std::string& invariant : profile->context_invariants) {
    const auto compiled = fhir::Expression::Compile(invariant, session.definitions, {.as = fhir::CompileOptions::As::kFilters});
    if (compiled.ok()) CheckInvariant({"contextInvariant", true, invariant, invariant}, *compiled, PathValue::OfNode(host), session);
  }
  CheckProfile(PathValue::OfNode(extension), *profile, session);
}

}  // namespace heyi::conformance
