// Beds and stays as FHIR has them: a free bed is found, held by a planned Encounter, occupied by an open one.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "interaction/plan.h"

namespace heyi::care {

// A free bed of `kind` at `organization` ("Organization/o1"): unoccupied, and no one holds it. kInvalid care.no-free-bed.
base::Result<std::string> FindFreeBed(const interaction::Plan& plan, std::string_view organization, std::string_view kind);

struct Hold {
  std::string task_id;
  std::string bed;           // "Location/b1"; empty for a kind that is created, not inventory
  std::string kind;
  std::string elder;         // "Patient/p1"
  std::string request;       // "ServiceRequest/s1"
  std::string organization;  // "Organization/o1"
};
// Writes the planned Encounter that holds the bed until `until_ms`.
base::Result<base::Done> HoldBed(interaction::Plan& plan, const Hold& hold, base::TimeMs until_ms);
base::Result<base::Done> ReleaseHold(interaction::Plan& plan, std::string_view task_id);

// The hold of this Task becomes a stay: EpisodeOfCare and one open Encounter at the bed, which is then occupied.
// `encounter` ("Encounter/e1", or empty) is the admission's own Encounter, which takes the hold's place.
base::Result<base::Done> OccupyBed(interaction::Plan& plan, std::string_view task_id, std::string_view encounter, base::TimeMs at_ms);

// The elder's other open inventory stays: ended, or (keep_bed) their bed kept reserved. Freed beds become unoccupied.
base::Result<base::Done> LeaveOtherStays(interaction::Plan& plan, std::string_view elder, std::string_view except_encounter_id, bool keep_bed,
                                         base::TimeMs at_ms);

// The bed that `organization` kept for the elder while they were away ("Location/b1"), set free of the stay that kept it so that
// a hold can take it; empty where none was kept.
base::Result<std::string> TakeBackKeptBed(interaction::Plan& plan, std::string_view elder, std::string_view organization, base::TimeMs at_ms);

// The bed of an Encounter that is over becomes unoccupied, and its EpisodeOfCare ends.
base::Result<base::Done> LeaveBed(interaction::Plan& plan, std::string_view encounter_id, base::TimeMs at_ms);

// The id of the Encounter that holds the bed for a Task.
std::string HoldId(std::string_view task_id);

}  // namespace heyi::care
