#include "exchange/targets.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/identifiers.h"
#include "exchange/identity/links.h"

namespace heyi::exchange {
namespace {

constexpr size_t kSameNumberMax = 10;  // resources that carry one number, looked at
constexpr size_t kMissedMax = 32;

}  // namespace

std::string EscapedSearchValue(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == ',' || c == '|' || c == '$' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string WaitForIdentifier(std::string_view type, std::string_view system, std::string_view value) {
  return fmt::format("{}|{}|{}", type, system, value);
}

std::string WaitForId(std::string_view type, std::string_view id) { return fmt::format("{}/{}", type, id); }

base::Result<std::vector<std::string>> FindIds(const interaction::Plan& plan, std::string_view type_name, const interaction::Query& query, size_t limit) {
  const fhir::Type& type = *plan.definitions().FindResource(type_name);
  HEYI_TRY(search, fhir::ParseSearch(type, query, /*lenient=*/false, *plan.services().parameters));
  return plan.Match(type, search.criteria, limit);
}

void PlanTargets::Miss(std::string wait) {
  if (missed_.size() < kMissedMax && std::find(missed_.begin(), missed_.end(), wait) == missed_.end()) missed_.push_back(std::move(wait));
}

base::Result<std::optional<mapping::TargetSource::Found>> PlanTargets::Standing(std::string_view type, std::string_view id) {
  HEYI_TRY(found, plan_.Find(*plan_.definitions().FindResource(type), id));
  if (!found) return std::optional<Found>();
  if (type == "Patient" && links_ == Links::kFollow) HEYI_CHECK(RequireLink(plan_, id));
  if (type == "Patient" && links_ == Links::kFollow && !ReplacedBy(found->tree).empty()) {
    HEYI_TRY(standing, FindStanding(plan_, id));
    followed_.insert(std::string(standing.tree.id()));
    return std::optional<Found>({std::move(standing.tree), standing.version});
  }
  return std::optional<Found>({std::move(found->tree), found->version});
}

base::Result<std::optional<mapping::TargetSource::Found>> PlanTargets::ById(std::string_view type, std::string_view id) {
  HEYI_TRY(found, Standing(type, id));
  if (!found) Miss(WaitForId(type, id));
  return std::move(found);
}

base::Result<std::optional<mapping::TargetSource::Found>> PlanTargets::ByIdentifier(std::string_view type_name, std::string_view system,
                                                                                    std::string_view value) {
  const fhir::Type& type = *plan_.definitions().FindResource(type_name);
  HEYI_TRY(search, fhir::ParseSearch(type, {{"identifier", fmt::format("{}|{}", EscapedSearchValue(system), EscapedSearchValue(value))}},
                                     /*lenient=*/false, *plan_.services().parameters));
  HEYI_TRY(ids, plan_.Match(type, search.criteria, kSameNumberMax));
  plan_.RequireUnchanged(type, search.criteria);
  std::optional<Found> one;
  for (const std::string& id : ids) {
    HEYI_TRY(found, Standing(type_name, id));
    if (!found) continue;
    if (one && one->tree.id() != found->tree.id()) {
      return base::Error(base::ErrorKind::kConflict, "map.ambiguous", {}, fmt::format("{} {}", type_name, value));
    }
    one = std::move(found);
  }
  if (!one) Miss(WaitForIdentifier(type_name, system, value));
  return one;
}

base::Result<std::string> PlanTargets::OrganizationOf(std::string_view code) {
  for (std::string_view system : {adapters::kCreditCodeSystem, adapters::kInstitutionCodeSystem}) {
    HEYI_TRY(found, ByIdentifier("Organization", system, code));
    if (found) return std::string(found->tree.id());
  }
  return std::string();
}

}  // namespace heyi::exchange
