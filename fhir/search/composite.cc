// Composites: several values on one element, a code and its value, joined by `$`.
// https://hl7.org/fhir/R4/search.html#combining
#include <algorithm>

#include "fhir/search/kinds.h"

namespace heyi::fhir {

std::vector<CompositeValue> ExtractComposites(const Tree& resource, const SearchParameter& parameter) {
  std::vector<CompositeValue> values;
  for (const PathValue& item : SelectedItems(resource, parameter)) {
    if (item.kind() != PathValue::Kind::kNode || !item.node()) continue;
    CompositeValue value;
    value.components.resize(parameter.components.size());
    // The last first: every element has a code, but only few have a value of just this kind.
    size_t at = parameter.components.size();
    for (; at > 0; --at) {
      const SearchParameter::Component& component = parameter.components[at - 1];
      const base::Result<Collection> parts = component.expression->Evaluate(item.node(), LocalEvalContext(0));
      if (!parts.ok()) break;
      for (const PathValue& part : *parts) AppendValues(*component.parameter, part, value.components[at - 1]);
      if (value.components[at - 1].empty()) break;
    }
    if (at == 0) values.push_back(std::move(value));
  }
  return values;
}

std::optional<CriterionValue> ParseComposite(const SearchParameter& parameter, std::string_view text) {
  const std::vector<std::string_view> parts = SplitEscaped(text, '$');
  if (parts.size() != parameter.components.size()) return std::nullopt;
  CriterionValue out;
  for (size_t i = 0; i < parts.size(); ++i) {
    bool never = false;
    std::optional<CriterionValue> part = ParseValue(*parameter.components[i].parameter, {}, parts[i], &never);
    if (!part) return std::nullopt;
    out.parts.push_back(std::move(*part));
  }
  return out;
}

bool CompositeMatches(const SearchParameter& parameter, const CriterionValue& wanted, const CompositeValue& value) {
  for (size_t i = 0; i < wanted.parts.size(); ++i) {
    const SearchParameter& component = *parameter.components[i].parameter;
    const bool any = std::any_of(value.components[i].begin(), value.components[i].end(), [&](const SearchValue& one) {
      return ValueMatches(component, {}, wanted.parts[i], one);
    });
    if (!any) return false;
  }
  return true;
}

}  // namespace heyi::fhir
