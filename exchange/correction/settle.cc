// Task/<id>/$settle: the owner accepts, corrects or rejects what is disputed, or the requester takes it back.
#include <fmt/format.h>

#include "exchange/correction/author.h"
#include "exchange/correction/operations.h"
#include "exchange/correction/task.h"
#include "interaction/access.h"
#include "interaction/patch.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using interaction::OperationAnswer;
using interaction::OperationCall;
using interaction::ParameterText;
using interaction::Plan;

bool IsCorrection(const fhir::Tree& task) {
  const fhir::Node coding = task.root().Member("code").Member("coding").first_child();
  return coding && coding.TextAt("system") == kCorrectionSystem && coding.TextAt("code") == "correction";
}

class Settlement {
 public:
  Settlement(Plan& plan, const fhir::Tree& parameters) : plan_(plan), parameters_(parameters) {}

  base::Result<OperationAnswer> Run(std::string_view id) {
    HEYI_CHECK(FindTask(id));
    const std::string outcome(ParameterText(parameters_, "outcome")), reason(ParameterText(parameters_, "reason"));
    const std::string_view status = task_.root().TextAt("status");
    const CorrectionEdge* edge = FindCorrectionEdge(outcome, status);
    if (edge == nullptr || edge->party == CorrectionParty::kHub) return Error(ErrorKind::kInvalid, "exchange.dispute-edge", "outcome", outcome);
    if (!SpeaksFor(plan_.context().caller, PartyAt(task_, edge->party == CorrectionParty::kOwner ? "owner" : "requester"))) {
      return Error(ErrorKind::kForbidden, "exchange.dispute-party", {}, edge->id);
    }
    if ((edge->needs_reason && reason.empty()) || reason.size() > kDisputeTextMax) return Error(ErrorKind::kInvalid, "exchange.dispute-parameter", "reason", "reason");
    std::string corrected;
    if (edge->needs_patch) {
      HEYI_TRY(version, Correct());
      corrected = std::move(version);
    }
    OperationAnswer answer;
    HEYI_TRY(put, TakeEdge(plan_, std::move(task_), *edge, reason, corrected));
    answer.written = put;
    return answer;
  }

 private:
  base::Result<base::Done> FindTask(std::string_view id) {
    const fhir::Type& type = *plan_.definitions().FindResource("Task");
    HEYI_TRY(found, plan_.Find(type, id));
    if (!found || !interaction::MayRead(plan_.services(), plan_.context().caller, policy::Action::kRead, type, found->label)) {
      return Error(ErrorKind::kNotFound, "interaction.not-found", {}, fmt::format("Task/{}", id));
    }
    if (!IsCorrection(found->tree)) return Error(ErrorKind::kInvalid, "exchange.dispute-task", {}, fmt::format("Task/{}", id));
    task_ = std::move(found->tree);
    return base::Done{};
  }

  // The patch, on the resource, under the caller's own rights; the element must say something else for it.
  base::Result<std::string> Correct() {
    const fhir::Node patch = interaction::ParameterResource(parameters_, "patch");
    if (!patch) return Error(ErrorKind::kInvalid, "exchange.dispute-parameter", "patch", "patch");
    const std::string resource(task_.root().Member("focus").TextAt("reference"));
    const std::string key = DisputeKeyOf(task_);
    HEYI_TRY(fact, plan_.snapshot().Fact(kDisputeSpace, key));
    const auto open = fact ? ReadDispute(key, *fact) : std::nullopt;
    if (!open) return Error(ErrorKind::kConflict, "exchange.dispute-edge", "outcome", "corrected");
    const size_t slash = resource.find('/');
    const fhir::Type& type = *plan_.definitions().FindResource(resource.substr(0, slash));
    HEYI_TRY(before, plan_.Find(type, resource.substr(slash + 1)));
    interaction::Request request;
    request.resource = fhir::Tree::CopyOf(patch);
    HEYI_TRY(after, interaction::Patched(plan_, type, resource.substr(slash + 1), request));
    HEYI_TRY(path, fhir::Expression::Compile(open->path, plan_.definitions()));
    if (before && ValueAtPath(before->tree, path) == ValueAtPath(after, path)) return Error(ErrorKind::kInvalid, "exchange.dispute-unchanged", "patch", open->path);
    HEYI_TRY(put, plan_.Write(std::move(after)));
    return fmt::format("{}/_history/{}", resource, put.version);
  }

  Plan& plan_;
  const fhir::Tree& parameters_;
  fhir::Tree task_;
};

class SettleOperation : public interaction::Operation {
 public:
  std::string_view name() const override { return "settle"; }
  std::string_view definition() const override { return "https://heyi.example/fhir/OperationDefinition/correction-settle"; }
  std::string_view type() const override { return "Task"; }
  unsigned levels() const override { return static_cast<unsigned>(interaction::Level::kInstance); }
  bool changes() const override { return true; }

  base::Result<OperationAnswer> Run(Plan& plan, const OperationCall& call) const override {
    if (call.parameters == nullptr || call.parameters->type()->name != "Parameters") {
      return Error(ErrorKind::kMalformed, "interaction.parameters", {}, "a Parameters resource is needed");
    }
    return Settlement(plan, *call.parameters).Run(call.id);
  }
};

}  // namespace

std::unique_ptr<interaction::Operation> MakeSettle() { return std::make_unique<SettleOperation>(); }

void RegisterCorrections(interaction::Operations& operations) {
  operations.Register(MakeDispute());
  operations.Register(MakeSettle());
}

}  // namespace heyi::exchange
