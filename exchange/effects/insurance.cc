// Insurance: the number of a visit is ours to give, and a question is answered from the record.
#include <fmt/format.h>

#include "exchange/effects/effects.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;
using interaction::Plan;

constexpr size_t kCoveragesMax = 20;

base::Result<std::vector<fhir::Tree>> CoveragesOf(const Plan& plan, const mapping::Mapped& mapped) {
  std::vector<fhir::Tree> coverages;
  const fhir::Type& type = *plan.definitions().FindResource("Coverage");
  for (const mapping::MappedResource& resource : mapped.resources) {
    if (resource.name != "patient") continue;
    HEYI_TRY(search, fhir::ParseSearch(type, {{"beneficiary", fmt::format("Patient/{}", resource.tree.id())}}, /*lenient=*/false,
                                       *plan.services().parameters));
    HEYI_TRY(ids, plan.Match(type, search.criteria, kCoveragesMax));
    for (const std::string& id : ids) {
      HEYI_TRY(found, plan.Find(type, id));
      if (found) coverages.push_back(std::move(found->tree));
    }
  }
  return coverages;
}

}  // namespace

// 1101: a question, answered from the record by the same map the other way.
base::Result<base::Done> AnswerPersonQuery(EffectContext& context) {
  std::vector<std::pair<std::string, fhir::Node>> resources;
  for (const mapping::MappedResource& resource : context.mapped.resources) resources.emplace_back(resource.name, resource.tree.root());
  HEYI_TRY(coverages, CoveragesOf(context.plan, context.mapped));
  for (const fhir::Tree& coverage : coverages) resources.emplace_back("coverage", coverage.root());
  base::Outcome outcome;
  HEYI_TRY(record, context.map.ToRecord(resources, outcome));
  if (outcome.HasErrors()) return Error(ErrorKind::kInvalid, std::move(outcome));
  context.ack.output = std::move(record);
  return base::Done{};
}

base::Result<base::Done> Admit(EffectContext& context) {
  JsonValue result = JsonValue::Object();
  result.Set("mdtrt_id", JsonValue::OfString(context.Value("mdtrt_id")));
  context.ack.output = JsonValue::Object();
  context.ack.output.Set("result", std::move(result));
  return Arrive(context);
}

}  // namespace heyi::exchange
