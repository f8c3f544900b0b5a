// ADT^A40 and A37: two Patients are one, or are not after all. https://www.hl7.eu/HL7v2x/v25/std25/ch03.html
#include "exchange/effects/effects.h"
#include "exchange/identity/links.h"

namespace heyi::exchange {
namespace {

constexpr std::string_view kIdentityNumber = "urn:oid:2.16.156.10011.1.3";

std::string_view PatientId(std::string_view reference) { return reference.substr(reference.find('/') + 1); }

base::Result<std::string> IdentityNumber(const interaction::Plan& plan, std::string_view patient_id) {
  HEYI_TRY(found, plan.Find(*plan.definitions().FindResource("Patient"), patient_id));
  if (!found) return std::string();
  for (fhir::Node number = found->tree.root().Member("identifier").first_child(); number; number = number.next()) {
    if (number.TextAt("system") == kIdentityNumber) return std::string(number.TextAt("value"));
  }
  return std::string();
}

}  // namespace

// One hospital's word joins what has no identity number with what has one. Two numbers are two people, until an operator,
// who has seen papers, says otherwise.
base::Result<base::Done> MergePatients(EffectContext& context) {
  const std::string_view winner = PatientId(context.Value("winner")), loser = PatientId(context.Value("loser"));
  HEYI_TRY(standing, FindStanding(context.plan, winner));  // the winner may be replaced itself
  HEYI_TRY(stays, IdentityNumber(context.plan, standing.tree.id()));
  HEYI_TRY(goes, IdentityNumber(context.plan, loser));
  if (!stays.empty() && !goes.empty() && stays != goes) return base::Error(base::ErrorKind::kInvalid, "exchange.merge-two-identities");
  HEYI_TRY(puts, LinkPatients(context.plan, winner, loser, context.message.department + "/" + context.message.sender));
  context.traced.insert(context.traced.end(), puts.begin(), puts.end());
  context.activity = "link";
  return base::Done{};
}

base::Result<base::Done> PartPatients(EffectContext& context) {
  HEYI_TRY(puts, UnlinkPatients(context.plan, PatientId(context.Value("one")), PatientId(context.Value("other"))));
  context.traced.insert(context.traced.end(), puts.begin(), puts.end());
  context.activity = "unlink";
  return base::Done{};
}

}  // namespace heyi::exchange
