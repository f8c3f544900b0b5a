// Finding resources inside a plan, as care's verbs do it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "interaction/plan.h"

namespace heyi::care {

const fhir::Type& TypeNamed(const interaction::Plan& plan, std::string_view name);  // a resource type of R4

// Ids of what matches, the plan's own writes included; at most `limit`.
base::Result<std::vector<std::string>> Search(const interaction::Plan& plan, std::string_view type_name, const interaction::Query& query, size_t limit);

}  // namespace heyi::care
