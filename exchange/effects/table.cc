// Which message does more than its map says.
#include "exchange/effects/effects.h"

namespace heyi::exchange {

using interaction::Plan;

namespace {

struct EffectRow {
  std::string_view department, message_type;
  Effect effect;
  PlanTargets::Links links = PlanTargets::Links::kFollow;
};

constexpr EffectRow kEffects[] = {
    {"civil-affairs", "BED_REFERRAL", MoveReferral},
    {"insurance", "2401", Admit},
    {"insurance", "2402", Discharge},
    {"insurance", "1101", AnswerPersonQuery},
    {"health", "ADT^A01", Arrive},
    {"health", "ADT^A03", Discharge},
    {"health", "ADT^A37", PartPatients, PlanTargets::Links::kAsTheyStand},
    {"health", "ADT^A40", MergePatients, PlanTargets::Links::kAsTheyStand},
    {"health-cda", "C0053", KeepDocument},
};

}  // namespace

const Plan::Put* EffectContext::Written(std::string_view name) const {
  for (const auto& [written_name, put] : written) {
    if (written_name == name) return &put;
  }
  return nullptr;
}

base::Result<Plan::Found> EffectContext::Resource(std::string_view name) const {
  const base::Error missing(base::ErrorKind::kInternal, "internal.failed", {}, std::string(message.type) + " map without " + std::string(name));
  const Plan::Put* put = Written(name);
  if (put == nullptr) return missing;
  HEYI_TRY(found, plan.Find(*put->type, put->id));
  if (!found) return missing;
  return std::move(*found);
}

std::string_view EffectContext::Value(std::string_view name) const {
  for (const std::string& value : mapped.values) {
    if (value.size() > name.size() && value.starts_with(name) && value[name.size()] == '=') return std::string_view(value).substr(name.size() + 1);
  }
  return {};
}

Effect FindEffect(std::string_view department, std::string_view message_type) {
  for (const EffectRow& row : kEffects) {
    if (row.department == department && row.message_type == message_type) return row.effect;
  }
  return nullptr;
}

PlanTargets::Links LinksOf(std::string_view department, std::string_view message_type) {
  for (const EffectRow& row : kEffects) {
    if (row.department == department && row.message_type == message_type) return row.links;
  }
  return PlanTargets::Links::kFollow;
}

}  // namespace heyi::exchange
