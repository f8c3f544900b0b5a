// Parameters that say how to answer: order, size, totals, and how much of each resource.
// https://hl7.org/fhir/R4/search.html#return
#include <algorithm>

#include "base/text.h"
#include "fhir/search/parsing.h"

namespace heyi::fhir {
namespace {

bool IsSortable(const SearchParameter& parameter) {
  return parameter.indexed() && parameter.type != SearchType::kComposite && parameter.type != SearchType::kSpecial;
}

}  // namespace

void ReadSort(Parsing& parsing, std::string_view value, SearchRequest& request) {
  std::vector<SortBy> sort;
  for (std::string_view key : base::Split(value, ',')) {
    SortBy by;
    by.descending = key.starts_with('-');
    by.parameter = parsing.parameters.Find(*request.type, key.substr(by.descending ? 1 : 0));
    if (by.parameter == nullptr || !IsSortable(*by.parameter)) return parsing.refusals.RefuseOrIgnore("search.sort",
                                                                                                      key);
    sort.push_back(by);
  }
  if (sort.size() > kSortKeysMax) return parsing.refusals.TooCostly("at most " + std::to_string(kSortKeysMax) + " sort keys");
  request.sort = std::move(sort);
}

void ReadCount(Parsing& parsing, std::string_view value, SearchRequest& request) {
  if (value.empty() || value.find_first_not_of("0123456789") != std::string_view::npos) {
    return parsing.refusals.Refuse("search.count", value);
  }
  uint64_t count = 0;
  const bool huge = !base::ParseUnsigned(value, &count);
  request.count = huge || count > kCountMax ? kCountMax : static_cast<uint32_t>(count);
  request.count_given = true;
  if (request.count == 0) request.count_only = request.want_total = true;
}

void ReadTotal(Parsing& parsing, std::string_view value, SearchRequest& request) {
  if (value == "accurate") request.want_total = true;
  else if (value == "estimate") request.estimate_total = true;
  else if (value != "none") parsing.refusals.Refuse("search.value", value);
}

void ReadSummary(Parsing& parsing, std::string_view value, SearchRequest& request) {
  if (value == "count") request.count_only = request.want_total = true;
  else if (value == "true") request.summary = Summary::kTrue;
  else if (value == "text") request.summary = Summary::kText;
  else if (value == "data") request.summary = Summary::kData;
  else if (value != "false") parsing.refusals.Refuse("search.value", value);
}

void ReadElements(Parsing& parsing, std::string_view value, SearchRequest& request) {
  for (std::string_view name : base::Split(value, ',')) {
    // "Patient.name" says which type it is of; R4 gives elements of the root only.
    if (name.starts_with(request.type->name) && name.substr(request.type->name.size()).starts_with('.')) {
      name.remove_prefix(request.type->name.size() + 1);
    }
    if (request.type->FindElement(name) == nullptr) return parsing.refusals.RefuseOrIgnore("search.value", name);
    request.elements.emplace_back(name);
  }
}

}  // namespace heyi::fhir
