// reference, pointer, uuid. Nothing is random: ids follow from the seed of the run, in the order they are asked for.
#include "mapping/fml/transforms.h"

namespace heyi::mapping {

base::Result<std::vector<FmlValue>> TransformReference(const TransformCall& call) {
  const auto text = [](std::string value) {
    return std::vector<FmlValue>{FmlRunner::ValueOf(fhir::PathValue::OfText(fhir::PathValue::Kind::kString,
        std::move(value)))};
  };
  if (call.target.transform == FmlTransform::kUuid) return text(call.runner.NextUuid());
  if (!call.Has(0)) return std::vector<FmlValue>();
  HEYI_TRY(reference, call.runner.ReferenceTo(call.arguments[0]));
  return text(std::move(reference));
}

}  // namespace heyi::mapping
