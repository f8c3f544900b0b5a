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

// The id of the one match; nullopt for none. The plan requires that nobody has changed that when it commits.
//   errors  of ParseCriteria; kPrecondition interaction.multiple-matches
base::Result<std::optional<std::string>> MatchOne(Plan& plan, const fhir::Type& type, const Query& criteria);

// The same for If-None-Exist, as it was sent.
base::Result<std::optional<std::string>> MatchForCreate(Plan& plan, const fhir::Type& type, std::string_view criteria);

// The id that a conditional update writes `resource` to: the match's, else its own, else a new one.
//   errors  of MatchOne; kMalformed interaction.id-mismatch, interaction.id-format; kConflict interaction.id-taken: nothing
//           matches, and the resource's own id is another one's
// https://hl7.org/fhir/R4/http.html#cond-update
base::Result<std::string> IdForUpdate(Plan& plan, const fhir::Tree& resource, const Query& criteria);

void SetId(fhir::Tree& tree, std::string_view id);

}  // namespace heyi::interaction
