// The plain meaning of a search, evaluated on one resource: by this the index is judged.
#include <algorithm>

#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

bool AnyMatches(const Criterion& criterion, const std::vector<SearchValue>& values) {
  return std::any_of(values.begin(), values.end(), [&criterion](const SearchValue& value) {
    return std::any_of(criterion.values.begin(), criterion.values.end(), [&](const CriterionValue& wanted) {
      return ValueMatches(*criterion.parameter, criterion.modifier, wanted, value);
    });
  });
}

bool CriterionMatches(const Tree& resource, std::string_view id, base::TimeMs last_updated,
                      const Criterion& criterion) {
  const std::string& code = criterion.parameter->code;
  const bool negated = criterion.modifier == "not";
  if (code == "_id" && criterion.modifier != "missing") {
    return (std::find(criterion.ids.begin(), criterion.ids.end(), id) != criterion.ids.end()) != negated;
  }
  std::vector<SearchValue> values;
  if (code == "_id") values.emplace_back(TokenValue{{}, std::string(id), {}});
  else if (code == "_lastUpdated") values.emplace_back(DateValue{last_updated, last_updated + 1});
  else values = ExtractValues(resource, *criterion.parameter);
  if (criterion.modifier == "missing") return values.empty() == criterion.missing;
  return AnyMatches(criterion, values) != negated;
}

}  // namespace

bool ValueMatches(const SearchParameter& parameter, std::string_view modifier, const CriterionValue& wanted,
                  const SearchValue& value) {
  if (const auto* reference = std::get_if<ReferenceValue>(&value); reference != nullptr && modifier == "identifier") {
    return std::holds_alternative<TokenValue>(wanted.value) && TokenMatches({}, wanted, reference->identifier);
  }
  if (wanted.value.index() != value.index()) return false;
  return std::visit(
      [&]<typename T>(const T& have) {
        const T& want = std::get<T>(wanted.value);
        if constexpr (std::is_same_v<T, TokenValue>) return TokenMatches(modifier, wanted, have);
        else if constexpr (std::is_same_v<T, StringValue>) return StringMatches(modifier, want, have);
        else if constexpr (std::is_same_v<T, DateValue>) return DateMatches(wanted.prefix, want, have);
        else if constexpr (std::is_same_v<T, ReferenceValue>) return ReferenceMatches(parameter, want, have);
        else if constexpr (std::is_same_v<T, NumberValue>) return NumberMatches(wanted.prefix, want, have);
        else if constexpr (std::is_same_v<T, QuantityValue>) return QuantityMatches(wanted.prefix, want, have);
        else return want.uri == have.uri;
      },
      value);
}

bool Matches(const Tree& resource, std::string_view id, base::TimeMs last_updated,
             const std::vector<Criterion>& criteria) {
  return std::all_of(criteria.begin(), criteria.end(), [&](const Criterion& criterion) {
    return CriterionMatches(resource, id, last_updated, criterion);
  });
}

bool InCompartment(const Tree& resource, const CompartmentCriterion& compartment) {
  const auto& parameters = compartment.parameters;
  return std::any_of(parameters.begin(), parameters.end(), [&](const SearchParameter* parameter) {
    const std::vector<SearchValue> values = ExtractValues(resource, *parameter);
    return std::any_of(values.begin(), values.end(), [&](const SearchValue& value) {
      const auto* reference = std::get_if<ReferenceValue>(&value);
      return reference != nullptr && reference->type == compartment.type && reference->id == compartment.id;
    });
  });
}

}  // namespace heyi::fhir
