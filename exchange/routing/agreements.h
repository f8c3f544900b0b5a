// Agreements between two institutions: Contracts that are executed, name both as subject, and apply at that time.
// https://hl7.org/fhir/R4/contract.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "fhir/search/parameters.h"
#include "store/store.h"

namespace heyi::exchange {

// "Contract/c1" of an agreement in force at `at_ms` between the two ("Organization/1") that covers `purpose`: one of its
// term.action.intent (v3-ActReason) is that purpose. An agreement that states no purposes is one on the care of elders
// and covers TREAT and COC.
base::Result<std::optional<std::string>> FindAgreement(const store::Snapshot& snapshot, const fhir::SearchParameters& parameters, std::string_view one,
                                                       std::string_view other, std::string_view purpose, base::TimeMs at_ms);

}  // namespace heyi::exchange
