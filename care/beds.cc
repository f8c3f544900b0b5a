#include "care/beds.h"

#include <fmt/format.h>

#include "care/lookup.h"
#include "care/shape.h"
#include "care/vocabulary.h"

namespace heyi::care {
namespace {

using base::Error;
using base::ErrorKind;
using fhir::NodeIndex;
using fhir::NodeKind;
using interaction::Plan;

constexpr size_t kBedsLookedAtMax = 1'000;
constexpr size_t kStaysLookedAtMax = 50;

base::Result<fhir::Tree> Get(const Plan& plan, std::string_view type, std::string_view id) {
  HEYI_TRY(found, plan.Find(TypeNamed(plan, type), id));
  if (!found) return Error(ErrorKind::kInvalid, "care.missing", {}, fmt::format("{}/{}", type, id));
  return std::move(found->tree);
}

base::Result<base::Done> SetBedStatus(Plan& plan, std::string_view bed, std::string_view status) {
  const std::string_view id = IdOfReference(bed, "Location");
  if (id.empty()) return base::Done{};
  HEYI_TRY(location, Get(plan, "Location", id));
  const fhir::Node present = location.root().Member("operationalStatus");
  if (present && present.TextAt("code") == status) return base::Done{};
  RemoveMember(location, 0, "operationalStatus");
  const NodeIndex coding = location.AddMember(0, "operationalStatus", NodeKind::kObject);
  location.AddMember(coding, "system", NodeKind::kString, kOperationalStatusSystem);
  location.AddMember(coding, "code", NodeKind::kString, status);
  HEYI_TRY(put, plan.Write(std::move(location)));
  static_cast<void>(put);
  return base::Done{};
}

// Puts the elder at the bed: Encounter.location as one entry of that status.
void SetLocation(fhir::Tree& encounter, std::string_view bed, std::string_view status, std::string_view period_member, base::TimeMs ms) {
  RemoveMember(encounter, 0, "location");
  const NodeIndex list = encounter.AddMember(0, "location", NodeKind::kArray);
  const NodeIndex entry = encounter.AddItem(list, NodeKind::kObject);
  SetReference(encounter, entry, "location", bed);
  encounter.AddMember(entry, "status", NodeKind::kString, status);
  SetConcept(encounter, entry, "physicalType", kPhysicalTypeSystem, "bd");
  const NodeIndex period = encounter.AddMember(entry, "period", NodeKind::kObject);
  encounter.AddMember(period, period_member, NodeKind::kString, base::FormatInstant(ms));
}

std::string BedOf(const fhir::Tree& encounter) {
  const fhir::Node entry = FirstOf(encounter.root().Member("location"));
  const fhir::Node location = entry ? entry.Member("location") : fhir::Node();
  return location ? std::string(location.TextAt("reference")) : "";
}

base::Result<base::Done> Write(Plan& plan, fhir::Tree tree) {
  HEYI_TRY(put, plan.Write(std::move(tree)));
  static_cast<void>(put);
  return base::Done{};
}

// The stay as an EpisodeOfCare whose type is the kind of bed.
base::Result<base::Done> OpenEpisode(Plan& plan, std::string_view id, std::string_view kind, std::string_view elder, std::string_view organization,
                                     base::TimeMs at_ms) {
  fhir::Tree episode;
  episode.SetRoot(&TypeNamed(plan, "EpisodeOfCare"));
  episode.AddMember(0, "id", NodeKind::kString, id);
  episode.AddMember(0, "status", NodeKind::kString, "active");
  const NodeIndex types = episode.AddMember(0, "type", NodeKind::kArray);
  const NodeIndex type = episode.AddItem(types, NodeKind::kObject);
  const NodeIndex codings = episode.AddMember(type, "coding", NodeKind::kArray);
  const NodeIndex coding = episode.AddItem(codings, NodeKind::kObject);
  episode.AddMember(coding, "system", NodeKind::kString, kBedKindSystem);
  episode.AddMember(coding, "code", NodeKind::kString, kind);
  SetReference(episode, 0, "patient", elder);
  SetReference(episode, 0, "managingOrganization", organization);
  const NodeIndex period = episode.AddMember(0, "period", NodeKind::kObject);
  episode.AddMember(period, "start", NodeKind::kString, base::FormatInstant(at_ms));
  return Write(plan, std::move(episode));
}

}  // namespace

std::string HoldId(std::string_view task_id) { return base::UuidV5("hold", task_id); }

base::Result<std::string> FindFreeBed(const Plan& plan, std::string_view organization, std::string_view kind) {
  HEYI_TRY(beds, Search(plan, "Location",
                        {{"type", fmt::format("{}|{}", kBedKindSystem, kind)}, {"organization", std::string(organization)}, {"operational-status", "U"}},
                        kBedsLookedAtMax));
  for (const std::string& id : beds) {
    HEYI_TRY(holders, Search(plan, "Encounter", {{"location", "Location/" + id}, {"status", "planned,arrived,triaged,in-progress,onleave"}}, 1));
    if (holders.empty()) return "Location/" + id;
  }
  return Error(ErrorKind::kInvalid, "care.no-free-bed", {}, kind);
}

base::Result<base::Done> HoldBed(Plan& plan, const Hold& hold, base::TimeMs until_ms) {
  const BedKind* kind = FindBedKind(hold.kind);
  if (kind == nullptr) return Error(ErrorKind::kInvalid, "care.bed-kind", {}, hold.kind);
  fhir::Tree encounter;
  encounter.SetRoot(&TypeNamed(plan, "Encounter"));
  encounter.AddMember(0, "id", NodeKind::kString, HoldId(hold.task_id));
  encounter.AddMember(0, "status", NodeKind::kString, "planned");
  const NodeIndex class_coding = encounter.AddMember(0, "class", NodeKind::kObject);
  encounter.AddMember(class_coding, "system", NodeKind::kString, kActCodeSystem);
  encounter.AddMember(class_coding, "code", NodeKind::kString, kind->encounter_class);
  const NodeIndex types = encounter.AddMember(0, "type", NodeKind::kArray);
  const NodeIndex type = encounter.AddItem(types, NodeKind::kObject);
  const NodeIndex codings = encounter.AddMember(type, "coding", NodeKind::kArray);
  const NodeIndex coding = encounter.AddItem(codings, NodeKind::kObject);
  encounter.AddMember(coding, "system", NodeKind::kString, kBedKindSystem);
  encounter.AddMember(coding, "code", NodeKind::kString, hold.kind);
  SetReference(encounter, 0, "subject", hold.elder);
  const NodeIndex based_on = encounter.AddMember(0, "basedOn", NodeKind::kArray);
  const NodeIndex request = encounter.AddItem(based_on, NodeKind::kObject);
  encounter.AddMember(request, "reference", NodeKind::kString, hold.request);
  SetReference(encounter, 0, "serviceProvider", hold.organization);
  if (!hold.bed.empty()) SetLocation(encounter, hold.bed, "reserved", "end", until_ms);
  return Write(plan, std::move(encounter));
}

base::Result<base::Done> ReleaseHold(Plan& plan, std::string_view task_id) {
  HEYI_TRY(found, plan.Find(TypeNamed(plan, "Encounter"), HoldId(task_id)));
  if (!found || found->tree.root().TextAt("status") != "planned") return base::Done{};
  SetText(found->tree, 0, "status", "cancelled");
  return Write(plan, std::move(found->tree));
}

base::Result<base::Done> OccupyBed(Plan& plan, std::string_view task_id, std::string_view encounter_reference, base::TimeMs at_ms) {
  HEYI_TRY(hold, Get(plan, "Encounter", HoldId(task_id)));
  if (hold.root().TextAt("status") != "planned") return Error(ErrorKind::kInvalid, "care.no-hold", {}, task_id);
  const std::string bed = BedOf(hold);
  const std::string elder(hold.root().Member("subject").TextAt("reference"));
  const std::string organization(hold.root().Member("serviceProvider").TextAt("reference"));
  const std::string kind(CodeOf(FirstOf(hold.root().Member("type")), kBedKindSystem));
  const std::string episode_id = base::UuidV5("stay", task_id);
  HEYI_CHECK(OpenEpisode(plan, episode_id, kind, elder, organization, at_ms));

  fhir::Tree stay;
  if (const std::string_view own = IdOfReference(encounter_reference, "Encounter"); !own.empty()) {
    HEYI_TRY(admission, Get(plan, "Encounter", own));
    if (admission.root().Member("subject").TextAt("reference") != elder) return Error(ErrorKind::kInvalid, "care.other-elder", {}, own);
    stay = std::move(admission);
    SetText(hold, 0, "status", "cancelled");  // its bed passes to the admission's own Encounter
    HEYI_CHECK(Write(plan, std::move(hold)));
  } else {
    stay = std::move(hold);
    SetText(stay, 0, "status", "in-progress");
    RemoveMember(stay, 0, "period");
    const NodeIndex period = stay.AddMember(0, "period", NodeKind::kObject);
    stay.AddMember(period, "start", NodeKind::kString, base::FormatInstant(at_ms));
  }
  if (!bed.empty()) SetLocation(stay, bed, "active", "start", at_ms);
  RemoveMember(stay, 0, "episodeOfCare");
  const NodeIndex episodes = stay.AddMember(0, "episodeOfCare", NodeKind::kArray);
  const NodeIndex episode = stay.AddItem(episodes, NodeKind::kObject);
  stay.AddMember(episode, "reference", NodeKind::kString, "EpisodeOfCare/" + episode_id);
  HEYI_CHECK(Write(plan, std::move(stay)));
  return bed.empty() ? base::Result<base::Done>(base::Done{}) : SetBedStatus(plan, bed, "O");
}

base::Result<base::Done> LeaveBed(Plan& plan, std::string_view encounter_id, base::TimeMs at_ms) {
  HEYI_TRY(stay, Get(plan, "Encounter", encounter_id));
  const std::string bed = BedOf(stay);
  const fhir::Node entry = FirstOf(stay.root().Member("location"));
  const std::string instant = base::FormatInstant(at_ms);
  const fhir::Node episode = FirstOf(stay.root().Member("episodeOfCare"));
  const std::string episode_id(episode ? IdOfReference(episode.TextAt("reference"), "EpisodeOfCare") : std::string_view());
  if (entry && entry.TextAt("status") != "completed") SetText(stay, entry.index(), "status", "completed");
  if (stay.root().TextAt("status") != "finished") {
    SetText(stay, 0, "status", "finished");
    SetText(stay, stay.Ensure(0, "period"), "end", instant);
  }
  HEYI_CHECK(Write(plan, std::move(stay)));
  if (!bed.empty()) HEYI_CHECK(SetBedStatus(plan, bed, "U"));
  if (episode_id.empty()) return base::Done{};
  HEYI_TRY(open, Get(plan, "EpisodeOfCare", episode_id));
  SetText(open, 0, "status", "finished");
  SetText(open, open.Ensure(0, "period"), "end", instant);
  return Write(plan, std::move(open));
}

base::Result<base::Done> LeaveOtherStays(Plan& plan, std::string_view elder, std::string_view except_encounter_id, bool keep_bed,
                                         base::TimeMs at_ms) {
  HEYI_TRY(stays, Search(plan, "Encounter", {{"subject", std::string(elder)}, {"status", "in-progress"}}, kStaysLookedAtMax));
  for (const std::string& id : stays) {
    if (id == except_encounter_id) continue;
    HEYI_TRY(stay, Get(plan, "Encounter", id));
    const fhir::Node entry = FirstOf(stay.root().Member("location"));
    if (!entry || entry.TextAt("status") != "active") continue;  // laid over another stay, or kept already
    if (keep_bed) {
      SetText(stay, entry.index(), "status", "reserved");
      HEYI_CHECK(Write(plan, std::move(stay)));
    } else {
      HEYI_CHECK(LeaveBed(plan, id, at_ms));
    }
  }
  return base::Done{};
}

base::Result<std::string> TakeBackKeptBed(Plan& plan, std::string_view elder, std::string_view organization, base::TimeMs at_ms) {
  HEYI_TRY(stays, Search(plan, "Encounter", {{"subject", std::string(elder)}, {"status", "in-progress"}, {"service-provider", std::string(organization)}},
                         kStaysLookedAtMax));
  for (const std::string& id : stays) {
    HEYI_TRY(stay, Get(plan, "Encounter", id));
    const fhir::Node entry = FirstOf(stay.root().Member("location"));
    if (!entry || entry.TextAt("status") != "reserved") continue;
    std::string bed = BedOf(stay);
    HEYI_CHECK(LeaveBed(plan, id, at_ms));
    return bed;
  }
  return std::string();
}

}  // namespace heyi::care
