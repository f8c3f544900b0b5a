// Messages that move a referral, and the visits that it leads to: BED_REFERRAL, admissions and discharges.
#include "exchange/effects/effects.h"
#include "exchange/effects/steps.h"

namespace heyi::exchange {

using base::Error;
using base::ErrorKind;

// BED_REFERRAL: the request stands; its Task is made (REQUESTED) or moved along the edge that the status names.
base::Result<base::Done> MoveReferral(EffectContext& context) {
  HEYI_TRY(request, context.Resource("request"));
  const std::string reference = "ServiceRequest/" + std::string(request.tree.id());
  const fhir::Node performer = request.tree.root().Member("performer");
  const std::string owner(performer ? performer.first_child().TextAt("reference") : std::string_view());
  const std::string_view status = context.Value("status");
  ParameterList parameters(context.plan.definitions());
  parameters.Code("message-status", status);
  if (status == "REQUESTED") {
    parameters.Reference("request", reference);
    parameters.Reference("owner", owner);
    return RunOperation(context.plan, "Task", "transition", "", parameters.tree());
  }
  HEYI_TRY(tasks, FindTasks(context.plan, {{"focus", reference}, {"owner", owner}, {"code:missing", "true"}}));
  if (tasks.empty()) return Error(ErrorKind::kNotFound, "exchange.unknown-referral", "data.refNo", context.message.record.StringAt("refNo"));
  return RunOperation(context.plan, "Task", "transition", tasks.front(), parameters.tree());
}

// An admission: a referral that is on its way to this hospital arrives with it. Told twice, by the hospital's own system
// and by insurance, it arrives once: the second finds no Task in transit.
base::Result<base::Done> Arrive(EffectContext& context) {
  HEYI_TRY(encounter, context.Resource("encounter"));
  const fhir::Node root = encounter.tree.root();
  const fhir::Node provider = root.Member("serviceProvider");
  HEYI_TRY(tasks, FindTasks(context.plan, {{"patient", std::string(root.Member("subject").TextAt("reference"))},
                                           {"owner", std::string(provider ? provider.TextAt("reference") : std::string_view())},
                                           {"status", "in-progress"},
                                           {"business-status", "in-transit"}}));
  if (tasks.empty()) return base::Done{};  // a plain admission
  ParameterList parameters(context.plan.definitions());
  parameters.Code("edge", "E09");
  parameters.Reference("encounter", "Encounter/" + std::string(encounter.tree.id()));
  const fhir::Node period = root.Member("period");
  if (period) parameters.Time("time", period.TextAt("start"));
  return RunOperation(context.plan, "Task", "transition", tasks.front(), parameters.tree());
}

// A discharge frees the bed.
base::Result<base::Done> Discharge(EffectContext& context) {
  HEYI_TRY(encounter, context.Resource("encounter"));
  ParameterList parameters(context.plan.definitions());
  const fhir::Node period = encounter.tree.root().Member("period");
  if (period) parameters.Time("time", period.TextAt("end"));
  return RunOperation(context.plan, "Encounter", "leave-bed", encounter.tree.id(), parameters.tree());
}

}  // namespace heyi::exchange
