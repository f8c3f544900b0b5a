// One occupant or holder per bed, one inventory stay per elder: claims over Encounters, kept in every commit.
//
// An Encounter that is not over claims each bed (location.physicalType bd) it is at or has reserved; being at one
// (status active) also claims the elder. Locations that are no beds (wards, whole sites) are claimed by nobody.
#include "care/care.h"
#include "care/shape.h"
#include "care/vocabulary.h"

namespace heyi::care {
namespace {

constexpr std::string_view kBedSpace = "care.bed";
constexpr std::string_view kElderSpace = "care.elder";

bool IsOver(std::string_view status) { return status == "finished" || status == "cancelled" || status == "entered-in-error" || status == "unknown"; }

class Occupancy : public store::CommitGuard {
 public:
  std::vector<store::Claim> Claims(const fhir::Tree& resource) const override {
    std::vector<store::Claim> claims;
    if (resource.type()->name != "Encounter" || IsOver(resource.root().TextAt("status"))) return claims;
    const fhir::Node locations = resource.root().Member("location");
    if (!locations) return claims;
    bool placed = false;
    for (fhir::Node entry = locations.first_child(); entry; entry = entry.next()) {
      const std::string_view status = entry.TextAt("status");
      const fhir::Node physical_type = entry.Member("physicalType");
      if (!physical_type || CodeOf(physical_type, kPhysicalTypeSystem) != "bd") continue;
      if (status != "active" && status != "reserved") continue;
      claims.push_back({std::string(kBedSpace), std::string(entry.Member("location").TextAt("reference"))});
      placed = placed || status == "active";
    }
    const fhir::Node subject = resource.root().Member("subject");
    if (placed && subject) claims.push_back({std::string(kElderSpace), std::string(subject.TextAt("reference"))});
    return claims;
  }

  base::Issue Taken(const store::Claim& claim, std::string_view holder) const override {
    return base::MakeIssue(claim.space == kBedSpace ? "care.bed-taken" : "care.elder-placed",
                           claim.space == kBedSpace ? "Encounter.location" : "Encounter.subject", holder);
  }
};

}  // namespace

std::unique_ptr<store::CommitGuard> MakeOccupancyGuard() { return std::make_unique<Occupancy>(); }

}  // namespace heyi::care
