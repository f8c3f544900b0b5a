// Task/$transition: the only way a referral moves. One edge of the table, its guards and its effects, in one commit.
#include "care/transition.h"

#include <fmt/format.h>

#include "care/beds.h"
#include "care/edges.h"
#include "care/lookup.h"
#include "care/shape.h"
#include "care/vocabulary.h"
#include "fhir/json/write.h"
#include "fhir/search/values.h"

namespace heyi::care {
namespace {

using base::Error;
using base::ErrorKind;
using fhir::NodeIndex;
using fhir::NodeKind;
using interaction::OperationAnswer;
using interaction::OperationCall;
using interaction::ParameterText;
using interaction::Plan;

constexpr std::string_view kReasons[] = {"no-capacity", "needs-not-met", "no-agreement", "insurance", "family", "other"};
constexpr size_t kCandidatesMax = 100;

std::string ReferenceAt(const fhir::Tree& tree, std::string_view member) {
  const fhir::Node node = tree.root().Member(member);
  return node ? std::string(node.TextAt("reference")) : "";
}

// A referral on its way along one edge.
class Transition {
 public:
  Transition(Plan& plan, const fhir::Tree& parameters, const Rules& rules) : plan_(plan), parameters_(parameters), rules_(rules) {}

  base::Result<OperationAnswer> Create() {
    const std::string request(ParameterText(parameters_, "request"));
    const std::string owner(ParameterText(parameters_, "owner"));
    if (request.empty()) return Missing("request");
    if (owner.empty()) return Missing("owner");
    HEYI_CHECK(ReadRequest(request));
    // One Task for each pair of request and candidate, whoever asks how often.
    task_id_ = base::UuidV5("referral-task", request + "\n" + owner);
    HEYI_TRY(present, plan_.Find(TypeNamed(plan_, "Task"), task_id_));
    if (present) return Error(ErrorKind::kInvalid, "care.no-edge", {}, "E01");
    MakeTask(request, owner);
    created_ = true;
    return Take();
  }

  base::Result<OperationAnswer> Move(std::string_view id) {
    task_id_ = id;
    HEYI_TRY(found, plan_.Find(TypeNamed(plan_, "Task"), id));
    if (!found) return Error(ErrorKind::kNotFound, "interaction.not-found", {}, fmt::format("Task/{}", id));
    task_ = std::move(found->tree);
    const std::string focus = ReferenceAt(task_, "focus");
    // A Task with a code asks for something else about the request: to correct it.
    if (!focus.starts_with("ServiceRequest/") || task_.root().Member("code")) return Error(ErrorKind::kInvalid, "care.not-referral");
    HEYI_CHECK(ReadRequest(focus));
    return Take();
  }

 private:
  static Error Missing(std::string_view name) { return Error(ErrorKind::kInvalid, "care.parameter", {}, name); }

  State Now() const { return {task_.root().TextAt("status"), CodeOf(task_.root().Member("businessStatus"), kReferralStateSystem)}; }

  base::Result<base::Done> ReadRequest(std::string_view reference) {
    const std::string_view id = IdOfReference(reference, "ServiceRequest");
    HEYI_TRY(found, plan_.Find(TypeNamed(plan_, "ServiceRequest"), id));
    if (!found) return Error(ErrorKind::kInvalid, "care.missing", {}, reference);
    request_ = std::move(found->tree);
    elder_ = ReferenceAt(request_, "subject");
    const fhir::Node where = FirstOf(request_.root().Member("locationCode"));
    kind_ = where ? CodeOf(where, kBedKindSystem) : std::string_view();
    if (FindBedKind(kind_) == nullptr) return Error(ErrorKind::kInvalid, "care.bed-kind", "ServiceRequest.locationCode", kind_);
    return base::Done{};
  }

  void MakeTask(const std::string& request, const std::string& owner) {
    task_.SetRoot(&TypeNamed(plan_, "Task"));
    task_.AddMember(0, "id", NodeKind::kString, task_id_);
    task_.AddMember(0, "status", NodeKind::kString, "requested");
    task_.AddMember(0, "intent", NodeKind::kString, "order");
    const std::string priority(request_.root().TextAt("priority"));
    if (!priority.empty()) task_.AddMember(0, "priority", NodeKind::kString, priority);
    SetReference(task_, 0, "focus", request);
    SetReference(task_, 0, "for", elder_);
    task_.AddMember(0, "authoredOn", NodeKind::kString, base::FormatInstant(plan_.context().clock.NowMs()));
    SetReference(task_, 0, "requester", ReferenceAt(request_, "requester"));
    SetReference(task_, 0, "owner", owner);
  }

  base::Result<OperationAnswer> Take() {
    const State from = created_ ? State{"", ""} : Now();
    const std::string edge_id(ParameterText(parameters_, "edge"));
    const std::string message_status(ParameterText(parameters_, "message-status"));
    if (edge_id.empty() && message_status.empty()) return Missing("edge");
    const Edge* edge = edge_id.empty() ? FindEdgeByMessage(message_status, from) : FindEdge(edge_id, from);
    if (edge == nullptr) return Error(ErrorKind::kInvalid, "care.no-edge", {}, edge_id.empty() ? message_status : edge_id);
    HEYI_CHECK(CheckActor(*edge));
    if (edge->actor == Actor::kBoth) {
      HEYI_TRY(signed_by_both, Sign());
      if (!signed_by_both) return Write(from);
    }
    HEYI_CHECK(Apply(*edge));
    return Write(edge->to.business == "*" ? from : edge->to);
  }

  // An organization acts for itself; whoever has none (a bureau, an operator, Heyi) is held to the policy alone.
  base::Result<base::Done> CheckActor(const Edge& edge) const {
    const base::Caller& caller = plan_.context().caller;
    if (caller.organization.empty()) return base::Done{};
    const std::string own = "Organization/" + caller.organization;
    const bool requester = own == ReferenceAt(task_, "requester");
    const bool owner = own == ReferenceAt(task_, "owner");
    const bool may = edge.actor == Actor::kCandidate   ? owner
                     : edge.actor == Actor::kBoth      ? owner || requester
                     : edge.actor == Actor::kSystem    ? owner || requester
                                                       : requester;
    if (may) return base::Done{};
    return Error(ErrorKind::kForbidden, "care.actor", {}, edge.id);
  }

  // Notes the caller's signature; true once both parties have signed. A caller without an organization signs for both.
  base::Result<bool> Sign() {
    const std::string requester = ReferenceAt(task_, "requester"), owner = ReferenceAt(task_, "owner");
    const std::string& organization = plan_.context().caller.organization;
    const std::string own = "Organization/" + organization;
    bool requester_signed = organization.empty() || own == requester;
    bool owner_signed = organization.empty() || own == owner;
    const NodeIndex list = task_.Ensure(0, "extension");
    for (fhir::Node item = fhir::Node(&task_, list).first_child(); item; item = item.next()) {
      if (item.TextAt("url") != kSignatureUrl) continue;
      const std::string_view who = item.Member("valueReference").TextAt("reference");
      requester_signed = requester_signed || who == requester;
      owner_signed = owner_signed || who == owner;
      if (who == own) return requester_signed && owner_signed;  // signed before
    }
    const NodeIndex extension = task_.AddItem(list, NodeKind::kObject);
    task_.AddMember(extension, "url", NodeKind::kString, kSignatureUrl);
    SetReference(task_, extension, "valueReference", organization.empty() ? owner : own);
    return requester_signed && owner_signed;
  }

  base::Result<base::Done> Apply(const Edge& edge) {
    if ((edge.effects & kNeedsAgreement) != 0) HEYI_CHECK(NeedAgreement());
    if ((edge.effects & kNeedsDocument) != 0) HEYI_CHECK(NeedDocument());
    if ((edge.effects & kNeedsReason) != 0) HEYI_CHECK(NeedReason());
    if ((edge.effects & kHoldBed) != 0) HEYI_CHECK(Hold());
    if ((edge.effects & kReleaseHold) != 0) HEYI_CHECK(ReleaseHold(plan_, task_id_));
    if ((edge.effects & kOccupyBed) != 0) HEYI_CHECK(Admit());
    if ((edge.effects & kCloseOthers) != 0) HEYI_CHECK(CloseOthers());
    if ((edge.effects & kCompleteRequest) != 0) HEYI_CHECK(EndRequest("completed"));
    if ((edge.effects & kRevokeRequest) != 0) HEYI_CHECK(EndRequest("revoked"));
    return base::Done{};
  }

  bool emergency() const {
    const std::string_view priority = request_.root().TextAt("priority");
    return priority == "stat" || priority == "asap";
  }

  base::Result<base::Done> NeedAgreement() {
    if (emergency()) return base::Done{};
    const std::string requester = ReferenceAt(task_, "requester"), owner = ReferenceAt(task_, "owner");
    HEYI_TRY(contracts, Search(plan_, "Contract", {{"status", "executed"}, {"subject", requester}}, kCandidatesMax));
    for (const std::string& id : contracts) {
      HEYI_TRY(contract, plan_.Find(TypeNamed(plan_, "Contract"), id));
      if (contract && NamesParty(contract->tree, owner) && InForce(contract->tree)) return base::Done{};
    }
    return Error(ErrorKind::kInvalid, "care.no-agreement", {}, fmt::format("{}, {}", requester, owner));
  }

  static bool NamesParty(const fhir::Tree& contract, std::string_view party) {
    const fhir::Node subjects = contract.root().Member("subject");
    if (!subjects) return false;
    for (fhir::Node subject = subjects.first_child(); subject; subject = subject.next()) {
      if (subject.TextAt("reference") == party) return true;
    }
    return false;
  }

  bool InForce(const fhir::Tree& contract) const {
    const fhir::Node applies = contract.root().Member("applies");
    if (!applies) return true;
    const base::TimeMs now_ms = plan_.context().clock.NowMs();
    const auto start = fhir::DateInterval(applies.TextAt("start"));
    const auto end = fhir::DateInterval(applies.TextAt("end"));
    return (!start || start->low <= now_ms) && (!end || now_ms < end->high);
  }

  base::Result<base::Done> NeedDocument() {
    const std::string document(ParameterText(parameters_, "document"));
    if (document.empty()) return Missing("document");
    HEYI_TRY(found, plan_.Find(TypeNamed(plan_, "DocumentReference"), IdOfReference(document, "DocumentReference")));
    if (!found || ReferenceAt(found->tree, "subject") != elder_) return Error(ErrorKind::kInvalid, "care.document", {}, document);
    const NodeIndex inputs = task_.Ensure(0, "input");
    const NodeIndex input = task_.AddItem(inputs, NodeKind::kObject);
    SetConcept(task_, input, "type", kReferralStateSystem, "transfer-document");
    SetReference(task_, input, "valueReference", document);
    return base::Done{};
  }

  base::Result<base::Done> NeedReason() {
    const std::string reason(ParameterText(parameters_, "reason"));
    for (std::string_view known : kReasons) {
      if (reason != known) continue;
      SetConcept(task_, 0, "statusReason", kReasonSystem, reason);
      return base::Done{};
    }
    return Error(ErrorKind::kInvalid, "care.reason");
  }

  base::Result<base::Done> Hold() {
    const std::string owner = ReferenceAt(task_, "owner");
    std::string bed(ParameterText(parameters_, "location"));
    if (bed.empty()) {
      HEYI_TRY(kept, TakeBackKeptBed(plan_, elder_, owner, plan_.context().clock.NowMs()));
      bed = std::move(kept);
    }
    if (FindBedKind(kind_)->inventory && bed.empty()) {
      HEYI_TRY(free, FindFreeBed(plan_, owner, kind_));
      bed = std::move(free);
    }
    const base::TimeMs until_ms = plan_.context().clock.NowMs() + rules_.hold_ms;
    HEYI_CHECK(HoldBed(plan_, {task_id_, bed, kind_, elder_, "ServiceRequest/" + std::string(request_.id()), owner}, until_ms));
    const NodeIndex outputs = task_.Ensure(0, "output");
    const NodeIndex output = task_.AddItem(outputs, NodeKind::kObject);
    SetConcept(task_, output, "type", kReferralStateSystem, "hold");
    SetReference(task_, output, "valueReference", "Encounter/" + HoldId(task_id_));
    return base::Done{};
  }

  base::Result<base::Done> Admit() {
    const std::string encounter(ParameterText(parameters_, "encounter"));
    base::TimeMs at_ms = plan_.context().clock.NowMs();
    if (const auto time = fhir::DateInterval(ParameterText(parameters_, "time"))) at_ms = time->low;
    // A care home keeps the bed of an elder who is in hospital or in a hospice; every other source stay ends.
    const bool keep_bed = kind_ == "hospital" || kind_ == "hospice";
    const std::string stays_open = encounter.empty() ? HoldId(task_id_) : std::string(IdOfReference(encounter, "Encounter"));
    if (FindBedKind(kind_)->inventory) HEYI_CHECK(LeaveOtherStays(plan_, elder_, stays_open, keep_bed, at_ms));
    return OccupyBed(plan_, task_id_, encounter, at_ms);
  }

  base::Result<base::Done> CloseOthers() {
    HEYI_TRY(tasks, Search(plan_, "Task", {{"focus", "ServiceRequest/" + std::string(request_.id())}}, kCandidatesMax));
    for (const std::string& id : tasks) {
      if (id == task_id_) continue;
      HEYI_TRY(other, plan_.Find(TypeNamed(plan_, "Task"), id));
      if (!other || other->tree.root().Member("code")) continue;
      const State state{other->tree.root().TextAt("status"), CodeOf(other->tree.root().Member("businessStatus"), kReferralStateSystem)};
      const Edge* edge = FindEdge("E16", state);
      if (edge == nullptr) continue;
      if ((edge->effects & kReleaseHold) != 0) HEYI_CHECK(ReleaseHold(plan_, id));
      SetState(other->tree, edge->to);
      HEYI_TRY(put, plan_.Write(std::move(other->tree)));
      static_cast<void>(put);
    }
    return base::Done{};
  }

  base::Result<base::Done> EndRequest(std::string_view status) {
    SetText(request_, 0, "status", status);
    HEYI_TRY(put, plan_.Write(request_.Clone()));
    static_cast<void>(put);
    return base::Done{};
  }

  void SetState(fhir::Tree& task, const State& state) const {
    const std::string status(state.status), business(state.business);
    SetText(task, 0, "status", status);
    if (business.empty()) {
      RemoveMember(task, 0, "businessStatus");
    } else {
      SetConcept(task, 0, "businessStatus", kReferralStateSystem, business);
    }
    SetText(task, 0, "lastModified", base::FormatInstant(plan_.context().clock.NowMs()));
  }

  base::Result<OperationAnswer> Write(const State& to) {
    SetState(task_, to);
    if (const std::string note(ParameterText(parameters_, "note")); !note.empty()) {
      const NodeIndex notes = task_.Ensure(0, "note");
      const NodeIndex entry = task_.AddItem(notes, NodeKind::kObject);
      task_.AddMember(entry, "text", NodeKind::kString, note);
    }
    OperationAnswer answer;
    HEYI_TRY(put, plan_.Write(std::move(task_)));
    answer.written = put;
    return answer;
  }

  Plan& plan_;
  const fhir::Tree& parameters_;
  const Rules& rules_;
  std::string task_id_;
  fhir::Tree task_;
  fhir::Tree request_;
  std::string elder_, kind_;
  bool created_ = false;
};

class TransitionOperation : public interaction::Operation {
 public:
  explicit TransitionOperation(const Rules& rules) : rules_(rules) {}
  std::string_view name() const override { return "transition"; }
  std::string_view definition() const override { return "https://heyi.example/fhir/OperationDefinition/referral-transition"; }
  std::string_view type() const override { return "Task"; }
  unsigned levels() const override {
    return static_cast<unsigned>(interaction::Level::kType) | static_cast<unsigned>(interaction::Level::kInstance);
  }
  bool changes() const override { return true; }

  base::Result<OperationAnswer> Run(Plan& plan, const OperationCall& call) const override {
    if (call.parameters == nullptr || call.parameters->type()->name != "Parameters") {
      return Error(ErrorKind::kMalformed, "interaction.parameters", {}, "a Parameters resource is needed");
    }
    Transition transition(plan, *call.parameters, rules_);
    return call.id.empty() ? transition.Create() : transition.Move(call.id);
  }

 private:
  const Rules rules_;
};

}  // namespace

std::unique_ptr<interaction::Operation> MakeTransition(const Rules& rules) { return std::make_unique<TransitionOperation>(rules); }

}  // namespace heyi::care
