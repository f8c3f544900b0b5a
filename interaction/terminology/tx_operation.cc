#include "interaction/terminology/tx_operation.h"

#include "interaction/terminology/terminology.h"
#include "interaction/terminology/tx_json.h"

namespace heyi::interaction {

using base::JsonValue;

base::Result<OperationAnswer> TxOperation::Run(Plan& plan, const OperationCall& call) const {
  if (plan.services().terminology == nullptr) return base::Error(base::ErrorKind::kUnavailable, "terminology.none");
  const TxParameters parameters(call, bare_);
  HEYI_CHECK(parameters.WithinBounds());
  HEYI_TRY(service, TxService::Of(*plan.services().terminology, parameters));
  HEYI_TRY(instance, InstanceOf(plan, call));
  return Answer({parameters, **service, plan.context(), instance});
}

conformance::ValueSetChoice ValueSetOf(const TxParameters& parameters, const std::shared_ptr<const JsonValue>& instance) {
  conformance::ValueSetChoice choice;
  if (instance != nullptr) {
    choice.resource = instance;
    return choice;
  }
  if (const JsonValue* given = parameters.Resource("valueSet")) {
    choice.resource = std::make_shared<const JsonValue>(*given);
    return choice;
  }
  const std::string url = parameters.Text("url");
  const conformance::Canonical canonical = conformance::Canonical::Of(url);
  choice.url = canonical.url;
  choice.version = canonical.version.empty() ? parameters.Text("valueSetVersion") : std::string(canonical.version);
  return choice;
}

void RegisterTerminology(Operations& operations) {
  operations.Register(MakeExpand());
  operations.Register(MakeValidateInValueSet());
  operations.Register(MakeValidateInCodeSystem());
  operations.Register(MakeBatchValidate("ValueSet"));
  operations.Register(MakeBatchValidate("CodeSystem"));
  operations.Register(MakeLookup());
  operations.Register(MakeSubsumes());
  operations.Register(MakeTranslate());
  operations.Register(MakeClosure());
}

}  // namespace heyi::interaction
