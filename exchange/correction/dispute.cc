// Task/$dispute: an element of a resource is said to be wrong, and its owner is asked to correct it (edge K01).
#include <fmt/format.h>

#include "base/text.h"
#include "exchange/correction/author.h"
#include "exchange/correction/operations.h"
#include "exchange/correction/task.h"
#include "interaction/access.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using fhir::NodeKind;
using interaction::OperationAnswer;
using interaction::OperationCall;
using interaction::ParameterText;
using interaction::Plan;

Error DisputeParameter(std::string_view name) { return Error(ErrorKind::kInvalid, "exchange.dispute-parameter", std::string(name), name); }

// The elder that the resource is about; empty where it is about none.
std::string ElderOf(const fhir::Tree& resource) {
  if (resource.type()->name == "Patient") return "Patient/" + std::string(resource.id());
  for (std::string_view member : {"subject", "patient", "beneficiary", "for"}) {
    const fhir::Node found = resource.root().Member(member);
    const std::string_view reference = found && found.is_object() ? found.TextAt("reference") : std::string_view();
    if (reference.starts_with("Patient/")) return std::string(reference);
  }
  return {};
}

class Dispute {
 public:
  Dispute(Plan& plan, const fhir::Tree& parameters) : plan_(plan), parameters_(parameters) {}

  base::Result<OperationAnswer> Run() {
    const std::string reason(ParameterText(parameters_, "reason")), path_text(ParameterText(parameters_, "path"));
    if (reason.empty() || reason.size() > kDisputeTextMax) return DisputeParameter("reason");
    if (path_text.empty() || path_text.size() > kDisputeTextMax) return DisputeParameter("path");
    HEYI_CHECK(FindResource());
    HEYI_TRY(path, CompilePath(path_text));
    const std::string value = ValueAtPath(resource_, path);
    HEYI_CHECK(CheckStated(value));
    HEYI_TRY(author, FindAuthor(plan_.services(), plan_.snapshot(), *resource_.type(), resource_.id(), path));
    if (!author || author->department.empty()) return Error(ErrorKind::kInvalid, "exchange.dispute-owner", "path", path_text);
    const Party requester = PartyOfCaller(plan_.context().caller), owner{author->department, author->organization};
    const bool own = requester.department == owner.department && (requester.organization.empty() || requester.organization == owner.organization);
    if (own) return Error(ErrorKind::kInvalid, "exchange.dispute-own", "path", path_text);
    HEYI_CHECK(CheckOpen(path_text, requester));
    return Ask(path_text, value, reason, requester, owner, author->source);
  }

 private:
  // Who may not read it may not know that it is there.
  base::Result<base::Done> FindResource() {
    const std::string reference(ParameterText(parameters_, "resource"));
    const size_t slash = reference.find('/');
    if (slash == std::string::npos) return DisputeParameter("resource");
    const Error missing(ErrorKind::kNotFound, "interaction.not-found", "resource", reference);
    const fhir::Type* type = plan_.definitions().FindResource(reference.substr(0, slash));
    const std::string id = reference.substr(slash + 1, reference.find('/', slash + 1) - slash - 1);
    if (type == nullptr || !base::IsFhirId(id)) return missing;
    HEYI_TRY(found, plan_.Find(*type, id));
    if (!found || !interaction::MayRead(plan_.services(), plan_.context().caller, policy::Action::kRead, *type, found->label)) return missing;
    resource_ = std::move(found->tree);
    version_ = found->version;
    return base::Done{};
  }

  base::Result<fhir::Expression> CompilePath(const std::string& text) const {
    fhir::CompileOptions options;
    options.types = fhir::CompileOptions::Types::kChecked;
    options.focus = resource_.type();
    auto path = fhir::Expression::Compile(text, plan_.definitions(), options);
    if (!path.ok()) return Error(ErrorKind::kInvalid, "exchange.dispute-path", "path", base::EnglishText(path.error().outcome.issues().front()));
    const fhir::LocalEvalContext context(plan_.context().clock.NowMs());
    const auto found = path->Evaluate(resource_.root(), context);
    if (!found.ok()) return Error(ErrorKind::kInvalid, "exchange.dispute-path", "path", base::EnglishText(found.error().outcome.issues().front()));
    // One place, or one where something is missing; what is computed stands nowhere and belongs to nobody.
    if (found->size() > 1) return Error(ErrorKind::kInvalid, "exchange.dispute-path", "path", fmt::format("{} places", found->size()));
    const bool place = found->empty() || found->front().kind() == fhir::PathValue::Kind::kNode;
    if (!place) return Error(ErrorKind::kInvalid, "exchange.dispute-path", "path", "a computed value");
    return std::move(*path);
  }

  base::Result<base::Done> CheckStated(const std::string& value) const {
    const fhir::Node given = interaction::ParameterValue(parameters_, "stated");
    if (!given || given.is_object()) return base::Done{};
    if (given.text() == value) return base::Done{};
    return Error(ErrorKind::kConflict, "exchange.dispute-stated", "stated");
  }

  base::Result<base::Done> CheckOpen(const std::string& path, const Party& requester) const {
    const std::string reference = fmt::format("{}/{}", resource_.type()->name, resource_.id());
    HEYI_TRY(open, OpenDisputesOf(plan_.snapshot(), reference));
    if (open.size() == kDisputesOpenMax) return Error(ErrorKind::kConflict, "exchange.dispute-many", {}, reference);
    for (const OpenDispute& one : open) {
      if (one.path == path && one.requester == requester.department) return Error(ErrorKind::kConflict, "exchange.dispute-open", "path", "Task/" + one.task);
    }
    return base::Done{};
  }

  base::Result<OperationAnswer> Ask(const std::string& path, const std::string& value, const std::string& reason, const Party& requester, const Party& owner,
                                    const std::string& source) {
    const std::string reference = fmt::format("{}/{}", resource_.type()->name, resource_.id());
    const std::string now = base::FormatInstant(plan_.context().clock.NowMs());
    fhir::Tree task;
    task.SetRoot(plan_.definitions().FindResource("Task"));
    task.AddMember(0, "id", NodeKind::kString, plan_.NewId());
    task.AddMember(0, "status", NodeKind::kString, "requested");
    task.AddMember(0, "intent", NodeKind::kString, "order");
    const auto code = task.AddItem(task.Ensure(task.AddMember(0, "code", NodeKind::kObject), "coding"), NodeKind::kObject);
    task.AddMember(code, "system", NodeKind::kString, kCorrectionSystem);
    task.AddMember(code, "code", NodeKind::kString, "correction");
    task.AddMember(task.AddMember(0, "focus", NodeKind::kObject), "reference", NodeKind::kString, reference);
    if (const std::string elder = ElderOf(resource_); !elder.empty()) {
      task.AddMember(task.AddMember(0, "for", NodeKind::kObject), "reference", NodeKind::kString, elder);
    }
    task.AddMember(0, "authoredOn", NodeKind::kString, now);
    task.AddMember(0, "lastModified", NodeKind::kString, now);
    SetParty(task, "requester", requester);
    SetParty(task, "owner", owner);
    task.AddMember(task.AddMember(0, "reasonCode", NodeKind::kObject), "text", NodeKind::kString, reason);
    AddTextDetail(task, "input", "path", path);
    AddReferenceDetail(task, "input", "version", fmt::format("{}/_history/{}", reference, version_));
    AddTextDetail(task, "input", "stated", base::ClipUtf8(value, kDisputeTextMax));
    if (const fhir::Node proposed = interaction::ParameterValue(parameters_, "proposed")) {
      if (task.AppendCopy(AddDetail(task, "input", "proposed"), proposed) == fhir::kNoNode) return DisputeParameter("proposed");
    }
    AddTextDetail(task, "input", "source", source);

    const OpenDispute open{reference, std::string(task.id()), path, owner.department, requester.department, owner.organization, version_};
    HEYI_TRY(put, plan_.Write(std::move(task)));
    plan_.SetCustody(put, policy::Between(policy::CustodyOf(requester.department), policy::CustodyOf(owner.department)));
    store::Fact fact = FactOf(open);
    plan_.Require({fact.space, fact.key, std::nullopt});
    plan_.Add(std::move(fact));
    HEYI_CHECK(WriteStep(plan_, put, *FindCorrectionEdge(kOutcomeAsked, ""), fmt::format("{}/_history/{}", reference, version_)));
    OperationAnswer answer;
    answer.written = put;
    return answer;
  }

  Plan& plan_;
  const fhir::Tree& parameters_;
  fhir::Tree resource_;
  uint64_t version_ = 0;
};

class DisputeOperation : public interaction::Operation {
 public:
  std::string_view name() const override { return "dispute"; }
  std::string_view definition() const override { return "https://heyi.example/fhir/OperationDefinition/correction-dispute"; }
  std::string_view type() const override { return "Task"; }
  unsigned levels() const override { return static_cast<unsigned>(interaction::Level::kType); }
  bool changes() const override { return true; }

  base::Result<OperationAnswer> Run(Plan& plan, const OperationCall& call) const override {
    if (call.parameters == nullptr || call.parameters->type()->name != "Parameters") {
      return Error(ErrorKind::kMalformed, "interaction.parameters", {}, "a Parameters resource is needed");
    }
    return Dispute(plan, *call.parameters).Run();
  }
};

}  // namespace

std::unique_ptr<interaction::Operation> MakeDispute() { return std::make_unique<DisputeOperation>(); }

}  // namespace heyi::exchange
