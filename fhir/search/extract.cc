// From a resource to its searchable values: every parameter's expression, then each item it selects by type.
#include <algorithm>
#include <set>

#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

void Append(SearchType type, const PathValue& item, std::vector<SearchValue>& out) {
  switch (type) {
    case SearchType::kToken: return AppendTokens(item, out);
    case SearchType::kString: return AppendStrings(item, out);
    case SearchType::kDate: return AppendDates(item, out);
    case SearchType::kReference: return AppendReferences(item, out);
    case SearchType::kNumber: return AppendNumbers(item, out);
    case SearchType::kQuantity: return AppendQuantities(item, out);
    case SearchType::kUri: return AppendUris(item, out);
    case SearchType::kComposite:
    case SearchType::kSpecial: return;
  }
}

// Few values a parameter as a rule: comparing each with those before costs less than sorting. Long lists are sorted.
constexpr size_t kFewValues = 16;
constexpr size_t kRowsExpected = 32;  // of one resource

void DropDoubles(std::vector<SearchValue>& values) {
  if (values.size() < 2) return;
  if (values.size() <= kFewValues) {
    auto end = values.begin() + 1;
    for (auto it = end; it != values.end(); ++it) {
      if (std::find(values.begin(), end, *it) != end) continue;
      if (it != end) *end = std::move(*it);
      ++end;
    }
    values.erase(end, values.end());
    return;
  }
  std::set<SearchValue> seen;
  std::erase_if(values, [&seen](const SearchValue& value) { return !seen.insert(value).second; });
}

void ExtractInto(const Tree& resource, const SearchParameter& parameter, std::vector<SearchValue>& out) {
  if (!parameter.indexed()) return;
  // A search expression depends on the resource alone: not on the time, nor on other resources.
  const base::Result<Collection> items = parameter.expression->Evaluate(resource.root(), LocalEvalContext(0));
  if (!items.ok()) return;
  for (const PathValue& item : *items) Append(parameter.type, item, out);
  DropDoubles(out);
}

bool OfVersion(const SearchParameter& parameter) { return parameter.code == "_id" || parameter.code == "_lastUpdated"; }

}  // namespace

std::vector<SearchRow> ExtractRows(const Tree& resource, const SearchParameters& parameters) {
  std::vector<SearchRow> rows;
  std::vector<SearchValue> values;
  rows.reserve(kRowsExpected);
  values.reserve(kFewValues);
  for (const SearchParameter* parameter : parameters.Of(*resource.type())) {
    if (OfVersion(*parameter)) continue;
    values.clear();
    ExtractInto(resource, *parameter, values);
    for (SearchValue& value : values) rows.push_back({parameter, std::move(value)});
  }
  return rows;
}

std::vector<SearchValue> ExtractValues(const Tree& resource, const SearchParameter& parameter) {
  std::vector<SearchValue> values;
  ExtractInto(resource, parameter, values);
  return values;
}

std::vector<std::string> PatientsOf(const Tree& resource, const SearchParameters& parameters) {
  std::vector<std::string> patients;
  const auto add = [&patients](std::string_view id) { patients.push_back("Patient/" + std::string(id)); };
  if (resource.type()->name == "Patient" && !resource.id().empty()) add(resource.id());
  for (const SearchParameter* parameter : parameters.CompartmentParameters("Patient", *resource.type())) {
    for (const SearchValue& value : ExtractValues(resource, *parameter)) {
      const auto* reference = std::get_if<ReferenceValue>(&value);
      if (reference != nullptr && reference->type == "Patient") add(reference->id);
    }
  }
  std::sort(patients.begin(), patients.end());
  patients.erase(std::unique(patients.begin(), patients.end()), patients.end());
  return patients;
}

}  // namespace heyi::fhir
