// Encounter/$leave-bed: an Encounter that has ended lets its bed go and closes its EpisodeOfCare.
#include "care/leave_bed.h"

#include "care/beds.h"
#include "fhir/search/values.h"

namespace heyi::care {
namespace {

class LeaveBedOperation : public interaction::Operation {
 public:
  std::string_view name() const override { return "leave-bed"; }
  std::string_view definition() const override { return "https://heyi.example/fhir/OperationDefinition/leave-bed"; }
  std::string_view type() const override { return "Encounter"; }
  unsigned levels() const override { return static_cast<unsigned>(interaction::Level::kInstance); }
  bool changes() const override { return true; }

  base::Result<interaction::OperationAnswer> Run(interaction::Plan& plan, const interaction::OperationCall& call) const override {
    base::TimeMs at_ms = plan.context().clock.NowMs();
    if (call.parameters != nullptr) {
      if (const auto time = fhir::DateInterval(interaction::ParameterText(*call.parameters, "time"))) at_ms = time->low;
    }
    HEYI_CHECK(LeaveBed(plan, call.id, at_ms));
    return interaction::OperationAnswer{R"({"resourceType":"Parameters"})", 200};
  }
};

}  // namespace

std::unique_ptr<interaction::Operation> MakeLeaveBed() { return std::make_unique<LeaveBedOperation>(); }

}  // namespace heyi::care
