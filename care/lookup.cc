#include "care/lookup.h"

namespace heyi::care {

const fhir::Type& TypeNamed(const interaction::Plan& plan, std::string_view name) { return *plan.definitions().FindResource(name); }

base::Result<std::vector<std::string>> Search(const interaction::Plan& plan, std::string_view type_name, const interaction::Query& query, size_t limit) {
  const fhir::Type& type = TypeNamed(plan, type_name);
  HEYI_TRY(search, fhir::ParseSearch(type, query, /*lenient=*/false, *plan.services().parameters));
  return plan.Match(type, search.criteria, limit);
}

}  // namespace heyi::care
