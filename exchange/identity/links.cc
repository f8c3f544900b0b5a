#include "exchange/identity/links.h"

#include <fmt/format.h>

#include "base/json/value.h"
#include "exchange/targets.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;
using fhir::NodeIndex;
using fhir::NodeKind;
using interaction::Plan;

constexpr std::string_view kLinkSpace = "identity.link";
constexpr int kChainMax = 16;
constexpr size_t kMovedMax = 500;

// What goes over to the one that stays.
struct Moving {
  std::string_view type, member, parameter, statuses;  // statuses empty: whatever its status
};
constexpr Moving kMoving[] = {
    {"Encounter", "subject", "subject", ""},
    {"EpisodeOfCare", "patient", "patient", "planned,waitlist,active,onhold"},
    {"ServiceRequest", "subject", "subject", "draft,active,on-hold"},
    {"Task", "for", "patient", "draft,requested,received,accepted,ready,in-progress,on-hold"},
};

base::Result<Plan::Found> GetPatient(const Plan& plan, std::string_view id) {
  HEYI_TRY(found, plan.Find(*plan.definitions().FindResource("Patient"), id));
  if (!found) return Error(ErrorKind::kNotFound, "exchange.unknown-patient", {}, id);
  return std::move(*found);
}

void AddLink(fhir::Tree& patient, std::string_view other, std::string_view type) {
  const NodeIndex list = patient.Ensure(0, "link");
  const NodeIndex link = patient.AddItem(list, NodeKind::kObject);
  const NodeIndex reference = patient.AddMember(link, "other", NodeKind::kObject);
  patient.AddMember(reference, "reference", NodeKind::kString, other);
  patient.AddMember(link, "type", NodeKind::kString, type);
}

fhir::Node FindLink(const fhir::Tree& patient, std::string_view type, std::string_view other) {
  for (fhir::Node link = patient.root().Member("link").first_child(); link; link = link.next()) {
    if (link.TextAt("type") == type && (other.empty() || link.Member("other").TextAt("reference") == other)) return link;
  }
  return {};
}

void RemoveLink(fhir::Tree& patient, std::string_view type, std::string_view other) {
  const fhir::Node link = FindLink(patient, type, other);
  if (!link) return;
  const NodeIndex list = link.parent().index();
  patient.RemoveMember(list, link.index());
  if (!fhir::Node(&patient, list).first_child()) patient.RemoveMember(0, list);
}

// Empty: no member at all.
void SetActive(fhir::Tree& patient, std::string_view active) {
  if (const fhir::Node present = patient.root().Member("active")) {
    if (active.empty()) {
      patient.RemoveMember(0, present.index());
    } else {
      patient.SetText(present.index(), active);
    }
  } else if (!active.empty()) {
    patient.AddMember(0, "active", NodeKind::kBool, active);
  }
}

// The resource's subject becomes `to`, if it is `from`; false where it is not.
base::Result<bool> Turn(Plan& plan, const Moving& moving, std::string_view id, std::string_view from, std::string_view to, std::vector<Plan::Put>& puts) {
  HEYI_TRY(found, plan.Find(*plan.definitions().FindResource(moving.type), id));
  if (!found) return false;
  const fhir::Node subject = found->tree.root().Member(moving.member);
  if (!subject || subject.TextAt("reference") != from) return false;
  found->tree.SetText(subject.Member("reference").index(), to);
  HEYI_TRY(put, plan.Write(std::move(found->tree)));
  puts.push_back(put);
  return true;
}

base::Result<JsonValue> MoveOver(Plan& plan, const std::string& from, const std::string& to, std::vector<Plan::Put>& puts) {
  JsonValue moved = JsonValue::Array();
  for (const Moving& moving : kMoving) {
    interaction::Query query{{std::string(moving.parameter), from}};
    if (!moving.statuses.empty()) query.emplace_back("status", std::string(moving.statuses));
    const fhir::Type& type = *plan.definitions().FindResource(moving.type);
    HEYI_TRY(search, fhir::ParseSearch(type, query, /*lenient=*/false, *plan.services().parameters));
    HEYI_TRY(ids, plan.Match(type, search.criteria, kMovedMax + 1));
    plan.RequireUnchanged(type, search.criteria);  // a visit that begins meanwhile moves, too
    if (ids.size() + moved.items().size() > kMovedMax) return Error(ErrorKind::kInvalid, "exchange.too-much-to-move", {}, fmt::format("{}", kMovedMax));
    for (const std::string& id : ids) {
      HEYI_TRY(turned, Turn(plan, moving, id, from, to, puts));
      if (turned) moved.Append(JsonValue::OfString(fmt::format("{}/{}", moving.type, id)));
    }
  }
  return moved;
}

base::Result<base::Done> GiveBack(Plan& plan, const JsonValue& moved, std::string_view from, std::string_view to, std::vector<Plan::Put>& puts) {
  for (const JsonValue& reference : moved.items()) {
    const size_t slash = reference.text().find('/');
    for (const Moving& moving : kMoving) {
      if (slash == std::string::npos || reference.text().substr(0, slash) != moving.type) continue;
      HEYI_TRY(turned, Turn(plan, moving, reference.text().substr(slash + 1), from, to, puts));
      static_cast<void>(turned);
    }
  }
  return base::Done{};
}

}  // namespace

std::string ReplacedBy(const fhir::Tree& patient) {
  const fhir::Node link = FindLink(patient, "replaced-by", {});
  return link ? std::string(link.Member("other").TextAt("reference")) : std::string();
}

base::Result<base::Done> RequireLink(Plan& plan, std::string_view id) {
  HEYI_TRY(fact, plan.snapshot().Fact(kLinkSpace, id));
  plan.Require({std::string(kLinkSpace), std::string(id), std::move(fact)});
  return base::Done{};
}

base::Result<Plan::Found> FindStanding(const Plan& plan, std::string_view id) {
  std::string next(id);
  for (int step = 0; step < kChainMax; ++step) {
    auto found = GetPatient(plan, next);
    if (!found.ok()) {
      if (step == 0 || found.error().kind != ErrorKind::kNotFound) return std::move(found).error();
      break;
    }
    const std::string other = ReplacedBy(found->tree);
    if (other.empty()) return std::move(*found);
    next = other.substr(other.find('/') + 1);
  }
  return Error(ErrorKind::kConflict, "exchange.broken-link", {}, id);
}

base::Result<std::vector<Plan::Put>> LinkPatients(Plan& plan, std::string_view winner_id, std::string_view loser_id, std::string_view by) {
  if (winner_id == loser_id) return Error(ErrorKind::kInvalid, "exchange.merge-self", {}, winner_id);
  HEYI_TRY(loser, GetPatient(plan, loser_id));
  HEYI_TRY(winner, FindStanding(plan, winner_id));
  const std::string winner_reference = "Patient/" + std::string(winner.tree.id());
  const std::string loser_reference = "Patient/" + std::string(loser_id);
  if (winner_reference == loser_reference) return Error(ErrorKind::kInvalid, "exchange.merge-cycle", {}, loser_id);
  if (!ReplacedBy(loser.tree).empty()) {
    HEYI_TRY(standing, FindStanding(plan, loser_id));
    if (standing.tree.id() == winner.tree.id()) return std::vector<Plan::Put>();
    return Error(ErrorKind::kInvalid, "exchange.merge-taken", {}, loser_id);
  }
  JsonValue before = JsonValue::Object();
  before.Set("winner", JsonValue::OfString(winner_reference));
  before.Set("active", JsonValue::OfString(loser.tree.root().TextAt("active")));
  before.Set("by", JsonValue::OfString(by));
  before.Set("at", JsonValue::OfInteger(plan.context().clock.NowMs()));

  std::vector<Plan::Put> puts;
  AddLink(winner.tree, loser_reference, "replaces");
  HEYI_TRY(winner_put, plan.Write(std::move(winner.tree)));
  puts.push_back(winner_put);
  SetActive(loser.tree, "false");
  AddLink(loser.tree, winner_reference, "replaced-by");
  HEYI_TRY(loser_put, plan.Write(std::move(loser.tree)));
  puts.push_back(loser_put);
  HEYI_TRY(moved, MoveOver(plan, loser_reference, winner_reference, puts));
  before.Set("moved", std::move(moved));
  plan.Add({std::string(kLinkSpace), std::string(loser_id), base::WriteJson(before)});
  return puts;
}

base::Result<std::vector<Plan::Put>> UnlinkPatients(Plan& plan, std::string_view one, std::string_view other) {
  std::string loser_id(one), winner_id(other);
  HEYI_TRY(first, GetPatient(plan, one));
  HEYI_TRY(second, GetPatient(plan, other));
  if (ReplacedBy(first.tree) != "Patient/" + winner_id) std::swap(loser_id, winner_id);
  fhir::Tree& loser = loser_id == one ? first.tree : second.tree;
  fhir::Tree& winner = loser_id == one ? second.tree : first.tree;
  const std::string winner_reference = "Patient/" + winner_id, loser_reference = "Patient/" + loser_id;
  if (ReplacedBy(loser) != winner_reference) return Error(ErrorKind::kInvalid, "exchange.not-linked", {}, fmt::format("{}, {}", one, other));

  HEYI_TRY(fact, plan.snapshot().Fact(kLinkSpace, loser_id));
  JsonValue before;  // none: the link was made by a plain write
  if (fact) {
    HEYI_TRY(parsed, base::ParseJson(*fact));
    before = std::move(parsed);
  }
  std::vector<Plan::Put> puts;
  RemoveLink(loser, "replaced-by", winner_reference);
  SetActive(loser, fact ? before.StringAt("active") : "true");
  HEYI_TRY(loser_put, plan.Write(std::move(loser)));
  puts.push_back(loser_put);
  RemoveLink(winner, "replaces", loser_reference);
  HEYI_TRY(winner_put, plan.Write(std::move(winner)));
  puts.push_back(winner_put);
  HEYI_CHECK(GiveBack(plan, before["moved"], winner_reference, loser_reference, puts));
  plan.Require({std::string(kLinkSpace), loser_id, fact});
  plan.Add({std::string(kLinkSpace), loser_id, std::nullopt});
  return puts;
}

}  // namespace heyi::exchange
