// From a resource to its searchable values: every parameter's expression, then each item it selects by type.
#include <algorithm>
#include <set>

#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

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
  for (const PathValue& item : SelectedItems(resource, parameter)) AppendValues(parameter, item, out);
  DropDoubles(out);
}

bool OfVersion(const SearchParameter& parameter) { return parameter.code == "_id" || parameter.code == "_lastUpdated"; }

}  // namespace

void AppendValues(const SearchParameter& parameter, const PathValue& item, std::vector<SearchValue>& out) {
  switch (parameter.type) {
    case SearchType::kToken: return AppendTokens(item, out);
    case SearchType::kString: return AppendStrings(item, out);
    case SearchType::kDate: return AppendDates(item, parameter.zone_minutes, out);
    case SearchType::kReference: return AppendReferences(item, out);
    case SearchType::kNumber: return AppendNumbers(item, out);
    case SearchType::kQuantity: return AppendQuantities(item, out);
    case SearchType::kUri: return AppendUris(item, out);
    case SearchType::kComposite:
    case SearchType::kSpecial: return;
  }
}

Collection SelectedItems(const Tree& resource, const SearchParameter& parameter) {
  if (!parameter.indexed()) return {};
  // A search expression depends on the resource alone: not on the time, nor on other resources.
  base::Result<Collection> items = parameter.expression->Evaluate(resource.root(), LocalEvalContext(0));
  return items.ok() ? std::move(*items) : Collection();
}

std::vector<SearchRow> ExtractRows(const Tree& resource, const SearchParameters& parameters) {
  std::vector<SearchRow> rows;
  std::vector<SearchValue> values;
  rows.reserve(kRowsExpected);
  values.reserve(kFewValues);
  for (const SearchParameter* parameter : parameters.Of(*resource.type())) {
    if (OfVersion(*parameter) || parameter->type == SearchType::kComposite) continue;
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

std::vector<std::string> PatientsOf(const Tree& resource, const std::vector<SearchRow>& rows, const SearchParameters& parameters) {
  std::vector<std::string> patients;
  const auto add = [&patients](std::string_view id) { patients.push_back("Patient/" + std::string(id)); };
  if (resource.type()->name == "Patient" && !resource.id().empty()) add(resource.id());
  const auto members = parameters.CompartmentParameters("Patient", *resource.type());
  for (const SearchRow& row : rows) {
    const auto* reference = std::get_if<ReferenceValue>(&row.value);
    const bool of_patient = reference != nullptr && reference->type == "Patient";
    if (of_patient && std::find(members.begin(), members.end(), row.parameter) != members.end()) add(reference->id);
  }
  std::sort(patients.begin(), patients.end());
  patients.erase(std::unique(patients.begin(), patients.end()), patients.end());
  return patients;
}

}  // namespace heyi::fhir
