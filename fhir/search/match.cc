// The plain meaning of a search, evaluated on one resource: by this the index is judged.
#include <algorithm>
#include <cstdlib>

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

bool AnyAmong(const std::vector<std::string>& targets, const std::vector<SearchValue>& values) {
  return std::any_of(values.begin(), values.end(), [&targets](const SearchValue& value) {
    const auto* reference = std::get_if<ReferenceValue>(&value);
    return reference != nullptr && !reference->type.empty() &&
           std::binary_search(targets.begin(), targets.end(), reference->type + "/" + reference->id);
  });
}

bool CompositeHolds(const Tree& resource, const Criterion& criterion) {
  const std::vector<CompositeValue> values = ExtractComposites(resource, *criterion.parameter);
  if (criterion.modifier == "missing") return values.empty() == criterion.missing;
  return std::any_of(values.begin(), values.end(), [&criterion](const CompositeValue& value) {
    return std::any_of(criterion.values.begin(), criterion.values.end(), [&](const CriterionValue& wanted) {
      return CompositeMatches(*criterion.parameter, wanted, value);
    });
  });
}

std::vector<SearchValue> ValuesFor(const Tree& resource, std::string_view id, base::TimeMs last_updated,
                                   const Criterion& criterion) {
  const std::string& code = criterion.parameter->code;
  if (code == "_id") return {TokenValue{{}, std::string(id), {}}};
  if (code == "_lastUpdated") return {DateValue{last_updated, last_updated + 1}};
  if (criterion.modifier != "of-type") return ExtractValues(resource, *criterion.parameter);
  std::vector<SearchValue> values;
  for (const PathValue& item : SelectedItems(resource, *criterion.parameter)) AppendTypedIdentifiers(item, values);
  return values;
}

bool CriterionMatches(const Tree& resource, std::string_view id, base::TimeMs last_updated,
                      const Criterion& criterion) {
  if (criterion.IsChained()) std::abort();  // somebody asked a body for what only the store can know
  const bool negated = criterion.modifier == "not";
  if (criterion.parameter->code == "_id" && criterion.modifier != "missing") {
    return (std::find(criterion.ids.begin(), criterion.ids.end(), id) != criterion.ids.end()) != negated;
  }
  if (criterion.parameter->type == SearchType::kComposite) return CompositeHolds(resource, criterion);
  const std::vector<SearchValue> values = ValuesFor(resource, id, last_updated, criterion);
  if (criterion.modifier == "missing") return values.empty() == criterion.missing;
  if (criterion.among) return AnyAmong(*criterion.among, values);
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
        else return UriMatches(modifier, want, have);
      },
      value);
}

bool Matches(const Tree& resource, std::string_view id, base::TimeMs last_updated,
             const std::vector<Criterion>& criteria) {
  return std::all_of(criteria.begin(), criteria.end(), [&](const Criterion& criterion) {
    return CriterionMatches(resource, id, last_updated, criterion);
  });
}

bool AnyChained(const std::vector<Criterion>& criteria) {
  return std::any_of(criteria.begin(), criteria.end(), [](const Criterion& one) { return one.IsChained(); });
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
