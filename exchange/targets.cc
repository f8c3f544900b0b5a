#include "exchange/targets.h"

#include <fmt/format.h>

#include "adapters/identifiers.h"

namespace heyi::exchange {
namespace {

// In a search value, the characters that mean something there are escaped.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == ',' || c == '|' || c == '$' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

base::Result<std::optional<mapping::TargetSource::Found>> PlanTargets::ById(std::string_view type, std::string_view id) {
  HEYI_TRY(found, plan_.Find(*plan_.definitions().FindResource(type), id));
  if (!found) return std::optional<Found>();
  return std::optional<Found>({std::move(found->tree), found->version});
}

base::Result<std::optional<mapping::TargetSource::Found>> PlanTargets::ByIdentifier(std::string_view type_name, std::string_view system,
                                                                                    std::string_view value) {
  const fhir::Type& type = *plan_.definitions().FindResource(type_name);
  HEYI_TRY(search, fhir::ParseSearch(type, {{"identifier", fmt::format("{}|{}", Escaped(system), Escaped(value))}}, /*lenient=*/false,
                                     *plan_.services().parameters));
  HEYI_TRY(ids, plan_.Match(type, search.criteria, 2));
  if (ids.size() > 1) return base::Error(base::ErrorKind::kConflict, "map.ambiguous", {}, fmt::format("{} {}", type_name, value));
  plan_.RequireUnchanged(type, search.criteria);
  if (ids.empty()) return std::optional<Found>();
  return ById(type_name, ids.front());
}

base::Result<std::string> PlanTargets::OrganizationOf(std::string_view code) {
  for (std::string_view system : {adapters::kCreditCodeSystem, adapters::kInstitutionCodeSystem}) {
    HEYI_TRY(found, ByIdentifier("Organization", system, code));
    if (found) return std::string(found->tree.id());
  }
  return std::string();
}

}  // namespace heyi::exchange
