// What conditional interactions share: criteria in a header or a url, and the one resource they name.
// https://hl7.org/fhir/R4/http.html#ccreate
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "interaction/plan.h"

namespace heyi::interaction {

// "identifier=a|b&active=true", decoded and parsed strictly. errors  kMalformed search.*; kPrecondition interaction.no-criteria
base::Result<fhir::SearchRequest> ParseCriteria(const Plan& plan, const fhir::Type& type, std::string_view text);

// The id of the one match; nullopt for none, and then the plan requires that there is still none when it commits.
//   errors  kPrecondition interaction.multiple-matches
base::Result<std::optional<std::string>> MatchForCreate(Plan& plan, const fhir::Type& type, std::string_view criteria);

void SetId(fhir::Tree& tree, std::string_view id);

}  // namespace heyi::interaction
