// ADT^A40 and A37: two Patients are one, or are not after all. https://www.hl7.eu/HL7v2x/v25/std25/ch03.html
#include "exchange/effects/effects.h"
#include "exchange/identity/links.h"

namespace heyi::exchange {
namespace {

std::string_view PatientId(std::string_view reference) { return reference.substr(reference.find('/') + 1); }

}  // namespace

base::Result<base::Done> MergePatients(EffectContext& context) {
  HEYI_TRY(puts, LinkPatients(context.plan, PatientId(context.Value("winner")), PatientId(context.Value("loser")),
                              context.message.department + "/" + context.message.sender));
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
