// Two Patients that are one person: linked by a hospital's word (ADT^A40) or an operator's, never by guess, and taken
// apart again (ADT^A37) as if it had not been. https://hl7.org/fhir/R4/patient.html#links
//
//   the one that goes    active = false, link replaced-by the other; it keeps its identifiers
//   the one that stays   link replaces
//   goes over            all visits, and what is open of stays, requests and tasks: their subject is the one that stays
// What stood before is a fact beside it (space "identity.link", key = id of the one that goes), by which unlinking gives
// back exactly that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interaction/plan.h"

namespace heyi::exchange {

// The reference that a Patient is replaced by ("Patient/x"); empty where none.
std::string ReplacedBy(const fhir::Tree& patient);

// Makes it a premise of the plan that this Patient is linked as it is now: what is planned for one who is being merged away
// is planned again.
base::Result<base::Done> RequireLink(interaction::Plan& plan, std::string_view id);

// The Patient that stands for `id`, along replaced-by links.
//   errors  kConflict exchange.broken-link: too long a chain, or its end is gone
base::Result<interaction::Plan::Found> FindStanding(const interaction::Plan& plan, std::string_view id);

// `loser` is replaced by who stands for `winner`. Returns what was written; nothing where they are one already.
//   errors  kNotFound exchange.unknown-patient; kInvalid exchange.merge-self, exchange.merge-cycle (the winner is replaced
//           by the loser), exchange.merge-taken (the loser is somebody else already), exchange.too-much-to-move
base::Result<std::vector<interaction::Plan::Put>> LinkPatients(interaction::Plan& plan, std::string_view winner, std::string_view loser,
                                                               std::string_view by);

// Takes back the link between the two, in whichever direction it goes.
//   errors  kNotFound exchange.unknown-patient; kInvalid exchange.not-linked
base::Result<std::vector<interaction::Plan::Put>> UnlinkPatients(interaction::Plan& plan, std::string_view one, std::string_view other);

}  // namespace heyi::exchange
